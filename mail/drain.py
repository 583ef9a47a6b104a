"""Hand over, send, settle: the whole of the sending loop.

A sub-batch is committed as handed before its first byte goes out, and no transaction is open while it goes. Killed
anywhere, nobody is missed: what was handed and never settled comes back when its lease ends, and at most one sub-batch
a connection can repeat, with the same Message-ID.
"""

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from mail import pipeline, provider, smtp
from mail.handover import Trail, hand_over
from mail.models import TRIES, Delivery, Lane, Mailout
from mail.settlement import settle
from mail.smtp import Outcome
from postbag import statements

State = Delivery.State


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
    statements.plan_anew()
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

    try:
        _sender()(batches(), settle_and_leave)
    finally:
        WINDOW.leave(held)
    Mailout.objects.close_finished()
    return sent


def _sender() -> Callable[[Iterable[Sequence[Delivery]], Callable[[Iterable[Outcome]], None]], None]:
    """What sends: by the protocol, through a provider's API, or through another of Django's backends."""
    if settings.EMAIL_BACKEND == "django.core.mail.backends.smtp.EmailBackend":
        return pipeline.send
    return provider.send if provider.is_used() else smtp.send


def sweep() -> None:
    """Heal: bring back what is due again and what a dead sender left, take out what was called off, close."""
    Delivery.objects.called_off().cancel()
    Delivery.objects.returning().update(state=State.PENDING)
    # Its lease was its wait. Most of what a dead sender held never left: bulk mail comes back too, with its one repeat.
    died = {"code": "its sender died", "settled_at": timezone.now(), "lease_until": None}
    # No join: an UPDATE with one has all its conditions in a subquery, and would overwrite what is settled meanwhile.
    bulk = Q(mailout__in=Mailout.objects.exclude(lane=Lane.NOW)) if settings.MAIL_HOLD_UNCERTAIN else Q()
    for_a_person = Q(attempts__gte=TRIES) | bulk
    Delivery.objects.overdue().filter(for_a_person).update(state=State.UNCERTAIN, **died)
    Delivery.objects.overdue().update(state=State.PENDING, **died)
    Mailout.objects.close_finished()
