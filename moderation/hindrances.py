"""What keeps a moderator from deciding a comment just now: that it is not theirs by a claim, or is with the leads."""

from http import HTTPStatus
from typing import Any

from moderation import claims, escalating
from moderation.models import Comment


def hindrance(comment: Comment, person: Any, outcome: str = "") -> dict[str, Any]:
    """The answer's status, and why, as the desk's pages are told; empty when nothing is in the way of this outcome."""
    if not claims.may_decide(comment, person):
        return {"status": HTTPStatus.CONFLICT, "unclaimed": True}
    if not escalating.may_decide(comment, person, outcome):
        return {"status": HTTPStatus.FORBIDDEN, "for_leads": True}
    return {}
