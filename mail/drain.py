"""Hand over, send, settle: the whole of the sending loop.

A sub-batch is committed as handed before its first byte goes out, and no transaction is open while it goes. Killed
anywhere, nobody is missed: what was handed and never settled comes back when its lease ends, and at most one sub-batch
a worker can repeat, with the same Message-ID.
"""

import datetime
import time
import uuid
from collections.abc import Iterable, Sequence

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from mail import smtp
from mail.models import Delivery, Lane, Mailout
from mail.smtp import Outcome

State = Delivery.State
TRIES = 10  # with the gaps of `retry_gap`: for more than four hours


def drain(*lanes: Lane, seconds: float = 20) -> int:
    """Send what is owed in these lanes (in all, when none is named) until it is dry or time is up. Returns how many."""
    until, sent = time.monotonic() + seconds, 0
    while time.monotonic() < until and (batch := hand_over(*lanes)):
        settle(smtp.send(batch))
        sent += len(batch)
    Mailout.objects.close_finished()
    return sent


def hand_over(*lanes: Lane) -> Sequence[Delivery]:
    """Commit one sub-batch as handed, with a lease that only we hold, and return it."""
    lease = uuid.uuid4()
    with transaction.atomic():
        owed = Delivery.objects.owed().lane(*(lanes or Lane)).order_by("mailout__lane", "due_at", "pk")
        # SKIP LOCKED where the database has it; SQLite's one writer needs no locks.
        rows = owed.select_for_update(skip_locked=True, of=("self",)).values_list("pk", flat=True)
        chosen = Delivery.objects.filter(pk__in=list(rows[: settings.MAIL_BATCH]))
        chosen.suppress()
        chosen.filter(state=State.PENDING).update(
            state=State.HANDED, lease=lease, lease_until=_lease_end(), attempts=F("attempts") + 1
        )
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
    """Heal: bring back what is due again, decide what a dead sender left, close what is finished."""
    Delivery.objects.returning().update(state=State.PENDING)
    for delivery in Delivery.objects.overdue().select_related("mailout")[:1000]:
        _settle_refused(Outcome(delivery, State.UNCERTAIN, "its sender died"))
    Mailout.objects.close_finished()


def retry_gap(attempts: int) -> datetime.timedelta:
    """How long to wait after this many tries: doubling from a minute to an hour."""
    return datetime.timedelta(seconds=min(60 * 2 ** (attempts - 1), 3600))


def _settle_refused(outcome: Outcome) -> None:
    delivery, state, now = outcome.delivery, outcome.state, timezone.now()
    if state == State.UNCERTAIN and _sends_again(delivery):
        state = State.DEFERRED
    if state == State.DEFERRED and delivery.attempts >= TRIES:
        state = State.REJECTED
    due_at = now + retry_gap(delivery.attempts) if state == State.DEFERRED else delivery.due_at
    rows = Delivery.objects.filter(pk=delivery.pk, state=State.HANDED, lease=delivery.lease)
    rows.update(state=state, code=outcome.code, due_at=due_at, settled_at=now, lease_until=None)


def _sends_again(delivery: Delivery) -> bool:
    """A mail that may or may not have gone: a confirmation is sent again, bulk mail once only."""
    return delivery.attempts < (TRIES if delivery.mailout.lane == Lane.NOW else 2)


def _lease_end() -> datetime.datetime:
    return timezone.now() + datetime.timedelta(seconds=settings.MAIL_LEASE_SECONDS)
