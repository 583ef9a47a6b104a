"""What the rules found in a comment, for the desk."""

from collections import Counter
from typing import Any

from django import template
from django.utils.safestring import SafeString, mark_safe

from moderation.models import Comment, Revision
from moderation.rules import TITLES
from moderation.text import as_html

register = template.Library()


@register.inclusion_tag("moderation/desk/_held.html")
def held_tags(comment: Comment | Revision) -> dict[str, Any]:
    """Each kind once, with how often it was found and what about; of a comment's words, or of an edit's."""
    found = Counter((entry["kind"], entry.get("about", "")) for entry in comment.held)
    return {"found": [(TITLES.get(kind, kind), about, times) for (kind, about), times in found.items()]}


@register.simple_tag
def marked_text(comment: Comment) -> SafeString:
    """The comment's text, with the places marked that the rules speak of."""
    spans = [(entry["start"], entry["end"]) for entry in comment.held if "start" in entry]
    return as_html(comment.text, spans) if spans else mark_safe(comment.html)  # noqa: S308 - as_html made it


@register.filter
def is_blurred(comment: Comment | Revision) -> bool:
    """Whether what holds it, or an edit, is listed as abuse, which nobody need read before they choose to."""
    return any(entry.get("blur") for entry in comment.held)
