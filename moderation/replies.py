"""“Email me about replies”: who is owed a notice of which reply, and the mail that tells of all since the last one.

A notice is a row, written in the transaction that publishes the reply. The clock makes mails of rows, and only of
those that still hold: both comments public, the notice still wanted. Rows are claimed under a lock on the thread, so
clocks and messages may come double: a reply is told once, and a writer hears of one thread once an hour at most.
"""

import datetime
import logging
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import Max, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from mail.models import Delivery, Mailout, Suppression
from moderation import mail

if TYPE_CHECKING:
    from moderation.models import Comment

log = logging.getLogger(__name__)


class ReplyNoticeQuerySet(QuerySet["ReplyNotice"]):
    def follow(self, reply: "Comment") -> None:
        """After a decision on `reply`: owe its notices when it is published, call them off when it is not."""
        if reply.parent_id is None and reply.root_id is None:
            return
        if reply.state == reply.State.APPROVED:
            self.owe(reply)
        else:
            self.filter(reply=reply).call_off()

    def owe(self, reply: "Comment") -> None:
        """Owe a notice to whoever asked for one and wrote what `reply` answers, or began its thread: one a mailbox.

        Call it in the transaction that publishes the reply. A reply that was told of is not told again.
        """
        told = {notice.comment.mailbox: notice for notice in self.filter(reply=reply).select_related("comment")}
        due = {"due_at": timezone.now() + datetime.timedelta(seconds=settings.REPLY_DELAY_SECONDS)}
        for mailbox, comment in _listeners(reply).items():
            if mailbox in told:
                again = self.filter(pk=told[mailbox].pk, state=ReplyNotice.State.CANCELLED)
                again.update(state=ReplyNotice.State.OWED, **due)
            else:
                self.create(reply=reply, comment=comment, **due)

    def owed(self) -> Self:
        return self.filter(state=ReplyNotice.State.OWED)

    def of_thread(self, thread: int, mailbox: str) -> Self:
        """All that one writer was told, or is to be told, of one thread."""
        return self.filter(Q(comment=thread) | Q(comment__root=thread), comment__mailbox=mailbox)

    def still_hold(self) -> Self:
        """Those whose two comments anybody may read, and whose reader wants them and may be written to."""
        public = ReplyNotice.reply.field.related_model.objects.public()  # type: ignore[attr-defined]
        wanted = self.filter(comment__wants_replies=True, comment__in=public, reply__in=public)
        return wanted.exclude(comment__address="").exclude(comment__mailbox__in=Suppression.objects.values("mailbox"))

    def raise_due(self) -> int:
        """Make mails of what is due. Returns how many."""
        due = self.owed().filter(due_at__lte=timezone.now()).order_by()
        thread = Coalesce("comment__root_id", "comment_id")
        threads = due.annotate(thread=thread).values_list("thread", "comment__mailbox").distinct()
        return sum(self._raise_safely(*found) for found in threads)

    def call_off(self) -> None:
        """Take back what has not left; other replies that such a mail tells of are owed anew."""
        self.owed().update(state=ReplyNotice.State.CANCELLED)
        mailed = self.filter(state=ReplyNotice.State.MAILED)
        for mailout in list(mailed.exclude(mailout=None).values_list("mailout", flat=True).distinct()):
            deliveries = Delivery.objects.filter(mailout=mailout)
            if deliveries.filter(state=Delivery.State.PENDING, attempts=0).cancel():
                mailed.filter(mailout=mailout).update(state=ReplyNotice.State.CANCELLED, mailed_at=None, mailout=None)
                ReplyNotice.objects.filter(mailout=mailout)._owe_again()
            else:
                deliveries.cancel()

    def erase(self) -> None:
        """Call these off, and take the words out of the mails that told of them: they name who replied."""
        self.call_off()
        Mailout.objects.filter(pk__in=self.values("mailout")).erase_words()

    def _raise_safely(self, thread: int, mailbox: str) -> bool:
        """A mail that cannot be written holds up no other."""
        try:
            with transaction.atomic():
                return self._raise(thread, mailbox)
        except Exception:
            log.exception("the notices about thread %s cannot be raised", thread)
            return False

    def _raise(self, thread: int, mailbox: str) -> bool:
        """One mail of all that is due to one writer of one thread. False when there is nothing, or it is too early."""
        comments = ReplyNotice.reply.field.related_model.objects  # type: ignore[attr-defined]
        list(comments.filter(pk=thread).select_for_update(no_key=True).values_list("pk"))  # one clock at a time
        now, every = timezone.now(), datetime.timedelta(seconds=settings.REPLY_EVERY_SECONDS)
        everything = self.of_thread(thread, mailbox)
        due = everything.owed().filter(due_at__lte=now)
        numbers = list(due.values_list("pk", flat=True))
        last = everything.aggregate(last=Max("mailed_at"))["last"]
        if last and now < last + every:
            self.filter(pk__in=numbers).owed().update(due_at=last + every)
            return False
        return self._mail(numbers)

    def _mail(self, numbers: list[int]) -> bool:
        """Those of these rows that still hold are one mail; the others are nothing any more."""
        rows = self.filter(pk__in=numbers).owed().select_for_update(of=("self",))
        notices = list(rows.still_hold().select_related("comment__post__blog", "reply__post__blog").order_by("pk"))
        held = [notice.pk for notice in notices]
        self.filter(pk__in=numbers).exclude(pk__in=held).owed().update(state=ReplyNotice.State.CANCELLED)
        if notices:
            mailout = mail.owe_replies(notices[0].comment, [notice.reply for notice in notices])
            told = {"state": ReplyNotice.State.MAILED, "mailed_at": timezone.now(), "mailout": mailout}
            self.filter(pk__in=held).update(**told)
        return bool(notices)

    def _owe_again(self) -> None:
        self.update(state=ReplyNotice.State.OWED, due_at=timezone.now(), mailed_at=None, mailout=None)


class ReplyNotice(models.Model):
    """That the writer of `comment` is to hear, or has heard, of `reply`."""

    class State(models.TextChoices):
        OWED = "owed"
        MAILED = "mailed"
        CANCELLED = "cancelled"

    comment = models.ForeignKey("moderation.Comment", models.CASCADE, related_name="notices")
    reply = models.ForeignKey("moderation.Comment", models.CASCADE, related_name="told", db_index=False)
    state = models.CharField(max_length=10, choices=State, default=State.OWED)
    due_at = models.DateTimeField()
    mailed_at = models.DateTimeField(null=True)
    mailout = models.ForeignKey(Mailout, models.SET_NULL, null=True, related_name="+")

    objects = ReplyNoticeQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["reply", "comment"], name="replynotice_once")]
        indexes = [models.Index(fields=["due_at"], name="replynotice_owed", condition=Q(state="owed"))]

    def __str__(self) -> str:
        return f"notice of comment {self.reply_id} to the writer of comment {self.comment_id}"


def wanted(comment: "Comment") -> bool:
    """Whether the writer of `comment` hears of its thread, for this or for another comment of theirs in it."""
    return bool(_of_the_writer(comment).filter(wants_replies=True).exists())


def want(comment: "Comment") -> None:
    """The writer of `comment` wants to hear of replies to it."""
    type(comment).objects.filter(pk=comment.pk).exclude(state=comment.State.WITHDRAWN).update(wants_replies=True)


def end(comment: "Comment") -> None:
    """The writer of `comment` wants no more of its thread: neither for this nor for another comment of theirs in it."""
    mine = _of_the_writer(comment)
    with transaction.atomic():
        mine.update(wants_replies=False)
        ReplyNotice.objects.filter(comment__in=mine).call_off()


def _of_the_writer(comment: "Comment") -> "QuerySet[Comment]":
    """What the writer of `comment` said in its thread."""
    comments = type(comment).objects
    if not comment.mailbox:  # forgotten
        return comments.filter(pk=comment.pk)
    thread = comment.root_id or comment.pk
    return comments.filter(Q(pk=thread) | Q(root=thread), mailbox=comment.mailbox)


def _listeners(reply: "Comment") -> dict[str, "Comment"]:
    """By mailbox: what `reply` answers, and what began the thread, if their writers asked for notices."""
    found: dict[str, Comment] = {}
    for comment in [reply.parent, reply.root]:  # a mailbox that wrote both hears of the nearer
        if comment and comment.wants_replies and comment.confirmed_at and comment.mailbox not in {"", reply.mailbox}:
            found.setdefault(comment.mailbox, comment)
    return found
