"""Published comments that a person has looked at and keeps: one that was reported, or published at once."""

from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q

from moderation.claims import FREED
from moderation.models import NO_CONDITION, Comment, Decision
from moderation.reports import Report

PUBLISHED = [Comment.State.APPROVED]
Outcome = Decision.Outcome


def keep(comment: Comment, *, by: User, version: int, newest_report: int = 0) -> Decision:
    """Keep it on the page: a report was wrong, or a regular's comment, or what an author passed on, is as it should be.

    What was reported up to the newest report that they were shown was wrong; where there are newer ones, it stays on
    the list of those reported. Its writer hears nothing: for them nothing changes. Raises Overtaken, and NotPossible
    where there is nothing to look at.
    """
    shown = Report.objects.filter(comment=comment, pk__lte=newest_report)
    reported = shown.open().exists()
    with transaction.atomic():
        asked = NO_CONDITION if reported else Q(unseen=True) | Q(escalated_at__isnull=False)
        comment.advance(version, PUBLISHED, asked, unseen=False, escalated_at=None, **FREED)
        decision = comment.decisions.create(outcome=Outcome.CLEARED, version=version, moderator=by)
        shown.settle(comment, was_right=False)  # after the decision: by its moment an undo finds them
    return decision


def may_look_again(comment: Comment) -> bool:
    """Whether an undo takes back that a comment was kept: it stays on the page."""
    newest = comment.newest_decision()
    return bool(newest and newest.outcome == Outcome.CLEARED)


def look_again(comment: Comment, *, by: User, version: int) -> Decision:
    """It awaits what it awaited before it was kept, on the page. Raises Overtaken and NotPossible."""
    kept = comment.newest_decision() if may_look_again(comment) else None
    with transaction.atomic():
        comment.advance(version, PUBLISHED if kept else [], **awaited_before(comment))
        if kept:
            Report.objects.reopen(comment, kept.made_at)
        return comment.decisions.create(outcome=Outcome.REOPENED, version=version, moderator=by)


def awaited_before(comment: Comment) -> dict[str, Any]:
    """Whose look a published comment awaited before it was kept, or escalated, last: fields, told by its decisions."""
    nobodys: dict[str, Any] = {"unseen": False, "escalated_at": None}
    awaited = [nobodys, {**nobodys, "unseen": comment.at_once}]
    for made in comment.decisions.all():
        if made.outcome == Outcome.ESCALATED:
            awaited.append({**nobodys, "escalated_at": made.made_at})
        elif _takes_back(made, awaited[-1]):
            awaited.pop()
        elif made.outcome == Outcome.CLEARED or made.outcome in Decision.STATE_AFTER:
            awaited.append(nobodys)
    return awaited[-2]


def _takes_back(made: Decision, awaited: dict[str, Any]) -> bool:
    """Whether this is the undo of a keep, or of an escalation."""
    about_itself = made.revision_id is None and made.appeal_id is None
    is_escalated = awaited["escalated_at"] is not None
    return made.outcome == (Outcome.UNDONE if is_escalated else Outcome.REOPENED) and about_itself
