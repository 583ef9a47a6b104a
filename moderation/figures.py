"""A blog's figures: what was received and published each month, why comments were refused, and how long it took.

The clock counts a month while it changes, so that a page reads twelve rows, however many comments there are.
"""

import datetime
import logging
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.utils import timezone

from blog.models import Blog
from moderation.models import Comment, Decision
from moderation.months import Month

FEW = 5  # a smaller number could tell of one person: the public page does not show it
MONTHS = 12
State, Outcome = Comment.State, Decision.Outcome
PLACING = [outcome for outcome in Decision.STATE_AFTER if outcome != Outcome.UNDONE]  # what a writer waits for
REFUSING = [outcome for outcome, state in Decision.STATE_AFTER.items() if state == State.REJECTED]
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Bar:
    """One month in a chart: how high its two bars stand, in per cent of the highest."""

    month: Month
    received: int
    published: int

    @property
    def received_top(self) -> int:
        """Where it begins, from above."""
        return 100 - self.received

    @property
    def published_top(self) -> int:
        """The same of the other."""
        return 100 - self.published


def count(blog: Blog, first: datetime.date) -> Month:
    """Count one month anew: the comments that were confirmed in it, and what has become of them since.

    Without official replies: the desk writes them itself.
    """
    received = Comment.objects.filter(post__blog=blog, official="", **_within(first)).order_by()
    states = dict(received.values_list("state").annotate(Count("pk")))
    minutes, in_time = _times(received)
    numbers = {
        "received": sum(states.values()),
        "published": states.get(State.APPROVED, 0),
        "refused": states.get(State.REJECTED, 0),
        "spam": states.get(State.SPAM, 0),
        "withdrawn": states.get(State.WITHDRAWN, 0),
        "waiting": states.get(State.PENDING, 0),
        "reasons": _reasons(received),
        "at_once": received.filter(at_once=True).count(),
        "decided": len(minutes),
        "in_time": in_time,
        "median_minutes": percentile(minutes, 50),
        "slowest_minutes": percentile(minutes, 90),
    }
    month, _is_new = Month.objects.update_or_create(blog=blog, first=first, defaults=numbers)
    return month


def count_lately() -> None:
    """Count this month and the one before on every blog; where the clock stood still, and on new blogs, all since.

    A blog that cannot be counted keeps its earlier figures, and stops no other.
    """
    this = timezone.localdate().replace(day=1)
    for blog in Blog.objects.order_by("pk"):
        try:
            with transaction.atomic():
                _count_blog(blog, this)
        except Exception:
            log.exception("the figures of blog %s cannot be counted", blog.pk)


def bars(months: Iterable[Month]) -> list[Bar]:
    """For a chart of these months: none while nothing was received."""
    listed = list(months)
    highest = max((month.received for month in listed), default=0)
    if not highest:
        return []
    return [Bar(month, _share(month.received, highest), _share(month.published, highest)) for month in listed]


def lately(blog: Blog) -> QuerySet[Month]:
    """The last twelve months, the newest first."""
    return blog.months.order_by("-first")[:MONTHS]


def percentile(numbers: list[int], percent: int) -> int | None:
    """The smallest of `numbers` that at least `percent` per cent of them do not exceed (nearest rank)."""
    ordered = sorted(numbers)
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)] if ordered else None


def _count_blog(blog: Blog, this: datetime.date) -> None:
    for first in _months_to_count(blog, this):
        count(blog, first)


def _times(received: QuerySet[Comment]) -> tuple[list[int], int]:
    """Minutes from the confirmation to the first decision, and how many decisions kept the promise.

    Without those that were published at once: nobody waited for a decision on them. Of one that was changed and sent
    again, from then on.
    """
    since = Decision.objects.filter(comment=OuterRef("pk"), outcome__in=PLACING, made_at__gte=OuterRef("confirmed_at"))
    first = since.order_by("made_at").values("made_at")[:1]
    awaited = received.filter(at_once=False).annotate(first_decision=Subquery(first))
    rows = awaited.values_list("confirmed_at", "first_decision", "due_at")
    minutes, in_time = [], 0
    for confirmed_at, decided_at, due_at in rows.iterator(chunk_size=2000):
        if decided_at is None:
            continue
        minutes.append(int((decided_at - confirmed_at).total_seconds() // 60))
        in_time += due_at is None or decided_at <= due_at
    return minutes, in_time


def _reasons(received: QuerySet[Comment]) -> dict[str, int]:
    """How many refusals that stand quote each rule: of each comment the newest one counts."""
    refusals = Decision.objects.filter(comment=OuterRef("pk"), outcome__in=REFUSING).order_by("-pk")
    quoted = received.filter(state=State.REJECTED).annotate(rule=Subquery(refusals.values("reason__title")[:1]))
    return dict(quoted.filter(rule__isnull=False).values_list("rule").annotate(Count("pk")).order_by("rule"))


def _months_to_count(blog: Blog, this: datetime.date) -> list[datetime.date]:
    """From the newest that was counted on, oldest first: whoever is broken off goes on from there.

    Only on a blog without figures are its comments looked through: of a million that takes seconds.
    """
    last = _month_after(this, -1)
    newest = blog.months.order_by("first").values_list("first", flat=True).last()
    if newest is None:
        return sorted({this, last} | _months_with_comments(blog))
    months = [min(newest, last)]
    while months[-1] < this:
        months.append(_month_after(months[-1], 1))
    return months


def _month_after(first: datetime.date, months: int) -> datetime.date:
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return datetime.date(year, month + 1, 1)


def _months_with_comments(blog: Blog) -> set[datetime.date]:
    confirmed = Comment.objects.filter(post__blog=blog, confirmed_at__isnull=False)
    return {moment.date() for moment in confirmed.datetimes("confirmed_at", "month")}


def _within(first: datetime.date) -> dict[str, Any]:
    days = (first, _month_after(first, 1))
    start, end = (timezone.make_aware(datetime.datetime.combine(day, datetime.time.min)) for day in days)
    # In every state: an index begins with the state.
    return {"state__in": State.values, "confirmed_at__gte": start, "confirmed_at__lt": end}


def _share(number: int, highest: int) -> int:
    return round(100 * number / highest)
