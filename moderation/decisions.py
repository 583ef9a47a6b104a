"""What the desk decides of a comment: rows that are added, never changed."""

from typing import Any

from django.contrib.auth.models import User
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from moderation.audit import Event
from moderation.reasons import Reason
from moderation.revisions import Appeal, Revision
from moderation.states import DECIDED, REFUSED, State
from moderation.teams import Team


class NotPossible(Exception):
    """The comment is not in a state that this decision can change."""


class Overtaken(Exception):
    """Somebody decided on the comment since the version that this decision was made on."""


class Decision(models.Model):
    """Who decided what, when, and on which version. Rows are added, never changed.

    They keep the rule that they quote as it was: its reason may be edited since.
    """

    class Outcome(models.TextChoices):
        APPROVED = "approved", _("Approved")
        REJECTED = "rejected", _("Rejected")
        SPAM = "spam", _("Marked as spam")
        UNDONE = "undone", _("Put back in the queue")
        EDITED = "edited", _("Published the edit")
        KEPT = "kept", _("Did not publish the edit")
        UPHELD = "upheld", _("Upheld the refusal")
        REOPENED = "reopened", _("Took back the decision")
        CHANGE = "change", _("Asked for a change")
        PASSED = "passed", _("Passed to another team")
        ESCALATED = "escalated", _("Escalated to the leads")
        CLEARED = "cleared", _("Kept on the page")
        REDACTED = "redacted", _("Removed words")

    STATE_AFTER = {
        Outcome.APPROVED: State.APPROVED,
        Outcome.REJECTED: State.REJECTED,
        Outcome.CHANGE: State.REJECTED,
        Outcome.PASSED: State.REJECTED,
        Outcome.SPAM: State.SPAM,
        Outcome.UNDONE: State.PENDING,
    }
    MOVABLE = [State.PENDING, *DECIDED]

    comment = models.ForeignKey("moderation.Comment", models.CASCADE, related_name="decisions")
    outcome = models.CharField(max_length=10, choices=Outcome)
    version = models.PositiveIntegerField()
    moderator = models.ForeignKey(User, models.PROTECT, related_name="+")
    reason = models.ForeignKey(Reason, models.PROTECT, null=True, related_name="+")
    reason_title = models.CharField(max_length=100, blank=True, default="", db_default="")
    reason_explanation = models.TextField(blank=True, default="", db_default="")
    note = models.TextField(blank=True)
    revision = models.ForeignKey(Revision, models.CASCADE, null=True, related_name="decisions")
    appeal = models.ForeignKey(Appeal, models.CASCADE, null=True, related_name="decisions")
    team = models.ForeignKey(Team, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["comment", "version"], name="decision_once")]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()} by {self.moderator}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """With an entry in the record, which stays when the comment is erased."""
        is_new = self.pk is None
        if is_new and self.reason:
            self.reason_title, self.reason_explanation = self.reason.title, self.reason.explanation
        with transaction.atomic():
            super().save(*args, **kwargs)
            if is_new:
                blog, made = self.comment.post.blog, {"outcome": str(self.outcome), "version": self.version}
                Event.objects.note_down(Event.Kind.DECIDED, blog, self.moderator, self.comment, **made)

    @property
    def rule(self) -> str | None:
        """The rule that it quotes, by its name of then; None if it quotes none."""
        return self.reason_title or (self.reason.title if self.reason else None)  # from before it was kept

    @property
    def explanation(self) -> str | None:
        """What the writer was told of that rule."""
        return self.reason_explanation or (self.reason.explanation if self.reason else None)


class Proposal(models.Model):
    """A refusal that one person alone does not take: it stands until another confirms it, or the comment changes."""

    comment = models.OneToOneField("moderation.Comment", models.CASCADE, related_name="proposal")
    version = models.PositiveIntegerField(help_text="Of the comment, as long as the proposal stands")
    outcome = models.CharField(max_length=10, choices=Decision.Outcome)
    moderator = models.ForeignKey(User, models.PROTECT, related_name="+")
    reason = models.ForeignKey(Reason, models.CASCADE, null=True, related_name="+")
    note = models.TextField(blank=True)
    team = models.ForeignKey(Team, models.CASCADE, null=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.get_outcome_display()}, proposed by {self.moderator}"

    @property
    def stands(self) -> bool:
        """Whether nothing has happened to its comment since."""
        return bool(self.version == self.comment.version)


def unappealed() -> Q:
    """Of comments: that no appeal awaits an answer, for as long as one does, it alone decides."""
    asked = Appeal.objects.filter(comment=OuterRef("pk"), state=Appeal.State.OPEN)
    return ~Q(Exists(asked), state__in=REFUSED)


def is_refusal(outcome: str) -> bool:
    """Whether a comment with this decision is not published."""
    return Decision.STATE_AFTER.get(Decision.Outcome(outcome)) in REFUSED
