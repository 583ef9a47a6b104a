"""What writers do about their comments after they sent them: other words, and an appeal against a refusal."""

from typing import Self

from django.db import models
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class RevisionQuerySet(QuerySet["Revision"]):
    def waiting(self) -> Self:
        """Edits of published comments that nobody has decided."""
        return self.filter(state=Revision.State.WAITING)

    def replace(self) -> int:
        """End those that wait, without a decision: their writer wrote anew, or took the comment back."""
        return self.waiting().update(state=Revision.State.REPLACED, decided_at=timezone.now())


class Revision(models.Model):
    """Other words for a comment, from its writer: before anybody decided, after a refusal, or once it is published.

    Each keeps the words in whose place it came or would come, so a comment's whole history can be read.
    """

    class Way(models.TextChoices):
        """What an edit does, which hangs on where its comment stands."""

        IN_PLACE = "in_place", _("Changed before a decision")
        AGAIN = "again", _("Changed and sent again after the refusal")
        PUBLISHED = "published", _("Changed after it was published")
        REDACTED = "redacted", _("Words removed by a moderator")

    class State(models.TextChoices):
        DONE = "done", _("Taken over")
        WAITING = "waiting", _("Awaiting moderation")
        APPROVED = "approved", _("Published")
        REJECTED = "rejected", _("Not published")
        REPLACED = "replaced", _("Replaced")

    comment = models.ForeignKey("moderation.Comment", models.CASCADE, related_name="revisions")
    way = models.CharField(max_length=10, choices=Way)
    state = models.CharField(max_length=10, choices=State)
    version = models.PositiveIntegerField(help_text="Of the comment, when this was written")
    before = models.TextField(help_text="The words that it changes")
    text = models.TextField()
    html = models.TextField()
    held = models.JSONField(default=list, help_text="What the desk should know: reasons and spans")
    made_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True)

    objects = RevisionQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["comment"], name="revision_waiting_once", condition=Q(state="waiting")),
            models.UniqueConstraint(fields=["comment"], name="revision_again_once", condition=Q(way="again")),
        ]
        indexes = [models.Index(fields=["made_at"], name="revision_waiting", condition=Q(state="waiting"))]

    def __str__(self) -> str:
        return f"revision {self.pk} of comment {self.comment_id}"


class AppealQuerySet(QuerySet["Appeal"]):
    def drop(self) -> int:
        """End those that are open, without an answer: their writer took the comment back."""
        return self.filter(state=Appeal.State.OPEN).update(state=Appeal.State.DROPPED, decided_at=timezone.now())


class Appeal(models.Model):
    """A writer asks that somebody else look at the refusal of a comment: once."""

    class State(models.TextChoices):
        OPEN = "open", _("Awaiting an answer")
        UPHELD = "upheld", _("Refusal upheld")
        GRANTED = "granted", _("Published on appeal")
        DROPPED = "dropped", _("Taken back")

    comment = models.OneToOneField("moderation.Comment", models.CASCADE, related_name="appeal")
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    words = models.TextField()
    made_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True)

    objects = AppealQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["made_at"], name="appeal_open", condition=Q(state="open"))]

    def __str__(self) -> str:
        return f"appeal about comment {self.comment_id}"
