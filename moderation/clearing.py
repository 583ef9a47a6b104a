"""Reports that were wrong: the comment stays, and who reported it is believed less."""

from django.contrib.auth.models import User
from django.db import transaction

from moderation.models import Comment, Decision
from moderation.reports import Report


def keep(comment: Comment, *, by: User, version: int) -> Decision:
    """Keep a published comment after a report. Raises Overtaken, and NotPossible where there is none to settle."""
    reported = Report.objects.open().filter(comment=comment).exists()
    with transaction.atomic():
        comment.advance(version, [Comment.State.APPROVED] if reported else [])
        Report.objects.settle(comment, was_right=False)
        return comment.decisions.create(outcome=Decision.Outcome.CLEARED, version=version, moderator=by)
