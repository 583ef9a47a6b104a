"""How the comments on a post are read: in threads, by pages, at a cost that their number does not change.

A page has up to 50 comments that begin a thread, each with the earliest of its replies. A thread that has more
replies than there is room for has pages of its own. What stands where is asked here and nowhere else.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.core.paginator import InvalidPage
from django.db.models import Count, F, OuterRef, Q, Subquery, Window
from django.db.models.functions import Coalesce, Left, RowNumber

from blog.comment_pages import CommentPage
from blog.models import Post
from moderation.models import Comment, CommentQuerySet

THREADS = 50  # on a page
REPLIES = 50  # of one thread: on the post's page at most, and on each page of the thread's own
TOGETHER = 150  # replies on the post's page, of all its threads: three for each at least
TEXT = 500  # characters, for machines that read the page: people have the whole text

PUBLIC = Q(state=Comment.State.APPROVED)
TOP = 0  # above what begins a thread
AGE = ["submitted_at", "pk"]


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
    count = post.comments.filter(PUBLIC).count()
    begun = _beginnings(post).count() if count else 0
    pages = _pages(begun, THREADS)
    if asked.number > pages:
        raise InvalidPage
    roots = _said(_page_of_roots(post, asked), "length") if begun else []
    limit = fair_share([root.length for root in roots])
    answers = _said(_earliest([root.pk for root in roots if root.length], limit))
    return Threads(*_complete(roots, answers), asked.number, pages, count, begun, limit)


def of_thread(post: Post, root: int, number: int) -> Threads:
    """A page of one thread: its beginning, and 50 of its replies. Raises InvalidPage when there is none."""
    begun = _said(_beginnings(post).filter(pk=root), "length")
    pages = _pages(begun[0].length if begun else 0, REPLIES)
    if not begun or number > pages:
        raise InvalidPage
    answers = _said(_answers([root]).order_by(*AGE)[(number - 1) * REPLIES : number * REPLIES])
    return Threads(*_complete(begun, answers), number, pages, post.comments.filter(PUBLIC).count(), 1)


def beginning(post: Post, pk: int) -> Comment | None:
    """The comment that begins this thread on a post, a placeholder included."""
    return _beginnings(post).select_related("post").filter(pk=pk).first()


def place_of(comment: Comment) -> Place:
    """Where a public comment, or one that begins a thread, stands when comments are read oldest first."""
    beginnings = _beginnings(comment.post)
    root = comment.root or comment
    number = beginnings.filter(_before(root)).count() // THREADS + 1
    if root == comment:
        return Place(number)
    lengths = _page_of_roots(comment.post, CommentPage(number)).values_list("length", flat=True)  # type: ignore[misc]
    earlier = _answers([root.pk]).filter(_before(comment)).count()
    fits = earlier < fair_share(list(lengths))
    return Place(number) if fits else Place(earlier // REPLIES + 1, root.pk)


def is_whole_on_post(root: Comment) -> bool:
    """Whether the post's page shows all replies to this one, so that it has no page of its own."""
    newest = _answers([root.pk]).order_by(*AGE).last()
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


def _beginnings(post: Post) -> CommentQuerySet:
    """The comments that begin a thread: public, or holding public replies together. With the number of these."""
    answered = Comment.objects.filter(PUBLIC, post=post, root__isnull=False).values("root")
    of_root = Comment.objects.filter(PUBLIC, root=OuterRef("pk")).order_by().values("root")
    replies = Coalesce(Subquery(of_root.annotate(number=Count("pk")).values("number")), 0)
    begun = Comment.objects.filter(PUBLIC | Q(pk__in=answered), post=post, root=None)
    return begun.annotate(length=replies)


def _page_of_roots(post: Post, asked: CommentPage) -> CommentQuerySet:
    order = [f"-{name}" for name in AGE] if asked.newest_first else AGE
    first = (asked.number - 1) * THREADS
    return _beginnings(post).order_by(*order)[first : first + THREADS]


def _answers(roots: Sequence[int]) -> CommentQuerySet:
    return Comment.objects.filter(PUBLIC, root__in=roots)


def _earliest(roots: Sequence[int], limit: int) -> CommentQuerySet:
    """The first replies of each thread. Ranked by an index alone: of a long thread, only these rows are read."""
    place = Window(RowNumber(), partition_by=[F("root")], order_by=AGE)
    ranked = _answers(roots).annotate(place=place).filter(place__lte=limit)
    return Comment.objects.filter(pk__in=ranked.values("pk")).order_by(*AGE)


def _complete(roots: list[Said], answers: list[Said]) -> tuple[list[Said], dict[int, Said]]:
    """All that a page shows, what is answered before its answers; and public comments that are answered elsewhere."""
    known = {said.pk for said in [*roots, *answers]}
    missing = {said.parent for said in answers if said.parent} - known
    found = _said(Comment.objects.filter(pk__in=missing)) if missing else []
    held = [said for said in found if not said.is_public]
    replies = sorted([*answers, *held], key=lambda said: (said.submitted_at, said.pk))
    return [*roots, *replies], {said.pk: said for said in found if said.is_public}


def _said(comments: CommentQuerySet, *more: str) -> list[Said]:
    """Plain rows: to make models of them takes longer than to render them."""
    columns = ["pk", "parent", "root", "state", "name", "official", "html", "start", "submitted_at"]
    columns += ["edited_at", "edition", "parent_edition", *more]
    return [Said(*row) for row in comments.annotate(start=Left("text", TEXT + 1)).values_list(*columns)]


def _before(comment: Comment) -> Q:
    """Earlier than this one."""
    at = comment.submitted_at
    return Q(submitted_at__lt=at) | Q(submitted_at=at, pk__lt=comment.pk)


def _pages(rows: int, on_each: int) -> int:
    return max(1, -(-rows // on_each))
