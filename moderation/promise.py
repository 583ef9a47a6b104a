"""The promise that a blog makes to those who write: until when their comment is decided, and how near that is."""

import datetime
from functools import cache

import holidays
from django.db import models
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from blog.models import Blog

SUBDIVISIONS = {  # whose bank holidays, substitute days included; those of England and Wales are the same
    Blog.Division.ENGLAND_AND_WALES: "ENG",
    Blog.Division.SCOTLAND: "SCT",
    Blog.Division.NORTHERN_IRELAND: "NIR",
}
DAY = datetime.timedelta(days=1)
SATURDAY = 5


class Band(models.TextChoices):
    """How a comment that awaits a decision stands against the promise."""

    ON_TIME = "on_time", gettext_lazy("On time")
    DUE_TODAY = "due_today", gettext_lazy("Due today")
    LATE = "late", gettext_lazy("Late")


def due_at(blog: Blog, confirmed_at: datetime.datetime) -> datetime.datetime | None:
    """The last moment at which a decision keeps the promise, in the site's time zone; None where nothing is promised.

    Hours count day and night. Of working days, the one of the confirmation does not count: one that is confirmed on a
    Thursday, or on Friday at midnight, has until the end of Monday when two are promised.
    """
    confirmed_at = timezone.localtime(confirmed_at)
    if blog.promise_hours:
        # Reckoned in UTC: in local time, an hour is lost or won in the night when the clocks change.
        return timezone.localtime(confirmed_at.astimezone(datetime.UTC) + datetime.timedelta(hours=blog.promise_hours))
    if not blog.promise_days:
        return None
    day, left = confirmed_at.date(), blog.promise_days
    while left:
        day += DAY
        left -= is_working_day(day, blog.division)
    return datetime.datetime.combine(day, datetime.time.max, confirmed_at.tzinfo)


def is_working_day(day: datetime.date, division: str) -> bool:
    """Monday to Friday, and no bank holiday there."""
    return day.weekday() < SATURDAY and day not in _bank_holidays(division)


def band(due: datetime.datetime | None) -> Band:
    """How a comment stands now whose decision is due then."""
    now = timezone.localtime()
    if due is None or due.astimezone(now.tzinfo).date() > now.date():
        return Band.ON_TIME
    return Band.DUE_TODAY if now <= due else Band.LATE


def words(blog: Blog) -> str:
    """What the blog promises: “We aim to read every comment within 2 working days.” Nothing where nothing is."""
    span = _span(blog)
    return _("We aim to read every comment within %(span)s.") % {"span": span} if span else ""


def words_for(blog: Blog, due: datetime.datetime | None) -> str:
    """The same for one comment that is due then, with its day; and when that has passed, that we are late."""
    if due is None or not words(blog):
        return ""
    due = timezone.localtime(due)
    if band(due) == Band.LATE:
        return _("We aim to read every comment within %(span)s. Yours was due by %(moment)s: it is late.") % {
            "span": _span(blog),
            "moment": _moment(blog, due),
        }
    return _("We aim to read every comment within %(span)s, yours by %(moment)s.") % {
        "span": _span(blog),
        "moment": _moment(blog, due),
    }


def _span(blog: Blog) -> str:
    if hours := blog.promise_hours:
        return ngettext("%(count)s hour", "%(count)s hours", hours) % {"count": hours}
    days = blog.promise_days
    return ngettext("%(count)s working day", "%(count)s working days", days) % {"count": days} if days else ""


def _moment(blog: Blog, due: datetime.datetime) -> str:
    """“Tuesday 24 November”, and for a promise in hours the time."""
    day = date_format(due, "l j F")
    if blog.promise_hours:
        return _("%(time)s on %(day)s") % {"time": date_format(due, "H:i"), "day": day}
    return day


@cache
def _bank_holidays(division: str) -> holidays.HolidayBase:
    """Those of one division; it works out each year when it is first asked for."""
    return holidays.country_holidays("GB", subdiv=SUBDIVISIONS[Blog.Division(division)])
