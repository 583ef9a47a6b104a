"""Claims: who is about to decide a comment, so that two people do not do the same work."""

import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from moderation.audit import Event
from moderation.reports import Report
from moderation.revisions import Appeal, Revision
from moderation.states import REFUSED, State

if TYPE_CHECKING:
    from moderation.models import Comment

FREED: dict[str, Any] = {"claimed_by": None, "claimed_until": None}
LASTS = datetime.timedelta(minutes=10)


def claim(comment: "Comment", person: Any) -> bool:
    """Claim it for ten minutes, or ten more.

    False while somebody else has it, when it awaits no decision, or when its blog has no claims.
    """
    if comment.post.blog.claims == comment.post.blog.Claims.OFF:
        return False
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
        moved = _waiting(comment).filter(claimed_by=person).update(**FREED)
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


def awaits(comment: "Comment") -> bool:
    """Whether somebody is to decide something about it: itself, its edit, the appeal, or whether it is kept."""
    if comment.state == State.APPROVED:
        edited = any(made.state == Revision.State.WAITING for made in comment.revisions.all())
        passed_on = comment.escalated_at is not None
        return comment.unseen or edited or passed_on or Report.objects.open().filter(comment=comment).exists()
    asked = getattr(comment, "appeal", None)
    appealed = comment.state in REFUSED and asked is not None and asked.state == Appeal.State.OPEN
    return comment.state == State.PENDING or appealed


def may_decide(comment: "Comment", person: Any) -> bool:
    """Whether claims let this person decide it: where the blog requires one, only who has it.

    Of what awaits no decision there are no claims: everybody may undo it.
    """
    is_required = comment.post.blog.claims == comment.post.blog.Claims.REQUIRED
    return not is_required or not awaits(comment) or holder(comment) == person


def since(comment: "Comment") -> datetime.datetime | None:
    """Since when somebody has it; counted from when they said so last."""
    return comment.claimed_until - LASTS if comment.claimed_until else None


def _waiting(comment: "Comment") -> Any:
    """The row, as long as what it awaits is still to be decided: a decision since raised its version."""
    here = type(comment).objects.filter(pk=comment.pk, version=comment.version)
    return here if awaits(comment) else here.none()
