"""The form of an official reply, for the desk's page of a comment."""

from typing import Any

from django import template

from moderation.models import Comment
from moderation.official import offered, speaker_for

register = template.Library()


@register.inclusion_tag("moderation/desk/_official.html", takes_context=True)
def official_reply(context: dict[str, Any], comment: Comment) -> dict[str, Any]:
    """What lets this moderator answer this comment; nothing for those who cannot."""
    return offered(comment, speaker_for(context["request"].user, comment))
