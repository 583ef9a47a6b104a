"""Published comments that a person has looked at and keeps: one that was reported, or published at once."""

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q

from moderation.claims import FREED
from moderation.models import NO_CONDITION, Comment, Decision
from moderation.reports import Report

PUBLISHED = [Comment.State.APPROVED]


def keep(comment: Comment, *, by: User, version: int) -> Decision:
    """Keep it on the page: a report was wrong, or a regular's comment, or what an author passed on, is as it should be.

    Its writer hears nothing: for them nothing changes. Raises Overtaken, and NotPossible where there is nothing to
    look at.
    """
    reported = Report.objects.open().filter(comment=comment).exists()
    with transaction.atomic():
        asked = NO_CONDITION if reported else Q(unseen=True) | Q(escalated_at__isnull=False)
        comment.advance(version, PUBLISHED, asked, unseen=False, escalated_at=None, **FREED)
        Report.objects.settle(comment, was_right=False)
        return comment.decisions.create(outcome=Decision.Outcome.CLEARED, version=version, moderator=by)


def may_look_again(comment: Comment) -> bool:
    """Whether an undo takes back that a comment published at once was kept: it stays on the page."""
    newest = comment.newest_decision()
    return bool(comment.at_once and newest and newest.outcome == Decision.Outcome.CLEARED)


def look_again(comment: Comment, *, by: User, version: int) -> Decision:
    """It awaits a look again, on the page. Raises Overtaken and NotPossible."""
    with transaction.atomic():
        comment.advance(version, PUBLISHED if may_look_again(comment) else [], unseen=True)
        return comment.decisions.create(outcome=Decision.Outcome.REOPENED, version=version, moderator=by)
