"""What a comment's writer changed, and what happened last, for the desk's pages."""

from typing import Any

from django import template

from moderation import claims, editing, second, timeline
from moderation.differences import difference
from moderation.models import Comment
from moderation.templatetags.held import is_blurred

register = template.Library()


@register.inclusion_tag("moderation/desk/_edit.html")
def edit_of(comment: Comment) -> dict[str, Any]:
    """The edit that awaits a decision, as a difference to what is published."""
    revision = editing.waiting(comment)
    if revision is None:
        return {}
    blurred = is_blurred(comment) or is_blurred(revision)
    return {"revision": revision, "difference": difference(comment.text, revision.text), "is_blurred": blurred}


@register.simple_tag
def newest_moment(comment: Comment) -> timeline.Moment:
    """What happened to it last."""
    return timeline.newest(comment)


@register.inclusion_tag("moderation/desk/_presence.html")
def presence(comment: Comment, person: Any) -> dict[str, Any]:
    """Who is about to decide it, and what awaits a second person."""
    return {
        "holder": claims.holder(comment),
        "since": claims.since(comment),
        "person": person,
        "proposal": second.standing(comment),
    }


@register.simple_tag
def holder_of(comment: Comment) -> dict[str, Any] | None:
    """Who has it, and since when."""
    has = claims.holder(comment)
    return {"name": has.get_username(), "since": claims.since(comment)} if has else None
