"""Hand over, send, settle: the whole of the sending loop.

A sub-batch is committed as handed before its first byte goes out, and no transaction is open while it goes. Killed
anywhere, nobody is missed: what was handed and never settled comes back when its lease ends, and at most one sub-batch
a worker can repeat, with the same Message-ID.
"""

import datetime
import time
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from mail import smtp
from mail.models import TRIES, Delivery, Lane, Mailout
from mail.smtp import Outcome

State = Delivery.State
UNCERTAIN = "uncertain"  # how the code of a try begins whose end we do not know


def drain(*lanes: Lane, seconds: float = 20) -> int:
    """Send what is owed in these lanes (in all, when none is named) until it is dry or time is up. Returns how many."""
    until, sent = time.monotonic() + seconds, 0
    while time.monotonic() < until and (batch := hand_over(*lanes)):
        settle(smtp.send(batch))
        sent += len(batch)
    Mailout.objects.close_finished()
    return sent


def hand_over(*lanes: Lane) -> Sequence[Delivery]:
    """Commit one sub-batch as handed, with a lease that only we hold, and return it. Empty when nothing is owed."""
    lease, found, claimed = uuid.uuid4(), True, 0
    while found and not claimed:  # a sub-batch of which all was suppressed is not the end
        found, claimed = _claim(lease, *lanes)
    handed = Delivery.objects.filter(lease=lease, state=State.HANDED).select_related("mailout")
    batch = list(handed.order_by("mailout__lane", "pk"))
    started = {delivery.mailout_id for delivery in batch if delivery.mailout.state == Mailout.State.READY}
    Mailout.objects.filter(pk__in=started, state=Mailout.State.READY).update(state=Mailout.State.SENDING)
    return batch


def settle(outcomes: Iterable[Outcome]) -> None:
    """Write down what became of a sub-batch: one UPDATE for all that were accepted, one for each that was not.

    Guarded by state and lease: a sender that wakes after its lease was taken writes nothing.
    """
    accepted = []
    for outcome in outcomes:
        if outcome.state == State.ACCEPTED:
            accepted.append(outcome.delivery)
        else:
            _settle_refused(outcome)
    if accepted:
        rows = Delivery.objects.filter(pk__in=[row.pk for row in accepted], state=State.HANDED, lease=accepted[0].lease)
        rows.update(state=State.ACCEPTED, settled_at=timezone.now(), lease_until=None)


def sweep() -> None:
    """Heal: bring back what is due again and what a dead sender left, take out what was called off, close."""
    Delivery.objects.called_off().cancel()
    Delivery.objects.returning().update(state=State.PENDING)
    # Its lease was its wait. Most of what a dead sender held never left: bulk mail comes back too, with its one repeat.
    died = {"code": "its sender died", "settled_at": timezone.now(), "lease_until": None}
    Delivery.objects.overdue().filter(attempts__gte=TRIES).update(state=State.UNCERTAIN, **died)
    Delivery.objects.overdue().update(state=State.PENDING, **died)
    Mailout.objects.close_finished()


def retry_gap(attempts: int) -> datetime.timedelta:
    """How long to wait after this many tries: doubling from a minute to an hour."""
    return datetime.timedelta(seconds=min(60 * 2 ** (attempts - 1), 3600))


def _claim(lease: uuid.UUID, *lanes: Lane) -> tuple[bool, int]:
    """Whether a row was owed, and how many are handed over now: those that nobody asked us to stop."""
    with transaction.atomic():
        owed = Delivery.objects.owed().lane(*(lanes or Lane)).order_by("mailout__lane", "due_at", "pk")
        # SKIP LOCKED where the database has it; SQLite's one writer needs no locks.
        rows = owed.select_for_update(skip_locked=True, of=("self",)).values_list("pk", flat=True)
        found = list(rows[: settings.MAIL_BATCH])
        chosen = Delivery.objects.filter(pk__in=found)
        chosen.suppress()
        claimed = chosen.filter(state=State.PENDING).update(
            state=State.HANDED, lease=lease, lease_until=_lease_end(), attempts=F("attempts") + 1
        )
    return bool(found), claimed


def _settle_refused(outcome: Outcome) -> None:
    delivery, state, code, now = outcome.delivery, outcome.state, outcome.code, timezone.now()
    if state == State.UNCERTAIN:
        code = f"{UNCERTAIN}: {code}"[:200]
        state = State.DEFERRED if _sends_again(delivery) else State.UNCERTAIN
    elif state == State.DEFERRED and delivery.attempts >= TRIES:
        state = State.REJECTED
    again: dict[str, Any] = {}
    if state == State.DEFERRED:
        again = {"due_at": now + retry_gap(delivery.attempts)}
    elif state == State.PENDING:  # nobody tried
        again = {"attempts": F("attempts") - 1}
    rows = Delivery.objects.filter(pk=delivery.pk, state=State.HANDED, lease=delivery.lease)
    rows.update(state=state, code=code, settled_at=now, lease_until=None, **again)


def _sends_again(delivery: Delivery) -> bool:
    """A mail that may or may not have gone: a confirmation is sent again, bulk mail once only."""
    before = delivery.code.startswith(UNCERTAIN)
    return delivery.attempts < TRIES and (delivery.mailout.lane == Lane.NOW or not before)


def _lease_end() -> datetime.datetime:
    return timezone.now() + datetime.timedelta(seconds=settings.MAIL_LEASE_SECONDS)
