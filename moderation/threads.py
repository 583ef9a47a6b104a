"""How the comments on a post are read: in threads, by pages, at a cost that their number does not change.

A page has up to 50 comments that begin a thread, each with the earliest of its replies. A thread that has more
replies than there is room for has pages of its own. What stands where is asked here and nowhere else.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.core.paginator import InvalidPage
from django.db import connection

from blog.comment_pages import CommentPage
from blog.models import Post
from moderation.models import Comment

THREADS = 50  # on a page
REPLIES = 50  # of one thread: on the post's page at most, and on each page of the thread's own
TOGETHER = 150  # replies on the post's page, of all its threads: three for each at least
TEXT = 500  # characters, for machines that read the page: people have the whole text

TOP = 0  # above what begins a thread

# In SQL, because half of a page's time went into making it from objects. Tables and columns are the models'; both
# databases take it as it stands. What begins a thread is public, or holds public replies together.
ANSWERS = "FROM moderation_comment r WHERE r.root_id = c.id AND r.state = 'approved'"
BEGUN = f"""FROM moderation_comment c WHERE c.post_id = %s AND c.root_id IS NULL
    AND (c.state = 'approved' OR EXISTS (SELECT 1 {ANSWERS}))"""
COUNTS = f"""SELECT (SELECT count(*) FROM moderation_comment WHERE post_id = %s AND state = 'approved'),
    (SELECT count(*) {BEGUN})"""  # noqa: S608 - our own words
SAID = f"""SELECT c.id, c.parent_id, c.root_id, c.state, c.name, c.official, c.html, substr(c.text, 1, {TEXT + 1}),
    c.submitted_at, c.edited_at, c.edition, c.parent_edition"""
OLDEST, NEWEST = "ORDER BY c.submitted_at, c.id", "ORDER BY c.submitted_at DESC, c.id DESC"
BEFORE = "AND (c.submitted_at, c.id) < (%s, %s)"
OF_THREAD = "FROM moderation_comment c WHERE c.root_id = %s AND c.state = 'approved'"
# Chosen by indexes alone: only the rows that are shown are read, however many there are. LIMIT tells PostgreSQL so.
EARLIEST = f"""{SAID} FROM moderation_comment c WHERE c.id IN (
    SELECT id FROM (
        SELECT id, row_number() OVER (PARTITION BY root_id ORDER BY submitted_at, id) AS place
        FROM moderation_comment WHERE root_id IN (ROOTS) AND state = 'approved'
    ) ranked WHERE place <= %s LIMIT {TOGETHER}
) {OLDEST}"""  # noqa: S608 - our own words
BEGINNINGS = f"""{SAID}, (SELECT count(*) {ANSWERS}) FROM moderation_comment c WHERE c.id IN (
    SELECT c.id {BEGUN} ORDER LIMIT {THREADS} OFFSET %s
) ORDER"""  # noqa: S608 - our own words


class Said(NamedTuple):
    """A comment as a page shows it: a placeholder unless it is public."""

    pk: int
    parent: int | None
    root: int | None
    state: str
    name: str
    official: str
    html: str
    text: str
    submitted_at: datetime
    edited_at: datetime | None
    edition: int
    parent_edition: int | None
    length: int = 0  # public replies in the thread that it begins

    @property
    def at(self) -> str:
        """When it was submitted, as machines read it."""
        return self.submitted_at.isoformat(timespec="seconds")

    @property
    def is_public(self) -> bool:
        return self.state == Comment.State.APPROVED


@dataclass(frozen=True)
class Threads:
    """What one page shows of the threads on a post."""

    said: list[Said]
    elsewhere: dict[int, Said]  # public ones that are answered here and stand on another page
    number: int
    pages: int
    count: int  # public comments on the post, on all pages
    begun: int  # threads, on all pages
    shown_of_each: int = REPLIES


class Place(NamedTuple):
    """Where a comment stands: on a page of the post's comments, or of its own thread's if `thread` is set."""

    number: int
    thread: int | None = None


def on_post(post: Post, asked: CommentPage) -> Threads:
    """A page of a post's threads. Raises InvalidPage when there is none with this number."""
    count, begun = _rows(COUNTS, post.pk, post.pk)[0]
    pages = _pages(begun, THREADS)
    if asked.number > pages:
        raise InvalidPage
    roots = _roots(post, asked) if begun else []
    limit = fair_share([root.length for root in roots])
    answers = _earliest([root.pk for root in roots if root.length], limit)
    return Threads(*_complete(roots, answers), asked.number, pages, count, begun, limit)


def of_thread(post: Post, root: int, number: int) -> Threads:
    """A page of one thread: its beginning, and 50 of its replies. Raises InvalidPage when there is none."""
    begun = _said(f"{SAID}, (SELECT count(*) {ANSWERS}) {BEGUN} AND c.id = %s", post.pk, root)
    pages = _pages(begun[0].length if begun else 0, REPLIES)
    if not begun or number > pages:
        raise InvalidPage
    answers = _said(f"{SAID} {OF_THREAD} {OLDEST} LIMIT %s OFFSET %s", root, REPLIES, (number - 1) * REPLIES)
    return Threads(*_complete(begun, answers), number, pages, _rows(COUNTS, post.pk, post.pk)[0][0], 1)


def beginning(post: Post, pk: int) -> Comment | None:
    """The comment that begins this thread on a post, a placeholder included."""
    known = _rows(f"SELECT c.id {BEGUN} AND c.id = %s", post.pk, pk)
    return Comment.objects.select_related("post").get(pk=pk) if known else None


def place_of(comment: Comment) -> Place:
    """Where a public comment, or one that begins a thread, stands when comments are read oldest first."""
    root = comment.root or comment
    number = _rows(f"SELECT count(*) {BEGUN} {BEFORE}", comment.post_id, *_age(root))[0][0] // THREADS + 1
    if root == comment:
        return Place(number)
    earlier = _rows(f"SELECT count(*) {OF_THREAD} {BEFORE}", root.pk, *_age(comment))[0][0]
    fits = earlier < fair_share([shown.length for shown in _roots(comment.post, CommentPage(number))])
    return Place(number) if fits else Place(earlier // REPLIES + 1, root.pk)


def is_whole_on_post(root: Comment) -> bool:
    """Whether the post's page shows all replies to this one, so that it has no page of its own."""
    newest = root.thread.filter(state=Comment.State.APPROVED).order_by("submitted_at", "pk").last()
    return newest is None or place_of(newest).thread is None


def fair_share(lengths: Sequence[int]) -> int:
    """How many replies each thread of a page shows at most, so that all together are TOGETHER at most."""
    limit = REPLIES
    while sum(min(length, limit) for length in lengths) > TOGETHER:
        limit -= 1
    return limit


def in_order(threads: Threads, depth: int) -> Iterator[tuple[Said, int, Said | None]]:
    """Each comment as it is read, its level (0: begins a thread), and, where that does not show it, what it answers.

    A reply stands below what it answers, or beside it at the deepest level; below the thread's beginning when what it
    answers is on another page or gone.
    """
    known, level = threads.elsewhere.copy(), {TOP: -1}
    above: dict[int, int] = {}
    below: dict[int, list[Said]] = defaultdict(list)
    for said in threads.said:
        parent = next((pk for pk in [said.parent, said.root] if pk in level), TOP)
        host = above[parent] if level[parent] == max(depth, 1) else parent
        known[said.pk], level[said.pk], above[said.pk] = said, level[host] + 1, host
        below[host].append(said)
    waiting = below[TOP][::-1]
    while waiting:
        said = waiting.pop()
        answered = known.get(said.parent or TOP) if said.parent != above[said.pk] else None
        yield said, level[said.pk], answered if answered and answered.is_public else None
        waiting += below[said.pk][::-1]


def _roots(post: Post, asked: CommentPage) -> list[Said]:
    order = NEWEST if asked.newest_first else OLDEST
    return _said(BEGINNINGS.replace("ORDER", order), post.pk, (asked.number - 1) * THREADS)


def _earliest(roots: Sequence[int], limit: int) -> list[Said]:
    """The first replies of each thread."""
    return _said(EARLIEST.replace("ROOTS", _slots(roots)), *roots, limit) if roots else []


def _complete(roots: list[Said], answers: list[Said]) -> tuple[list[Said], dict[int, Said]]:
    """All that a page shows, what is answered before its answers; and public comments that are answered elsewhere."""
    missing = {said.parent for said in answers if said.parent} - {said.pk for said in [*roots, *answers]}
    found = _said(f"{SAID} FROM moderation_comment c WHERE c.id IN ({_slots(missing)})", *missing) if missing else []
    held = [said for said in found if not said.is_public]
    replies = sorted([*answers, *held], key=lambda said: (said.submitted_at, said.pk))
    return [*roots, *replies], {said.pk: said for said in found if said.is_public}


def _said(statement: str, *values: Any) -> list[Said]:
    said = [Said(*row) for row in _rows(statement, *values)]
    if connection.vendor == "sqlite":
        return [row._replace(submitted_at=_time(row.submitted_at), edited_at=_time(row.edited_at)) for row in said]
    return said


def _time(stored: Any) -> Any:
    """SQLite keeps times as text, in UTC."""
    return stored and datetime.fromisoformat(f"{stored}+00:00")


def _rows(statement: str, *values: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


def _age(comment: Comment) -> tuple[Any, int]:
    """What BEFORE takes."""
    return connection.ops.adapt_datetimefield_value(comment.submitted_at), comment.pk


def _slots(values: Iterable[int]) -> str:
    return ", ".join("%s" for _ in values)


def _pages(rows: int, on_each: int) -> int:
    return max(1, -(-rows // on_each))
