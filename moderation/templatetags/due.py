"""How a comment stands against the promise, for the desk; and which keys do what."""

from typing import Any

from django import template
from django.utils import timezone
from django.utils.timesince import timesince, timeuntil
from django.utils.translation import gettext as _

from moderation.models import Comment
from moderation.promise import Band, band

register = template.Library()
COLOURS = {Band.ON_TIME: "green", Band.DUE_TODAY: "yellow", Band.LATE: "red"}


@register.inclusion_tag("moderation/desk/_due.html")
def due(comment: Comment) -> dict[str, Any]:
    """How much is left of the promise, of a comment that awaits a decision, or a look."""
    if not (comment.state == Comment.State.PENDING or comment.unseen) or comment.due_at is None:
        return {}
    stands = band(comment.due_at)
    return {"band": stands, "colour": COLOURS[stands], "due": comment.due_at, "words": due_words(comment)}


@register.simple_tag
def due_words(comment: Comment) -> str:
    """The same in words: “late by 2 days”. Nothing where nothing is promised."""
    if comment.due_at is None:
        return ""
    is_late, now = band(comment.due_at) == Band.LATE, timezone.now()
    left = timesince(comment.due_at, now, depth=1) if is_late else timeuntil(comment.due_at, now, depth=1)
    return (_("late by %(time)s") if is_late else _("%(time)s left")) % {"time": left}
