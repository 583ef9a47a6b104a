"""Hand over, send, settle: the whole of the sending loop.

A sub-batch is committed as handed before its first byte goes out, and no transaction is open while it goes. What is
done at the same moment is settled together, and who is free at the same moment is handed more together. Killed
anywhere, nobody is missed: what was handed and never settled comes back when its lease ends, and at most one sub-batch
a connection can repeat, with the same Message-ID.
"""

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from itertools import chain

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
More = Callable[[int], list[Sequence[Delivery]]]  # at most so many sub-batches; none ends the sending
Settle = Callable[..., None]  # takes the outcomes of one or more of them


class Window:
    """The sub-batches that this process has in its hands, over all slices at once: what a kill of it can repeat."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held = 0

    def enter(self, count: int) -> int:
        """Take so many more, or fewer, for POSTBAG_MAIL_CONNECTIONS are held at most. Returns how many.

        At none, those who hold them look for more themselves.
        """
        with self._lock:
            room = max(0, min(count, settings.MAIL_CONNECTIONS - self._held))
            self._held += room
        return room

    def leave(self, count: int) -> None:
        with self._lock:
            self._held -= count


WINDOW = Window()


def drain(*lanes: Lane, seconds: float = 20) -> int:
    """Send what is owed in these lanes (in all, when none is named) until it is dry or time is up. Returns how many."""
    statements.plan_anew()
    until, sent, held, trail = time.monotonic() + seconds, 0, 0, Trail()
    size = settings.MAIL_BATCH

    def more(count: int) -> list[Sequence[Delivery]]:
        nonlocal sent, held
        room = WINDOW.enter(count) if time.monotonic() < until else 0
        held += room
        handed = hand_over(*lanes, trail=trail, batches=room) if room else []
        batches = [handed[start : start + size] for start in range(0, len(handed), size)]
        leave(room - len(batches))
        sent += len(handed)
        return batches

    def settle_and_leave(*batches: Iterable[Outcome]) -> None:
        settle(chain.from_iterable(batches))
        leave(len(batches))

    def leave(count: int) -> None:
        nonlocal held
        held -= count
        WINDOW.leave(count)

    try:
        _sender()(more, settle_and_leave)
    finally:
        WINDOW.leave(held)
    Mailout.objects.close_finished()
    return sent


def _sender() -> Callable[[More, Settle], None]:
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
