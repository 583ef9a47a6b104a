"""The lists of the desk: which comments stand in each, and in which order."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q, QuerySet

from blog.models import Blog
from moderation.decisions import Decision
from moderation.reports import Report
from moderation.revisions import Appeal, Revision
from moderation.states import DECIDED, ESCALATED, NOT_PROVED, REFUSED, State
from moderation.submitting import SubmittingQuerySet

if TYPE_CHECKING:
    from moderation.models import Comment  # noqa: F401 - the type of its rows


class DeskQuerySet(SubmittingQuerySet):
    """What the people at the desk read."""

    def of_blogs(self, blogs: QuerySet[Blog] | Iterable[int]) -> Self:
        """Confirmed comments of these blogs, or of the blogs with these numbers: all that a desk may ever see."""
        return self.filter(post__blog__in=blogs).exclude(state__in=NOT_PROVED, confirmed_at=None)

    def queue(self) -> Self:
        """Those that await a decision, the longest waiting first; not those that only leads decide."""
        waiting = self.filter(state=State.PENDING, escalated_at=None)
        return waiting.order_by("confirmed_at", "pk")

    def escalated(self) -> Self:
        """Those that were passed to the leads, the longest ago first; also when their writer has withdrawn them."""
        return self.filter(state__in=ESCALATED, escalated_at__isnull=False).order_by("escalated_at", "pk")

    def held_in_queue(self) -> Self:
        """Those of the queue in which a rule found something."""
        return self.queue().filter(is_held=True)

    def reported(self) -> Self:
        """Published ones with a report that nobody has decided, the most believed first."""
        open_reports = Q(reports__was_right__isnull=True, reports__isnull=False)
        weighed = self.filter(open_reports, state=State.APPROVED).annotate(weight=models.Sum("reports__weight"))
        return weighed.order_by("-weight", "pk")

    def unseen(self) -> Self:
        """Those that were published at once, and that nobody has looked at, the longest waiting first."""
        return self.filter(state=State.APPROVED, unseen=True).order_by("confirmed_at", "pk")

    def decided(self) -> Self:
        """Those with a decision, the latest first."""
        return self.filter(state__in=DECIDED, unseen=False).order_by("-decided_at", "-pk")

    def for_desk(self) -> Self:
        """With all that a row of the desk shows."""
        decisions = Decision.objects.select_related("moderator", "reason", "team")
        rows = self.select_related("post__blog", "parent", "appeal", "claimed_by", "proposal__moderator")
        reports = models.Prefetch("reports", Report.objects.open(), to_attr="open_reports")
        return rows.prefetch_related(models.Prefetch("decisions", decisions), reports, "revisions")

    def with_edits(self) -> Self:
        """Published ones with an edit that awaits a decision, the longest waiting first."""
        waiting = {"state": State.APPROVED, "revisions__state": Revision.State.WAITING}
        return self.filter(**waiting).annotate(made_at=F("revisions__made_at")).order_by("made_at", "pk")

    def appealed(self) -> Self:
        """Refused ones with an appeal that awaits an answer, the longest waiting first."""
        waiting = self.filter(state__in=REFUSED, appeal__state=Appeal.State.OPEN)
        return waiting.annotate(made_at=F("appeal__made_at")).order_by("made_at", "pk")

    def proposed(self) -> Self:
        """Those of which somebody proposed what takes two people, the longest ago first; not those of the leads."""
        waiting = self.filter(proposal__version=F("version"), escalated_at=None)
        return waiting.annotate(made_at=F("proposal__made_at")).order_by("made_at", "pk")
