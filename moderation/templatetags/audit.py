"""How the record of what people did reads."""

from django import template

from moderation import timeline
from moderation.models import Event

register = template.Library()


@register.filter
def in_words(event: Event) -> str:
    """What was done."""
    return timeline.in_words(event)
