"""What was written before comments closed, and is confirmed after: the blog's setting says whether it is taken."""

from django.db import transaction
from django.db.models import QuerySet

from blog.closures import Closed
from moderation import mail
from moderation.models import Comment


def too_late(comment: Comment) -> Closed | None:
    """Why this comment can be confirmed no more: comments closed since it was written, and its blog keeps none such."""
    if comment.state != Comment.State.UNCONFIRMED or comment.post.blog.keep_unconfirmed or comment.kept() != comment:
        return None
    return comment.post.closure()


def drop(comment: Comment) -> bool:
    """Erase it, as nobody will decide it. False when it was confirmed, or gone, before."""
    waiting: QuerySet[Comment] = Comment.objects.filter(pk=comment.pk, state=Comment.State.UNCONFIRMED)
    with transaction.atomic():
        mail.cancel_confirmations(waiting)
        return bool(waiting.delete()[0])
