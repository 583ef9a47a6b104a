"""Mail to moderators: what waits on a blog, as often as each of them wants it, and how the next one is ended.

A period begins at the hour, or at 8 in the morning of the blog's working days. Whoever moves `mailed_at` into it owes
its mail, so two clocks owe one. A period in which nothing waited is over, too: nobody is mailed about it later.
"""

import datetime
import logging

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from mail.compose import Letter, owe
from moderation import keyset, queue
from moderation.mail import DIGEST
from moderation.models import Comment, CommentQuerySet, Moderator
from moderation.narrowing import in_band
from moderation.promise import Band, is_working_day
from moderation.roles import Every
from postbag import tokens

log = logging.getLogger(__name__)

END = "moderator-mail-end"
OPEN = "desk-open"  # a signed link, of no use to who is not signed in; nothing is decided by it
MORNING = datetime.time(8)
SHOWN = 20  # comments in one mail
DAY = datetime.timedelta(days=1)
ALSO = ["published", "reported", "edits", "appeals", "proposed", "escalated"]  # the lists of what is not in the queue
BANDS = [Band.LATE, Band.DUE_TODAY, Band.ON_TIME]


def owe_due() -> int:
    """Owe a mail to everybody whose period has begun since the last one. Returns how many."""
    people = Moderator.objects.mailed().select_related("user", "blog")
    return sum(_owe_safely(moderator) for moderator in people)


def end(moderator: Moderator) -> None:
    """No more of these mails about this blog."""
    Moderator.objects.filter(pk=moderator.pk).update(mail_every=Every.NEVER)


def period_began(every: str, now: datetime.datetime, division: str) -> datetime.datetime | None:
    """When the period began in which `now` lies, in the site's time zone; None when none has begun today.

    A week begins on its first working day: on Tuesday after Easter Monday.
    """
    now = timezone.localtime(now)
    if every == Every.HOUR:
        return now.replace(minute=0, second=0, microsecond=0)
    if now.time() < MORNING or not is_working_day(now.date(), division):
        return None
    day = now.date()
    if every == Every.WEEK:
        week = [day - back * DAY for back in range(day.weekday(), -1, -1)]
        day = next(each for each in week if is_working_day(each, division))
    return datetime.datetime.combine(day, MORNING, now.tzinfo)


def _owe_safely(moderator: Moderator) -> bool:
    """A mail that cannot be written holds up no other."""
    try:
        with transaction.atomic():
            return _owe(moderator)
    except Exception:
        log.exception("moderator %s cannot be mailed what waits", moderator.pk)
        return False


def _owe(moderator: Moderator) -> bool:
    now = timezone.now()
    began = period_began(moderator.mail_every, now, moderator.blog.division)
    if began is None:
        return False
    # Only of columns of its own: a condition on another table would be a subquery, which PostgreSQL does not look at
    # again when the row has changed while it waited for it.
    not_yet = Moderator.objects.filter(Q(mailed_at=None) | Q(mailed_at__lt=began), mail_every=moderator.mail_every)
    if not not_yet.filter(pk=moderator.pk).update(mailed_at=now):
        return False
    here = Comment.objects.filter(post__blog=moderator.blog)
    also = _also(moderator, here)
    if not (also or here.queue().exists()):
        return False
    owe(_letter(moderator, here.queue(), also), to=moderator.user.email, about=moderator.pk)
    return True


def _also(moderator: Moderator, here: CommentQuerySet) -> list[tuple[queue.Words, str, str]]:
    """The other lists on which something waits for this person: heading, how many, address."""
    blog = moderator.blog
    tabs = [queue.TABS[name] for name in ALSO]
    found = [(tab, queue.count(tab.lists(here))) for tab in tabs if moderator.user.has_perm(tab.permission, blog)]
    return [(tab.heading, number, blog.url(reverse(tab.url))) for tab, number in found if number != "0"]


def _letter(moderator: Moderator, waiting: CommentQuerySet, also: list[tuple[queue.Words, str, str]]) -> Letter:
    """Late ones first, and how many stand on the other lists. Not a word of the comments, unless they are wanted."""
    blog = moderator.blog
    bands = [(band, queue.count(waiting.filter(in_band(band)))) for band in BANDS]
    letter = Letter(DIGEST, "moderation/mail/digest", blog.sender, {}, owner=blog.pk)
    letter.unsubscribe = blog.url(reverse(END, args=[letter.marks[END]]))
    first = keyset.page(waiting, queue.WAITING, "").comments[:SHOWN]
    letter.context = {
        "blog_name": blog.name,
        "blog_address": blog.address,
        "count": queue.count(waiting),
        "also": also,
        "bands": [(band.label, count) for band, count in bands if count != "0"],
        "comments": [(comment, blog.url(reverse(OPEN, args=[tokens.make(OPEN, comment.pk)]))) for comment in first],
        "with_words": moderator.mail_words,
        "desk_url": blog.url(reverse("desk")),
        "choose_url": blog.url(reverse("desk-mail-to-me")),
        "end_url": letter.unsubscribe,
    }
    return letter
