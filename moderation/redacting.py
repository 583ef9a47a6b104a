"""Redactions: the one change of a writer's words that moderators make, with a mark that everybody sees."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from moderation.models import Comment, Decision, Event, Revision
from moderation.wording import worded


def mark() -> str:
    """What stands in the place of the words."""
    return _("[removed by a moderator]")


def redact(comment: Comment, words: str, *, by: Any, version: int) -> Decision:
    """Take these words out of a comment that awaits a decision, wherever they stand in it as it was at `version`.

    Raises Overtaken and NotPossible. What stood there is kept for moderators, as long as the comment is.
    """
    before, times = comment.text, comment.text.count(words)
    changes = worded(comment, before.replace(words, mark()))
    with transaction.atomic():
        comment.advance(version, [Comment.State.PENDING] if times else [], **changes)
        kept = {name: changes[name] for name in ["text", "html", "held"]}
        state, way = Revision.State.DONE, Revision.Way.REDACTED
        comment.revisions.create(way=way, state=state, version=version, before=before, **kept)
        blog = comment.post.blog
        Event.objects.note_down(Event.Kind.REDACTED, blog, by, comment, places=times, characters=len(words))
        return comment.decisions.create(outcome=Decision.Outcome.REDACTED, version=version, moderator=by)
