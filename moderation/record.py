"""What the desk knows of a comment's writer on one blog, by mailbox and without the address."""

from dataclasses import dataclass

from django.db.models import Count, Q

from moderation.models import Comment


@dataclass(frozen=True)
class Record:
    """How many other comments of theirs came, and what became of them."""

    others: int
    approved: int
    refused: int


def of(comment: Comment) -> Record | None:
    """In one query; None once the address is forgotten."""
    if not comment.mailbox:
        return None
    here = Comment.objects.filter(post__blog=comment.post.blog_id, confirmed_at__isnull=False)
    theirs = here.filter(mailbox=comment.mailbox)
    approved, refused = Q(state=Comment.State.APPROVED), Q(state__in=Comment.REFUSED)
    return Record(
        **theirs.exclude(pk=comment.pk).aggregate(
            others=Count("pk"), approved=Count("pk", filter=approved), refused=Count("pk", filter=refused)
        )
    )
