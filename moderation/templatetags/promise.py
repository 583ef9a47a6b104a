"""Until when we promise to decide, for the pages of one comment."""

from django import template
from django.utils import timezone

from moderation import promise
from moderation.models import Comment

register = template.Library()


@register.simple_tag
def promise_for(comment: Comment) -> str:
    """The promise with its day: counted from now for a comment that is still to be confirmed."""
    blog = comment.post.blog
    return promise.words_for(blog, comment.due_at if comment.confirmed_at else promise.due_at(blog, timezone.now()))
