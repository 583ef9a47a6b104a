"""Circuit breakers: a domain, a sender or the relay that fails again and again is left alone for a while.

After FAILURES in a row its breaker opens: no mail is handed over for it. When its time is over, one mail is tried, the
canary. If that is taken the breaker closes; if not, the next wait is twice as long. A sender is one of our blogs whom
the relay refuses, which says nothing of the others. The relay's own opens at once when it is not there, or wants us
never; one that has no connection free now may be busy with those of another worker.
"""

import datetime
import logging
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from mail.domains import RELAY, SENDER, Domain, domain_of, sender_of
from mail.models import Delivery
from mail.smtp import About, Outcome

log = logging.getLogger(__name__)
State = Delivery.State
FAILURES = 5  # in a row
FOR_NOW = re.compile(r"4\d\d ")
FOR_EVER = re.compile(r"5\d\d ")


def retry_gap(times: int) -> datetime.timedelta:
    """How long to wait after failing this many times: doubling, by default from a minute to an hour."""
    return datetime.timedelta(seconds=settings.MAIL_RETRY_SECONDS * min(2 ** (times - 1), 60))


def learn(outcomes: Sequence[Outcome]) -> None:
    """Count what a sub-batch says of the relay and of its recipients' domains; open and close their breakers."""
    if all(outcome.state == State.ACCEPTED and not outcome.delivery.watched for outcome in outcomes):
        return
    heard: dict[str, list[Outcome]] = defaultdict(list)
    away = [outcome for outcome in outcomes if outcome.about is About.SERVER]  # it refused them all with one answer
    for outcome in [*away[:1], *(outcome for outcome in outcomes if outcome.about is not About.SERVER)]:
        for name in (RELAY, sender_of(outcome.delivery.mailout.sender), domain_of(outcome.delivery.address)):
            if is_well(name, outcome) is not None:
                heard[name].append(outcome)
    news = {name for name in heard if not all(is_well(name, outcome) for outcome in heard[name])}
    known = Domain.objects.failing().filter(name__in=heard).values_list("name", flat=True)
    for name in sorted(news.union(known)):
        _hear(name, heard[name])


def is_well(name: str, outcome: Outcome) -> bool | None:
    """Whether this outcome says that the domain, the sender or the relay works; None when it says nothing of it."""
    if outcome.about is About.SERVER:
        return False if name == RELAY else None
    if outcome.about is About.SENDER:
        return _is_well_by_refusal(name, outcome)
    answered = outcome.state == State.ACCEPTED or FOR_EVER.match(outcome.code)
    if FOR_NOW.match(outcome.code) and outcome.state == State.DEFERRED:
        # The relay passes on, or decides, what is about a recipient: so it works, and it took the sender.
        return name == RELAY or name.startswith(SENDER)
    return True if answered else None


def _is_well_by_refusal(name: str, outcome: Outcome) -> bool | None:
    """Of whom a refused sender says something: of itself, unless the relay ended the conversation, with 421 or none."""
    refused = FOR_NOW.match(outcome.code) or FOR_EVER.match(outcome.code)
    if refused and not outcome.code.startswith("421"):
        return name == RELAY if name == RELAY or name.startswith(SENDER) else None
    return False if name == RELAY and outcome.state == State.DEFERRED else None


def _hear(name: str, outcomes: Iterable[Outcome]) -> None:
    with transaction.atomic():
        domain = Domain.objects.select_for_update().filter(name=name).first() or Domain(name=name)
        before = (domain.failures, domain.open_until)
        for outcome in outcomes:
            if domain.open_until is None:
                _count(domain, outcome)
            elif outcome.delivery.canary == name:  # others were under way when it opened
                _judge(domain, outcome)
        if before != (domain.failures, domain.open_until):
            _write(domain)


def _count(domain: Domain, outcome: Outcome) -> None:
    """While it is closed."""
    domain.failures = 0 if is_well(domain.name, outcome) else domain.failures + 1
    if outcome.about is About.SERVER and not FOR_NOW.match(outcome.code):
        domain.failures = FAILURES
    if domain.failures >= FAILURES:
        _open(domain)


def _judge(domain: Domain, canary: Outcome) -> None:
    """While it is open."""
    if is_well(domain.name, canary):
        domain.failures, domain.open_until = 0, None
    else:
        domain.failures += 1
        _open(domain)


def _open(domain: Domain) -> None:
    domain.open_until = timezone.now() + retry_gap(domain.failures - FAILURES + 1)
    what = "the mail server" if domain.is_relay else "a sender" if domain.sender else "a recipients' domain"
    log.warning("%s failed %s times: it is left alone until %s", what, domain.failures, domain.open_until)


def _write(domain: Domain) -> None:
    """Two who hear of a new domain at once would both insert it: then one counts for both."""
    if domain.pk:
        domain.save(update_fields=["failures", "open_until", "changed_at"])
    else:
        Domain.objects.bulk_create([domain], ignore_conflicts=True)
