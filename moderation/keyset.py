"""A page of a list: what stands behind a comment in the list's order, however deep and however many there are."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q
from django.db.models.expressions import OrderBy

from moderation.models import Comment, CommentQuerySet

PAGE = 25
PLAIN = {"due_at", "escalated_at", "confirmed_at", "decided_at", "pk"}  # columns of a comment itself
NULLABLE = {"due_at", "confirmed_at"}  # of those that lists are sorted by


@dataclass
class Page:
    """Some comments of a list, and the number of the last one where there are more."""

    comments: list[Comment]
    after: int | None


def page(comments: CommentQuerySet, order: Iterable[str], after: str) -> Page:
    """The first comments behind the one with this number, or the first of all.

    Their numbers are asked for first: sorted with all that a card shows, a long list takes ten times as long.
    """
    fields = list(order)
    ordered = [_ordered(name) for name in fields]
    numbers: list[int] = []
    for part in _parts(fields, _row(comments, fields, after)):
        if missing := PAGE + 1 - len(numbers):
            numbers += comments.filter(part).order_by(*ordered).values_list("pk", flat=True)[:missing]
    return Page(_rows(numbers[:PAGE]), numbers[PAGE - 1] if len(numbers) > PAGE else None)


def _rows(numbers: list[int]) -> list[Comment]:
    """With all that their cards show, in this order."""
    rows = {comment.pk: comment for comment in Comment.objects.for_desk().filter(pk__in=numbers)}
    return [rows[number] for number in numbers if number in rows]


def _ordered(name: str) -> OrderBy:
    column = F(name.removeprefix("-"))
    # Where the latest are first, no value is missing; and PostgreSQL takes the index only for the order that it has.
    return column.desc() if name.startswith("-") else column.asc(nulls_last=True)


def _row(comments: CommentQuerySet, order: list[str], after: str) -> dict[str, Any] | None:
    """Where the comment with this number stands in the order, even when it is no longer on the list."""
    if not (after.isascii() and after.isdigit() and len(after) < 19):
        return None
    names = [name.removeprefix("-") for name in order]
    return comments.filter(pk=after).values(*names).first() or (
        Comment.objects.filter(pk=after).values(*names).first() if set(names) <= PLAIN else None
    )


def _parts(order: list[str], row: dict[str, Any] | None) -> list[Q]:
    """What comes after `row`, one after the other: each is one stretch of the index that has this order."""
    if row is None:
        return [Q()]
    first = order[0].removeprefix("-")
    if row[first] is None:
        return [_behind(order, row)]
    onward = Q(**{f"{first}__{'lte' if order[0].startswith('-') else 'gte'}": row[first]})
    return [onward & _behind(order, row, nulls=False), *([Q(**{first: None})] if first in NULLABLE else [])]


def _behind(order: list[str], row: dict[str, Any], nulls: bool = True) -> Q:
    """A later first field, or the same and a later second one, and so on; what has no value is last."""
    name, *others = order
    field = name.removeprefix("-")
    same = Q(**{field: row[field]})
    if others:
        same &= _behind(others, row)
    if row[field] is None:
        return same
    later = Q(**{f"{field}__{'lt' if name.startswith('-') else 'gt'}": row[field]})
    if nulls and field in NULLABLE:
        later |= Q(**{field: None})
    return later | same if others else later
