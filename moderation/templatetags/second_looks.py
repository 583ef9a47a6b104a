"""What a comment's writer changed, and what happened last, for the desk's pages."""

from typing import Any

from django import template

from moderation import editing, timeline
from moderation.differences import difference
from moderation.models import Comment

register = template.Library()


@register.inclusion_tag("moderation/desk/_edit.html")
def edit_of(comment: Comment) -> dict[str, Any]:
    """The edit that awaits a decision, as a difference to what is published."""
    revision = editing.waiting(comment)
    return {"revision": revision, "difference": difference(comment.text, revision.text) if revision else ""}


@register.simple_tag
def newest_moment(comment: Comment) -> timeline.Moment:
    """What happened to it last."""
    return timeline.newest(comment)
