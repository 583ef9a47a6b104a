"""Redactions: the one change of a writer's words that moderators make, with a mark that everybody sees."""

import re
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from moderation import second
from moderation.models import Comment, Decision, Event, Revision
from moderation.wording import worded

# Of a word that spaces end: not Thai to Tibetan, Burmese, Khmer, Chinese and Japanese.
LETTER = r"[^\W\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"


def mark() -> str:
    """What stands in the place of the words."""
    return _("[removed by a moderator]")


def places(text: str, words: str) -> list[tuple[int, int]]:
    """Where these words stand in `text` as whole words, “an” not in “plan”, save in scripts that put no spaces.

    However they are spaced and broken into lines: a browser shows them so.
    """
    spaced = r"\s+".join(re.escape(word) for word in words.split())
    before = rf"(?<!{LETTER})" if re.match(rf"\s*{LETTER}", words) else ""
    behind = rf"(?!{LETTER})" if re.search(rf"{LETTER}\s*$", words) else ""
    return [match.span() for match in re.finditer(f"{before}{spaced}{behind}", text)] if spaced else []


def redact(comment: Comment, words: str, *, by: Any, version: int) -> Decision:
    """Take these words out of a comment that awaits a decision, wherever they stand in it as it was at `version`.

    Raises Overtaken and NotPossible, and moderation.second.NeedsAnother for an author of the post. What stood there is
    kept for moderators, as long as the comment is.
    """
    if second.is_own_post(comment, by):
        raise second.NeedsAnother
    before, found = comment.text, places(comment.text, words)
    changes = worded(comment, _without(before, found))
    with transaction.atomic():
        comment.advance(version, [Comment.State.PENDING] if found else [], **changes)
        kept = {name: changes[name] for name in ["text", "html", "held"]}
        state, way = Revision.State.DONE, Revision.Way.REDACTED
        comment.revisions.create(way=way, state=state, version=version, before=before, **kept)
        blog = comment.post.blog
        Event.objects.note_down(Event.Kind.REDACTED, blog, by, comment, places=len(found), characters=len(words))
        return comment.decisions.create(outcome=Decision.Outcome.REDACTED, version=version, moderator=by)


def _without(text: str, found: list[tuple[int, int]]) -> str:
    """`text` with the mark in each of these places."""
    for start, end in reversed(found):
        text = f"{text[:start]}{mark()}{text[end:]}"
    return text
