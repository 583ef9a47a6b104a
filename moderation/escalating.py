"""Threats, and what else is not for one moderator: passed to the leads of the blog, and its writer hears nothing."""

from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from moderation import clearing, mail, second
from moderation.claims import FREED
from moderation.models import Comment, Decision, Moderator
from moderation.replies import ReplyNotice
from moderation.roles import LEAD, duties_with
from moderation.states import ESCALATED as STATES


def escalate(comment: Comment, *, by: User, version: int) -> Decision:
    """Pass it to the leads: it leaves the queue and, if it was published, the page; they get a mail without its words.

    What an author of the post passes on stays published until a lead decides: nobody alone takes it off their own post.
    Raises Overtaken and NotPossible as Comment.decide does.
    """
    states = [Comment.State.PENDING, Comment.State.APPROVED]
    waits: dict[str, Any] = {"escalated_at": timezone.now(), "unseen": False, **FREED}
    stays = comment.state == Comment.State.APPROVED and second.is_own_post(comment, by)
    if not stays:
        waits |= {"state": Comment.State.PENDING, "decided_at": None}
    with transaction.atomic():
        comment.advance(version, states, Q(escalated_at=None), **waits)
        decision = comment.decisions.create(outcome=Decision.Outcome.ESCALATED, version=version, moderator=by)
        comment.post.blog.raise_page_version()
        if not stays:  # else its writer is told of the publication, as it stands
            mail.cancel_decision(comment)
        ReplyNotice.objects.follow(comment)
        mail.owe_escalation(comment, leads(comment))
    return decision


def take_back(comment: Comment, *, by: User, version: int) -> Decision:
    """Put it back where it would stand otherwise; leads who have not been mailed yet are not.

    Raises Overtaken and NotPossible.
    """
    is_published = comment.state == Comment.State.APPROVED
    before = clearing.awaited_before(comment) if is_published else {}
    with transaction.atomic():
        comment.advance(version, STATES, Q(escalated_at__isnull=False), **{"escalated_at": None, **before}, **FREED)
        mail.cancel_escalation(comment)
        return comment.decisions.create(outcome=Decision.Outcome.UNDONE, version=version, moderator=by)


def leads(comment: Comment) -> list[User]:
    """Who is told: the leads of its blog that have an address; where there is none, the superusers."""
    able = User.objects.filter(is_active=True).exclude(email="")
    duties = Moderator.objects.filter(blog=comment.post.blog_id, duty__in=duties_with(LEAD))
    return list(able.filter(pk__in=duties.values("user"))) or list(able.filter(is_superuser=True))


def may_decide(comment: Comment, person: Any, outcome: str = "") -> bool:
    """Whether this person may decide so: of what was escalated, only leads; whoever did it may take it back."""
    if comment.escalated_at is None or person.has_perm(LEAD, comment.post.blog):
        return True
    newest = comment.newest_decision()
    mine = newest and newest.outcome == Decision.Outcome.ESCALATED and newest.moderator_id == person.pk
    return bool(mine and outcome == Decision.Outcome.UNDONE)
