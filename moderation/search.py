"""Looking for words in comments: by an index on PostgreSQL, letter by letter on SQLite."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction
from django.db.models import Q
from django.db.models.expressions import RawSQL

from moderation.models import CommentQuerySet

RARE = 10_000  # comments with the same words: to fetch them takes as long as to walk along a list until 25 are found
SURELY_MANY = 5 * RARE
MATCHES = (  # the words of the indexes comment_words and comment_words_wait
    "to_tsvector('simple', moderation_comment.name || ' ' || moderation_comment.text)"
    " @@ websearch_to_tsquery('simple', %s)"
)
WAITING = "moderation_comment.state = 'pending'"


def search(comments: CommentQuerySet, words: str, *, are_few: bool, wait: bool) -> CommentQuerySet:
    """Those with all these words in their text or name.

    `are_few`: comments so few that each can be looked at. `wait`: all of them await a decision.
    """
    if connection.vendor == "postgresql":
        return _search_index(comments, words.replace("\0", ""), are_few, wait)
    for word in words.split()[:10]:
        comments = comments.filter(Q(text__icontains=word) | Q(name__icontains=word))
    return comments


@contextmanager
def by_index() -> Iterator[None]:
    """PostgreSQL reads no table from end to end, however soon it hopes to find enough."""
    if connection.vendor != "postgresql":
        yield
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        yield
        cursor.execute("SET LOCAL enable_seqscan = on")


def _search_index(comments: CommentQuerySet, words: str, are_few: bool, wait: bool) -> CommentQuerySet:
    """Of rare words, the comments that have them; for others, a condition.

    Left to itself, PostgreSQL looks for words that it takes for common by reading comments in the list's order: for
    words that no comment has, all of them, which takes minutes. Those that wait have an index of their own, because
    what is common in a million comments may stand in none of them.
    """
    found = None if are_few else _numbers(words, wait)
    matches = RawSQL(MATCHES, [words]) if found is None else RawSQL("moderation_comment.id = ANY(%s)", [found])  # noqa: S611
    return comments.annotate(matches=matches).filter(matches=True)


def _numbers(words: str, wait: bool) -> list[int] | None:
    """Of all comments with these words; None when they are many."""
    where = f"{MATCHES} AND {WAITING}" if wait else MATCHES
    if _expected(where, words) > SURELY_MANY:
        return None
    with by_index(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_indexscan = off")  # which walks along what waits; the words' index is a bitmap
        cursor.execute(f"SELECT id FROM moderation_comment WHERE {where} LIMIT {RARE + 1}", [words])  # noqa: S608
        found = [number for (number,) in cursor.fetchall()]
        cursor.execute("SET LOCAL enable_indexscan = on")
    return found if len(found) <= RARE else None


def _expected(where: str, words: str) -> int:
    """How many comments PostgreSQL expects: it keeps count of the most common words, and asking takes no time."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) SELECT id FROM moderation_comment WHERE {where}", [words])  # noqa: S608
        return int(cursor.fetchone()[0][0]["Plan"]["Plan Rows"])
