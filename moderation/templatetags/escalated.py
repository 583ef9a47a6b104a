"""What whoever escalates a comment is told."""

from django import template

from moderation import escalating
from moderation.models import Comment

register = template.Library()


@register.simple_tag
def nobody_told(comment: Comment) -> bool:
    """Whether it was escalated, and there is nobody to mail: then a person has to tell a lead."""
    return comment.escalated_at is not None and not escalating.leads(comment)
