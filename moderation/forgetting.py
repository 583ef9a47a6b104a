"""What is kept of the writers of comments no longer than it is needed, and what goes when one asks.

A comment that was answered leaves an empty place, so that the thread keeps its shape. How long things are kept stands
in postbag.retention.
"""

import datetime
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast
from django.utils import timezone

from blog.models import Blog, Post
from moderation import mail
from moderation.notes import Note
from moderation.replies import ReplyNotice
from moderation.revisions import Revision
from moderation.roles import Moderator

if TYPE_CHECKING:
    from moderation.models import Comment  # noqa: F401 - the type of its rows

DAY = datetime.timedelta(days=1)
CHUNK = 500  # rows that the clock erases at a time
NO_ADDRESS: dict[str, Any] = {"address": "", "mailbox": "", "digest": None, "wants_replies": False}
NOBODY: dict[str, Any] = {  # what stays of a comment that was answered
    "state": "withdrawn",
    "name": "",
    "address": "",
    "mailbox": "",
    "text": "",
    "html": "",
    "digest": None,
    "fingerprint": None,
    "held": [],
    "official": "",
    "escalated_at": None,
    "wants_replies": False,
}


class ForgettableQuerySet(QuerySet["Comment"]):
    """The words and verbs of comments that have been kept long enough."""

    def stale(self) -> Self:
        """Never confirmed, and no longer to be."""
        unproved = self.filter(state__in=self.model.NOT_PROVED, confirmed_at=None)
        return unproved.filter(submitted_at__lt=_ago(datetime.timedelta(hours=settings.COMMENT_CONFIRM_HOURS)))

    def long_undecided(self) -> Self:
        """Those that nobody decided for so long that nobody will; the time begins anew when one is put back."""
        limit = _ago(settings.PENDING_DAYS * DAY)
        waiting = self.filter(state="pending", confirmed_at__lt=limit)
        return waiting.exclude(decisions__made_at__gte=limit).exclude(reports__made_at__gte=limit)

    def refused_long_ago(self) -> Self:
        """Those whose address is needed no longer: nothing is said any more about their refusal or withdrawal."""
        refused = self.filter(state__in=[*self.model.REFUSED, "withdrawn"])
        return refused.filter(decided_at__lt=_ago(settings.REFUSED_ADDRESS_DAYS * DAY))._addressed()

    def approved_long_ago(self) -> Self:
        """Those whose address is needed no longer: so long ago the last mail about a reply could go.

        That was when it was approved, if its writer wants no such mails (any more); else when comments closed on its
        post, or when the post was taken down; at the latest REPLY_DAYS after it was approved.
        """
        limit = _ago(settings.APPROVED_ADDRESS_DAYS * DAY)
        silent = Q(wants_replies=False) | ~Q(post__state=Post.State.PUBLISHED)
        over = Q(decided_at__lt=limit - settings.REPLY_DAYS * DAY)
        closed = _closed_before("post__", limit) | _closed_before("post__blog__", limit) | Q(too_old_at__lt=limit)
        approved = self.annotate(too_old_at=_too_old_at()).filter(state="approved", decided_at__lt=limit)
        return approved.filter(silent | over | closed)._addressed()

    def withdrawn_long_ago(self) -> Self:
        """Those whose words their writer took back, with something left to erase."""
        withdrawn = self.filter(state="withdrawn", decided_at__lt=_ago(settings.WITHDRAWN_DAYS * DAY))
        return withdrawn.exclude(name="", text="", html="")

    def forget_stale(self) -> int:
        """Delete what nobody confirmed in time, and call off its mails that have not left with a dead link."""
        stale = self.stale()
        with transaction.atomic():
            mail.cancel_confirmations(stale)
            return stale.delete()[0]

    def forget_undecided(self) -> int:
        """Delete comments that nobody decided. One that was published and answered before leaves an empty place."""
        with transaction.atomic():
            answered = list(self.long_undecided().filter(self._answered()).values_list("pk", flat=True))
            self.filter(pk__in=answered)._empty()
            return len(answered) + self.long_undecided().delete()[0]

    def forget_addresses(self) -> int:
        """Blank the addresses of comments that were decided long enough ago."""
        return self.forget_refused() + self.forget_approved()

    def forget_refused(self) -> int:
        """Blank those of refused and withdrawn comments."""
        return self._forget(self.refused_long_ago(), *self.model.REFUSED, "withdrawn")

    def forget_approved(self) -> int:
        """Blank those of published comments."""
        return self._forget(self.approved_long_ago(), "approved")

    def forget_withdrawn(self) -> int:
        """Erase what was withdrawn long enough ago."""
        erased = 0
        while rows := list(self.withdrawn_long_ago().values_list("pk", flat=True)[:CHUNK]):
            erased += self.filter(pk__in=rows).erase()
        return erased

    def erase(self) -> int:
        """Erase these and all that hangs on them, whoever said it: nothing of their writers stays. Returns how many.

        Those that were answered stay as empty places. Mails to others that name the writers lose their words.
        """
        with transaction.atomic():
            rows = list(self.values_list("pk", "mailbox"))
            numbers = {number for number, _mailbox in rows}
            these = self.model.objects.filter(pk__in=numbers)
            ReplyNotice.objects.filter(Q(reply__in=numbers) | Q(comment__in=numbers)).erase()
            blogs = list(Blog.objects.filter(posts__comments__in=numbers).distinct())
            mail.erase_words(numbers, set(Moderator.objects.filter(blog__in=blogs).values_list("pk", flat=True)))
            Note.objects.filter(mailbox__in={mailbox for _number, mailbox in rows} - {""}).delete()
            while leaves := list(these.exclude(self._answered()).values_list("pk", flat=True)):
                these.filter(pk__in=leaves).delete()
            these._empty()
            for blog in blogs:  # comments before their blog: who decides locks them in this order, too
                blog.raise_page_version()
        return len(numbers)

    def _forget(self, these: Self, *states: str) -> int:
        """Blank the addresses of `these`, unless the desk has just moved them from all of these states.

        PostgreSQL looks at the row's own columns again after it waited for the desk, and not at a subquery.
        """
        return self.filter(state__in=states, pk__in=these.values("pk")).update(**NO_ADDRESS)

    def _answered(self) -> Exists:
        """By a comment that has its place in the thread, or may come to have one."""
        placed = self.model.objects.filter(state__in=["pending", "approved", "withdrawn"])
        return Exists(placed.filter(Q(parent=OuterRef("pk")) | Q(root=OuterRef("pk"))))

    def _empty(self) -> None:
        """Take all words, names and addresses out of these, and delete what only they were for."""
        rows = list(self.values_list("pk", flat=True))
        for relation in self.model._meta.related_objects:
            if relation.on_delete is models.CASCADE and relation.related_name != "decisions":
                relation.related_model._base_manager.filter(**{f"{relation.field.name}__in": rows}).delete()
        decisions = self.model._meta.get_field("decisions").related_model
        decisions._base_manager.filter(comment__in=rows).update(note="")  # type: ignore[union-attr]
        here = self.model.objects.filter(pk__in=rows)
        here.update(**NOBODY, decided_at=timezone.now(), version=F("version") + 1)

    def _addressed(self) -> Self:
        """With an address that nothing more needs: neither an appeal nor an edit awaits an answer."""
        lately = _ago(settings.PENDING_DAYS * DAY)
        asked = Q(appeal__state="open", appeal__made_at__gte=lately)
        edited = Exists(Revision.objects.waiting().filter(comment=OuterRef("pk")))
        return self.exclude(address="").exclude(asked).exclude(edited & Q(decided_at__gte=lately))


def _closed_before(row: str, limit: datetime.datetime) -> Q:
    """Closed by hand before `limit`; of some that is not known, because they were closed before it was remembered."""
    since = Q(**{f"{row}comments_closed_at__lt": limit}) | Q(**{f"{row}comments_closed_at": None})
    return Q(**{f"{row}comments_open": False}) & since


def _too_old_at() -> ExpressionWrapper:
    """When comments close on its post because of its age: NULL for never."""
    days = Cast("post__blog__close_after_days", models.IntegerField())
    span = ExpressionWrapper(days * Value(DAY), models.DurationField())
    return ExpressionWrapper(F("post__published_at") + span, models.DateTimeField())


def _ago(time: datetime.timedelta) -> datetime.datetime:
    return timezone.now() - time
