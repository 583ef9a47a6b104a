"""Claims: who is about to decide a comment, so that two people do not do the same work."""

import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from moderation.audit import Event

if TYPE_CHECKING:
    from moderation.models import Comment

LASTS = datetime.timedelta(minutes=10)


def claim(comment: "Comment", person: Any) -> bool:
    """Claim it for ten minutes, or ten more. False while somebody else has it, or when it awaits no decision."""
    now = timezone.now()
    free = unclaimed() | Q(claimed_by=person)
    with transaction.atomic():
        moved = _waiting(comment).filter(free).update(claimed_by=person, claimed_until=now + LASTS)
        if moved:
            Event.objects.note_down(Event.Kind.CLAIMED, comment.post.blog, person, comment)
    comment.refresh_from_db(fields=["claimed_by", "claimed_until"])
    return bool(moved)


def release(comment: "Comment", person: Any) -> bool:
    """Give it back. False when this person did not have it."""
    with transaction.atomic():
        moved = _waiting(comment).filter(claimed_by=person).update(claimed_by=None, claimed_until=None)
        if moved:
            Event.objects.note_down(Event.Kind.RELEASED, comment.post.blog, person, comment)
    comment.refresh_from_db(fields=["claimed_by", "claimed_until"])
    return bool(moved)


def holder(comment: "Comment") -> Any:
    """Who has it claimed now, or None."""
    claimed = comment.claimed_until is not None and comment.claimed_until >= timezone.now()
    return comment.claimed_by if claimed else None


def unclaimed() -> Q:
    """Of comments: that nobody has claimed now."""
    return Q(claimed_by=None) | Q(claimed_until__lt=timezone.now())


def may_decide(comment: "Comment", person: Any) -> bool:
    """Whether claims let this person decide it: where the blog requires one, only who has it.

    Of what awaits no decision there are no claims: everybody may undo it.
    """
    is_required = comment.post.blog.claims == comment.post.blog.Claims.REQUIRED
    return not is_required or comment.state != comment.State.PENDING or holder(comment) == person


def since(comment: "Comment") -> datetime.datetime | None:
    """Since when somebody has it; counted from when they said so last."""
    return comment.claimed_until - LASTS if comment.claimed_until else None


def _waiting(comment: "Comment") -> Any:
    return type(comment).objects.filter(pk=comment.pk, state=comment.State.PENDING)
