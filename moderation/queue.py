"""The lists of the desk: what is on each tab, and in which order."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from moderation import spam
from moderation.models import Comment, CommentQuerySet
from moderation.narrowing import MANY
from moderation.roles import LEAD, SEE

Lister = Callable[[CommentQuerySet], CommentQuerySet]
Words = str | Promise


@dataclass(frozen=True)
class Tab:
    """One list: its address's name, heading, the words when it is empty, what stands on it and in which order."""

    url: str
    heading: Words
    empty: Words
    lists: Lister
    order: tuple[str, ...]
    permission: str = SEE
    waits: bool = False  # whether all that stands on it is pending

    @property
    def has_outcomes(self) -> bool:
        """Whether what stands on it was decided one way or another."""
        return self.order == LATEST

    @property
    def has_promise(self) -> bool:
        """Whether the clock runs against the promise for what stands on it."""
        return self.order in {WAITING, HANDED_ON}


Queries = CommentQuerySet
WAITING = ("due_at", "confirmed_at", "pk")  # the oldest promise first; without one, the longest waiting
HANDED_ON = ("escalated_at", "pk")
ASKED = ("made_at", "pk")
LATEST = ("-decided_at", "-pk")
TABS = {
    "queue": Tab(
        "desk", _("Awaiting a decision"), _("No comment awaits a decision."), Queries.queue, WAITING, waits=True
    ),
    "held": Tab(
        "desk-held", _("Held by a rule"), _("No rule holds a comment."), Queries.held_in_queue, WAITING, waits=True
    ),
    "spam": Tab(
        "desk-spam",
        _("Likely spam"),
        _("Nothing looks like spam."),
        lambda seen: likely_spam(seen),
        WAITING,
        waits=True,
    ),
    "published": Tab(
        "desk-published",
        _("Published, to be looked at"),
        _("Nothing was published that nobody has looked at."),
        Queries.unseen,
        WAITING,
    ),
    "reported": Tab(
        "desk-reported", _("Reported"), _("No reader has reported a comment."), Queries.reported, ("-weight", "pk")
    ),
    "edits": Tab("desk-edits", _("Edits"), _("No edit awaits a decision."), Queries.with_edits, ASKED),
    "appeals": Tab("desk-appeals", _("Appeals"), _("No appeal awaits an answer."), Queries.appealed, ASKED),
    "proposed": Tab(
        "desk-proposed", _("Awaiting a second person"), _("Nothing awaits a second person."), Queries.proposed, ASKED
    ),
    "escalated": Tab(
        "desk-escalated",
        _("Escalated"),
        _("Nothing is with the leads."),
        Queries.escalated,
        HANDED_ON,
        LEAD,
    ),
    "decided": Tab("desk-decided", _("Decided"), _("Nothing has been decided yet."), Queries.decided, LATEST),
}

UNCOUNTED = ["decided", "proposed"]  # one never ends; for the other all that was ever proposed is read: 18 ms for 5,000


def count(comments: CommentQuerySet) -> str:
    """How many, up to a thousand: a list needs no more, and a million take long to count."""
    return _words(comments.order_by()[: MANY + 1].count())


def counts(seen: CommentQuerySet, known: dict[str, int | None]) -> dict[str, str]:
    """How many stand on each tab that all may see, but for the UNCOUNTED; `known` ones are not asked."""
    shown = {name: tab for name, tab in TABS.items() if name not in UNCOUNTED and tab.permission == SEE}
    told = {name: _words(number) for name, number in known.items() if number is not None}
    return told | {name: told.get(name) or count(tab.lists(seen)) for name, tab in shown.items()}


def _words(number: int) -> str:
    return f"{MANY}+" if number > MANY else str(number)


def likely_spam(comments: CommentQuerySet) -> CommentQuerySet:
    """Those of the queue that look like spam, once the guess has proved itself; none before."""
    if not spam.is_proved(Comment.objects):
        return comments.none()
    return comments.queue().filter(spam_percent__gte=spam.LIKELY)
