"""What people did at the desk, for good: rows are added, and no page or method changes or deletes them."""

import re
from typing import Any, NoReturn

from django.contrib.auth.models import User
from django.db import models
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from blog.models import Blog
from moderation import personal

AT = re.compile(r"\S+@\S+")  # an address, in a pattern, too: ann@example\.org


class NeverChanged(Exception):
    """Records are added, never changed or deleted."""


class EventQuerySet(QuerySet["Event"]):
    def of_blogs(self, blogs: QuerySet[Blog]) -> "EventQuerySet":
        """Of these blogs: every list of the desk starts here."""
        return self.filter(blog__in=blogs)

    def note_down(self, kind: "Event.Kind", blog: Blog, person: Any, comment: Any = None, **details: Any) -> "Event":
        """Add a row. `details` are numbers, codes and what a list has: never a writer's words.

        An address or the like is taken out of them: somebody may list one as a word or in a pattern.
        """
        kept = {name: _bare(detail) if isinstance(detail, str) else detail for name, detail in details.items()}
        return self.create(kind=kind, blog=blog, person=person, comment_number=comment and comment.pk, details=kept)

    def update(self, **changes: Any) -> NoReturn:
        """Raises NeverChanged."""
        raise NeverChanged

    def delete(self) -> NoReturn:
        """Raises NeverChanged. The rows go with their blog."""
        raise NeverChanged


class Event(models.Model):
    """One thing that somebody did, or the blog's mode, or readers' reports.

    It names the comment by number, so that it outlives the comment's erasure.
    """

    class Kind(models.TextChoices):
        DECIDED = "decided", _("Decided")
        CLAIMED = "claimed", _("Claimed")
        RELEASED = "released", _("Released")
        ADDRESS_SEEN = "address-seen", _("Looked at the address")
        NOTED = "noted", _("Wrote a note")
        REDACTED = "redacted", _("Redacted")
        LIST_CHANGED = "list-changed", _("Changed a list")
        EXPORTED = "exported", _("Exported")
        PROPOSED = "proposed", _("Proposed a refusal")
        PUBLISHED = "published", _("Published at once, as a regular’s")
        HIDDEN = "hidden", _("Put back in the queue")

    at = models.DateTimeField(default=timezone.now)
    kind = models.CharField(max_length=12, choices=Kind)
    blog = models.ForeignKey(Blog, models.CASCADE, related_name="+")
    comment_number = models.PositiveBigIntegerField(null=True)
    person = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", help_text="Empty: what the blog’s mode or reports did"
    )
    details = models.JSONField(default=dict)

    objects = EventQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["comment_number"], name="event_comment"),
            models.Index(fields=["blog", "id"], name="event_blog"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.who}, {self.at:%d %B %Y %H:%M}"

    @property
    def who(self) -> str:
        """Who did it."""
        if self.person:
            return self.person.get_username()
        return str(_("readers’ reports") if self.kind == self.Kind.HIDDEN else _("the blog’s mode"))

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Add it. Raises NeverChanged for one that stands already."""
        if self.pk:
            raise NeverChanged
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Raises NeverChanged."""
        raise NeverChanged


def _bare(detail: str) -> str:
    return personal.left_out(AT.sub("[redacted]", detail))
