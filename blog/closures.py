"""When and why comments are closed: by hand, by a post's age, or in a dated window such as a pre-election period."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


class Why(models.TextChoices):
    """Why comments are closed, the most specific reason first: that one is shown."""

    TAKEN_DOWN = "taken_down", gettext_lazy("The post has been taken down")
    POST = "post", gettext_lazy("Closed on this post")
    AGE = "age", gettext_lazy("The post is too old")
    BLOG = "blog", gettext_lazy("Closed on the whole blog")
    WINDOW = "window", gettext_lazy("Closed for a time")
    NO_NOTICE = "no_notice", gettext_lazy("The blog has no privacy notice")


@dataclass(frozen=True)
class Closed:
    """That comments on a post are closed, since when, and until when if they open again by themselves."""

    why: Why
    since: datetime.datetime | None = None
    until: datetime.datetime | None = None
    notice: str = ""

    def sentence(self) -> str:
        """The reason and its date, in words."""
        if self.why == Why.TAKEN_DOWN:
            return _("This post has been taken down for now.")
        if self.why == Why.NO_NOTICE:
            return _("This blog does not take comments yet.")
        if self.since is None:
            return (
                _("Comments on this blog are closed.")
                if self.why == Why.BLOG
                else _("Comments on this post are closed.")
            )
        return self._dated() % {"date": _date(self.since)}

    def reopening(self) -> str:
        """When comments open again, in words; nothing when that is not known."""
        return _("Comments open again on %(date)s.") % {"date": _minute(self.until)} if self.until else ""

    def words(self) -> str:
        """All of it on one line."""
        return " ".join(filter(None, [" ".join(self.notice.split()), self.sentence(), self.reopening()]))

    def _dated(self) -> str:
        return {
            Why.POST: _("Comments on this post have been closed since %(date)s."),
            Why.AGE: _("Comments on this post closed on %(date)s, when it had been open for long enough."),
            Why.BLOG: _("Comments on this blog have been closed since %(date)s."),
            Why.WINDOW: _("Comments closed on %(date)s."),
        }[self.why]


class ClosureQuerySet(QuerySet["Closure"]):
    def of(self, blog: models.Model) -> Self:
        """Those of one blog, and those of all."""
        return self.filter(Q(blog=blog) | Q(blog=None))

    def to_come(self) -> Self:
        """In force, or still to begin; the earliest first."""
        return self.filter(ends_at__gt=timezone.now()).order_by("starts_at", "pk")

    def update(self, **changes: Any) -> int:
        """Change these, and show every page anew."""
        with transaction.atomic():
            _show_anew()
            return super().update(**changes)

    def delete(self) -> tuple[int, dict[str, int]]:
        """Delete these, and show every page anew."""
        with transaction.atomic():
            _show_anew()
            return super().delete()


class Closure(models.Model):
    """A window of time in which one blog, or every blog, takes no comments. They open again by themselves."""

    blog = models.ForeignKey(
        "blog.Blog",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="closures",
        help_text=gettext_lazy("Empty: all blogs"),
    )
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    notice = models.TextField(
        help_text=gettext_lazy("What readers see in place of the form, such as why. When it ends is added")
    )

    objects = ClosureQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="closure_ends_later")]
        ordering = ["-starts_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.blog or _('All blogs')}, {_minute(self.starts_at)} – {_minute(self.ends_at)}"

    def clean(self) -> None:
        if self.starts_at and self.ends_at and self.ends_at <= self.starts_at:
            raise ValidationError({"ends_at": _("The end must be after the beginning")})

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store it, and show every page anew: it may have been another blog's before."""
        with transaction.atomic():
            super().save(*args, **kwargs)
            _show_anew()

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        with transaction.atomic():
            _show_anew()
            return super().delete(*args, **kwargs)

    def in_force(self) -> bool:
        """Whether it closes comments now."""
        return self.starts_at <= timezone.now() < self.ends_at


def window_in_force(windows: Iterable[Closure]) -> Closed | None:
    """The window that closes comments now: one blog's own before one of all. `windows` are in order of beginning.

    Comments open again when the last of those that overlap has ended.
    """
    windows = list(windows)
    now_closed = [window for window in windows if window.in_force()]
    if not now_closed:
        return None
    shown = max(now_closed, key=lambda window: (window.blog_id is not None, window.starts_at))
    until = shown.ends_at
    for window in windows:
        if window.starts_at <= until:
            until = max(until, window.ends_at)
    return Closed(Why.WINDOW, shown.starts_at, until, shown.notice)


def closed_by_hand_at(row: Any) -> datetime.datetime | None:
    """Since when the comments of a blog or a post are closed by hand, remembered as long as they are."""
    return None if row.comments_open else row.comments_closed_at or timezone.now()


def _show_anew() -> None:
    """Make the cached pages of all blogs old: windows are rare, and may hold for all."""
    apps.get_model("blog", "Blog").objects.update()


def _date(moment: datetime.datetime) -> str:
    return date_format(timezone.localtime(moment), "j F Y")


def _minute(moment: datetime.datetime) -> str:
    local = timezone.localtime(moment)
    return _("%(date)s at %(time)s") % {"date": date_format(local, "j F Y"), "time": date_format(local, "H:i")}
