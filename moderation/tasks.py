"""What the clock does for comments."""

from celery import shared_task

from moderation import digests, figures, spam
from moderation.models import Comment, Decision, DoneRequest, Note
from moderation.replies import ReplyNotice
from moderation.reports import Report


@shared_task
def forget() -> None:
    """Erase what was never confirmed or decided, addresses of what was decided long ago, and keys of done requests."""
    Comment.objects.forget_stale()
    Comment.objects.forget_undecided()
    Comment.objects.forget_addresses()
    Report.objects.forget()
    Note.objects.forget()
    Comment.objects.forget_withdrawn()
    DoneRequest.objects.forget()


@shared_task
def raise_reply_notices() -> None:
    """Mail the writers of comments who asked to hear of replies."""
    ReplyNotice.objects.raise_due()


@shared_task
def learn() -> None:
    """Read what was decided since the last time, for the guess at spam."""
    while spam.learn(Decision.objects.order_by("pk")):
        pass


@shared_task
def count_figures() -> None:
    """Count this month and the last one anew."""
    figures.count_lately()


@shared_task
def mail_moderators() -> None:
    """Tell moderators what waits."""
    digests.owe_due()
