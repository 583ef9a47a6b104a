"""What is stored of a writer's words when they are changed: the same as of words that are new."""

from copy import copy
from typing import TYPE_CHECKING, Any

from moderation.text import as_html

if TYPE_CHECKING:
    from moderation.models import Comment


def worded(comment: "Comment", text: str) -> dict[str, Any]:
    """The fields of `comment` with clean `text` for its words, as the rules see it. Call it outside a transaction."""
    other = copy(comment)
    other.text, other.html = text, as_html(text)
    return {"text": other.text, "html": other.html, **other.judged(), **other.weighed()}
