"""How far a mailout is: for the people who watch it."""

import datetime
import math
from dataclasses import dataclass
from typing import Self

from django.utils import timezone

from mail.models import Delivery, Mailout


@dataclass
class Progress:
    """The numbers of a mailout at one moment. `rate` is in mails a second, over the last minute."""

    prepared: int
    states: dict[str, int]
    rate: float

    @classmethod
    def of(cls, mailout: Mailout) -> Self:
        """Now, in two queries."""
        since = timezone.now() - datetime.timedelta(minutes=1)
        settled = mailout.deliveries.filter(settled_at__gte=since).count()
        return cls(mailout.prepared, mailout.count_states(), settled / 60)

    @property
    def open(self) -> int:
        """How many are still to be sent, or sent again."""
        return sum(self.states.get(state, 0) for state in Delivery.OPEN)

    @property
    def closed(self) -> int:
        return self.prepared - self.open

    @property
    def minutes_left(self) -> int | None:
        """At this rate, rounded up; None when nothing moves."""
        return math.ceil(self.open / self.rate / 60) if self.rate else None

    @property
    def rows(self) -> list[tuple[Delivery.State, int]]:
        """Every state that there is, with its count, in the order of a mail's life."""
        return [(state, self.states[state]) for state in Delivery.State if self.states.get(state)]
