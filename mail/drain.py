"""Hand over, send, settle: the whole of the sending loop.

A sub-batch is committed as handed before its first byte goes out, and no transaction is open while it goes. Killed
anywhere, nobody is missed: what was handed and never settled comes back when its lease ends, and at most one sub-batch
a connection can repeat, with the same Message-ID.
"""

import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import F
from django.utils import timezone

from mail import breakers, pipeline, smtp, statements
from mail.breakers import retry_gap
from mail.handover import Trail, hand_over
from mail.models import TRIES, Delivery, Lane, Mailout
from mail.smtp import About, Outcome

State = Delivery.State
# By number: to look for the state in its index would mean to pass by all that was handed before, until it is vacuumed.
SETTLE = """
    UPDATE mail_delivery SET state = 'accepted', settled_at = %s, lease_until = NULL
    WHERE id {} AND state || '' = 'handed' AND lease = %s
"""
UNCERTAIN = "uncertain"  # how the code of a try begins whose end we do not know


class Window:
    """The sub-batches that this process has in its hands, over all slices at once: what a kill of it can repeat."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held = 0

    def enter(self) -> bool:
        """Take one more. False when POSTBAG_MAIL_CONNECTIONS are held: those who hold them look for more themselves."""
        with self._lock:
            free = self._held < settings.MAIL_CONNECTIONS
            self._held += free
        return free

    def leave(self, count: int = 1) -> None:
        with self._lock:
            self._held -= count


WINDOW = Window()


def drain(*lanes: Lane, seconds: float = 20) -> int:
    """Send what is owed in these lanes (in all, when none is named) until it is dry or time is up. Returns how many."""
    until, sent, held, trail = time.monotonic() + seconds, 0, 0, Trail()

    def batches() -> Iterator[Sequence[Delivery]]:
        nonlocal sent, held
        while time.monotonic() < until and WINDOW.enter():
            held += 1
            if not (batch := hand_over(*lanes, trail=trail)):
                leave()
                return
            sent += len(batch)
            yield batch

    def settle_and_leave(outcomes: Iterable[Outcome]) -> None:
        settle(outcomes)
        leave()

    def leave() -> None:
        nonlocal held
        held -= 1
        WINDOW.leave()

    by_protocol = settings.EMAIL_BACKEND == "django.core.mail.backends.smtp.EmailBackend"
    try:
        (pipeline.send if by_protocol else smtp.send)(batches(), settle_and_leave)
    finally:
        WINDOW.leave(held)
    Mailout.objects.close_finished()
    return sent


def settle(outcomes: Iterable[Outcome]) -> None:
    """Write down what became of a sub-batch: one UPDATE for all that were accepted, one for each that was not.

    Guarded by state and lease: a sender that wakes after its lease was taken writes nothing.
    """
    accepted, all_of_it = [], []
    for outcome in outcomes:
        all_of_it.append(outcome)
        if outcome.state == State.ACCEPTED:
            accepted.append(outcome.delivery)
        else:
            _settle_refused(outcome)
    if accepted:
        _settle_accepted(accepted)
    breakers.learn(all_of_it)


def sweep() -> None:
    """Heal: bring back what is due again and what a dead sender left, take out what was called off, close."""
    Delivery.objects.called_off().cancel()
    Delivery.objects.returning().update(state=State.PENDING)
    # Its lease was its wait. Most of what a dead sender held never left: bulk mail comes back too, with its one repeat.
    died = {"code": "its sender died", "settled_at": timezone.now(), "lease_until": None}
    Delivery.objects.overdue().filter(attempts__gte=TRIES).update(state=State.UNCERTAIN, **died)
    Delivery.objects.overdue().update(state=State.PENDING, **died)
    Mailout.objects.close_finished()


def _settle_accepted(deliveries: Sequence[Delivery]) -> None:
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    lease = Delivery._meta.get_field("lease").get_db_prep_value(deliveries[0].lease, connection)
    numbers: list[Any] = [delivery.pk for delivery in deliveries]
    is_array = connection.vendor == "postgresql"
    with statements.cursor() as cursor:
        sql = SETTLE.format("= ANY (%s::bigint[])" if is_array else f"IN ({', '.join(['%s'] * len(numbers))})")
        cursor.execute(sql, [now, *([numbers] if is_array else numbers), lease])


def _settle_refused(outcome: Outcome) -> None:
    delivery, state, now = outcome.delivery, outcome.state, timezone.now()
    code = outcome.code.replace("\0", "")  # PostgreSQL stores none
    if state == State.UNCERTAIN:
        code = f"{UNCERTAIN}: {code}"
        state = State.DEFERRED if _sends_again(delivery) else State.UNCERTAIN
    elif state == State.DEFERRED and delivery.attempts >= TRIES and outcome.about is not About.SERVER:
        state = State.REJECTED
    again: dict[str, Any] = {}
    if state == State.DEFERRED:
        again = {"due_at": now + retry_gap(delivery.attempts)}
    if state == State.PENDING or outcome.about is About.SERVER:  # nobody tried
        again["attempts"] = F("attempts") - 1
    rows = Delivery.objects.filter(pk=delivery.pk, state=State.HANDED, lease=delivery.lease)
    rows.update(state=state, code=code[:200], settled_at=now, lease_until=None, **again)


def _sends_again(delivery: Delivery) -> bool:
    """A mail that may or may not have gone: a confirmation is sent again, bulk mail once only."""
    before = delivery.code.startswith(UNCERTAIN)
    return delivery.attempts < TRIES and (delivery.mailout.lane == Lane.NOW or not before)
