"""What is sent in one go on one connection: the sub-batch that the ledger handed over."""

import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from mail.models import Delivery
from mail.outcome import About, Outcome

State = Delivery.State
LONGEST = 150  # seconds that a sub-batch is kept at most: a worker that is told to stop waits for it


@dataclass(eq=False, slots=True)
class Item:
    """One mail to send. `content` makes the message, with CRLF line ends, once its turn has come.

    Without `has_dots`, it is known that no line of it begins with one: to look for them takes 3 µs a mail.
    """

    delivery: Delivery
    sender: str
    recipient: str
    content: Callable[[], bytes]
    has_dots: bool = True


class Batch:
    """A sub-batch: its items are taken one after the other, and each gets one Outcome.

    After `seconds` no item is begun, unless its lease is renewed: somebody else may be given what is left, so it goes
    back as pending.
    """

    def __init__(self, items: Iterable[Item], seconds: float) -> None:
        self.outcomes: list[Outcome] = []
        self._waiting = deque(items)
        self.size = len(self._waiting)
        self.deliveries = [item.delivery for item in self._waiting]
        self._ends = time.monotonic() + seconds
        self._latest = time.monotonic() + LONGEST

    @property
    def is_done(self) -> bool:
        return len(self.outcomes) == self.size

    @property
    def is_late(self) -> bool:
        return time.monotonic() > self._ends

    def keep_until(self, moment: float) -> None:
        """Its lease was renewed; `moment` is of the monotonic clock."""
        self._ends = min(moment, self._latest)

    def take(self) -> Item | None:
        """The next item, or None when none is left, or time is up."""
        if self.is_late:
            self.end(State.PENDING)
        return self._waiting.popleft() if self._waiting else None

    def give_back(self, item: Item) -> None:
        """Nothing of it was sent that counts: it is the next again."""
        self._waiting.appendleft(item)

    def report(self, item: Item, state: Delivery.State, code: str = "", about: About = About.RECIPIENT) -> None:
        self.outcomes.append(Outcome(item.delivery, state, code, about))

    def end(self, state: Delivery.State, code: str = "", about: About = About.RECIPIENT) -> None:
        """Report the same of all that nobody has taken."""
        while self._waiting:
            self.report(self._waiting.popleft(), state, code, about)
