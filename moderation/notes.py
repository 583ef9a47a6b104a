"""What moderators tell each other about a comment, or about its writer on one blog."""

import datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from blog.models import Blog
from moderation.audit import Event

if TYPE_CHECKING:
    from moderation.models import Comment

LIMIT = 2000  # characters


class NoteQuerySet(QuerySet["Note"]):
    def seen_with(self, comment: "Comment") -> "NoteQuerySet":
        """Those about this comment, and those about its writer on its blog, the oldest first."""
        writer = Q(blog=comment.post.blog_id, mailbox=comment.mailbox) if comment.mailbox else Q(pk=None)
        return self.filter(Q(comment=comment) | writer).select_related("person").order_by("pk")

    def add(self, comment: "Comment", person: Any, text: str, about_writer: bool = False) -> "Note":
        """Write one about the comment or, while its address is known, about its writer."""
        blog, writer = comment.post.blog, about_writer and bool(comment.mailbox)
        about: dict[str, Any] = {"mailbox": comment.mailbox} if writer else {"comment": comment}
        with transaction.atomic():
            note = self.create(blog=blog, person=person, text=text, **about)
            Event.objects.note_down(Event.Kind.NOTED, blog, person, comment, about="writer" if writer else "comment")
        return note

    def about_writers_long_ago(self) -> "NoteQuerySet":
        """Those about writers that are so old that they say nothing of the next comment any more."""
        limit = timezone.now() - datetime.timedelta(days=settings.NOTE_DAYS)
        return self.filter(written_at__lt=limit).exclude(mailbox="")

    def forget(self) -> int:
        """Delete old ones about writers."""
        return self.about_writers_long_ago().delete()[0]


class Note(models.Model):
    """A note, for moderators alone. The writer's is erased with the writer."""

    blog = models.ForeignKey(Blog, models.CASCADE, related_name="+")
    comment = models.ForeignKey("moderation.Comment", models.CASCADE, null=True, related_name="notes")
    mailbox = models.CharField(max_length=16, blank=True)
    person = models.ForeignKey(User, models.PROTECT, related_name="+")
    text = models.TextField()
    written_at = models.DateTimeField(default=timezone.now)

    objects = NoteQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["mailbox", "blog"], name="note_writer", condition=~Q(mailbox=""))]

    def __str__(self) -> str:
        return f"note {self.pk}"
