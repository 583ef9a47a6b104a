"""What was done at the desk as a file, for who asks for it by law: a post's thread, or the record, without names."""

import csv
import io
import itertools
from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from blog.models import Post
from moderation import personal, timeline
from moderation.known_names import KnownNames
from moderation.models import Comment, Decision, Event
from postbag.spreadsheets import plain

COLUMNS = [
    "comment",
    "reply_to",
    "sent_at",
    "writer",
    "text",
    "state",
    "at",
    "what",
    "who",
    "rule",
    "message",
]
RECORD = ["at", "blog", "what", "comment", "who", "details"]


def as_csv(post: Post, names: bool) -> str:
    """A row for all that was done about each comment, decisions and the rest; its text stands in the first of its rows.

    Without `names` nobody is named: writers are numbered, moderators left out, and what looks like a personal detail is
    taken out of the texts, as are the names of who wrote in the thread. Addresses are never in it, nor words that their
    writer took back. With a byte order mark: spreadsheets take it for UTF-8 then.
    """
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in _rows(post, names):
        writer.writerow([plain(row.get(column, "")) for column in COLUMNS])
    return "\ufeff" + file.getvalue()


def record_as_csv(events: QuerySet[Event], names: bool) -> Iterator[str]:
    """What people did at the desk, a line each, oldest first: also about comments that are erased by now.

    Without `names`, neither who did it nor what is listed, which may be somebody's name.
    """
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    yield "\ufeff"
    for row in itertools.chain([RECORD], (_recorded(event, names) for event in events.order_by("pk").iterator())):
        writer.writerow(map(plain, row))
        yield file.getvalue()
        file.seek(0)
        file.truncate()


def _recorded(event: Event, names: bool) -> list[Any]:
    done = [event.at.isoformat(), event.blog.name, timeline.in_words(event), event.comment_number or ""]
    details = "; ".join(f"{name}: {detail}" for name, detail in event.details.items())
    return [*done, event.who if names else "", details if names else ""]


def _rows(post: Post, names: bool) -> Iterator[dict[str, Any]]:
    proved = Comment.objects.filter(post=post).exclude(state__in=Comment.NOT_PROVED, confirmed_at=None)
    writers: dict[str, int] = {}
    around = _around(proved)
    clean = str if names else _cleaner(proved)
    for comment in proved.in_thread().for_desk():
        number = writers.setdefault(comment.mailbox or f"comment {comment.pk}", len(writers) + 1)
        first = {
            "comment": comment.pk,
            "reply_to": comment.parent_id,
            "sent_at": comment.submitted_at.isoformat(),
            "writer": comment.name if names else _("Writer %(number)s") % {"number": number},
            "text": "" if comment.state == Comment.State.WITHDRAWN else clean(comment.text),
            "state": comment.get_state_display(),
        }
        done = [_decided(made, names, clean) for made in comment.decisions.all()]
        done += [_done(event, names) for event in around.get(comment.pk, [])]
        yield from _each(first, sorted(done, key=lambda row: row["at"]))


def _cleaner(comments: QuerySet[Comment]) -> Callable[[str], str]:
    """What takes personal details out of a text, and the names of these comments' writers."""
    known = KnownNames(comments.order_by().values_list("name", flat=True))
    return lambda text: known.left_out(personal.left_out(text))


def _around(comments: QuerySet[Comment]) -> dict[int, list[Event]]:
    """What was done about them beside decisions, by the number of the comment."""
    found: dict[int, list[Event]] = {}
    decisions = [Event.Kind.DECIDED, Event.Kind.REDACTED]
    done = Event.objects.filter(comment_number__in=comments.values("pk")).exclude(kind__in=decisions)
    for event in done.select_related("person"):
        found.setdefault(event.comment_number or 0, []).append(event)
    return found


def _each(first: dict[str, Any], done: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The comment's row with the first thing that was done, and a row for each of the others."""
    yield first | (done[0] if done else {})
    yield from ({"comment": first["comment"], **other} for other in done[1:])


def _done(event: Event, names: bool) -> dict[str, Any]:
    return {"at": event.at.isoformat(), "what": timeline.in_words(event), "who": event.who if names else ""}


def _decided(made: Decision, names: bool, clean: Callable[[str], str]) -> dict[str, Any]:
    return {
        "at": made.made_at.isoformat(),
        "what": made.get_outcome_display(),
        "who": made.moderator.get_username() if names else "",
        "rule": made.rule or "",
        "message": clean(made.note),
    }
