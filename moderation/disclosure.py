"""A post's whole thread with its decisions, for who asks for it by law: with names and personal details left out."""

import csv
import io
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from blog.models import Post
from moderation import personal
from moderation.models import Comment, Decision
from postbag.spreadsheets import plain

COLUMNS = [
    "comment",
    "reply_to",
    "sent_at",
    "writer",
    "text",
    "state",
    "decided_at",
    "decision",
    "moderator",
    "rule",
    "message",
]


def as_csv(post: Post, names: bool) -> str:
    """A row for each decision, and for each comment without one; the text stands in the first row of a comment.

    Without `names` nobody is named: writers are numbered, moderators left out, and what looks like a personal detail is
    taken out of the texts. Addresses are never in it. With a byte order mark: spreadsheets take it for UTF-8 then.
    """
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in _rows(post, names):
        writer.writerow([plain(row.get(column, "")) for column in COLUMNS])
    return "\ufeff" + file.getvalue()


def _rows(post: Post, names: bool) -> Iterator[dict[str, Any]]:
    proved = Comment.objects.filter(post=post).exclude(state__in=Comment.NOT_PROVED, confirmed_at=None)
    writers: dict[str, int] = {}
    for comment in proved.in_thread().for_desk():
        number = writers.setdefault(comment.mailbox or f"comment {comment.pk}", len(writers) + 1)
        first = {
            "comment": comment.pk,
            "reply_to": comment.parent_id,
            "sent_at": comment.submitted_at.isoformat(),
            "writer": comment.name if names else _("Writer %(number)s") % {"number": number},
            "text": comment.text if names else without_details(comment.text),
            "state": comment.state,
        }
        decided = [_decided(made, names) for made in comment.decisions.all()]
        yield first | (decided[0] if decided else {})
        yield from ({"comment": comment.pk, **made} for made in decided[1:])


def without_details(text: str) -> str:
    """`text` with “[redacted]” for each phone number, address and the like that we know."""
    for detail in sorted(personal.details(text), key=lambda detail: -detail.start):
        text = f"{text[: detail.start]}[redacted]{text[detail.end :]}"
    return text


def _decided(made: Decision, names: bool) -> dict[str, Any]:
    return {
        "decided_at": made.made_at.isoformat(),
        "decision": made.outcome,
        "moderator": made.moderator.get_username() if names else "",
        "rule": made.reason.title if made.reason else "",
        "message": made.note if names else without_details(made.note),
    }
