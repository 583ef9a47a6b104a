"""The form of an official reply, for the desk's page of a comment."""

from typing import Any

from django import template

from moderation.models import Comment, Moderator
from moderation.official import offered

register = template.Library()


@register.inclusion_tag("moderation/desk/_official.html", takes_context=True)
def official_reply(context: dict[str, Any], comment: Comment) -> dict[str, Any]:
    """What lets this moderator answer this comment; nothing for those who cannot."""
    speakers = Moderator.objects.select_related("blog", "user")
    speaker = speakers.filter(user=context["request"].user, blog=comment.post.blog_id).first()
    return offered(comment, speaker)
