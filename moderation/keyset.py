"""A page of a list: what stands behind a comment in the list's order, however deep and however many there are."""

import datetime
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q, QuerySet
from django.db.models.expressions import OrderBy

from moderation.models import Comment, CommentQuerySet

PAGE = 25
MOMENTS = {"due_at", "escalated_at", "confirmed_at", "decided_at", "made_at"}
NUMBER = re.compile(r"[0-9]{1,16}")  # of a moment, microseconds since 1970
NONE = "-"
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
NULLABLE = {"due_at", "confirmed_at"}  # of those that lists are sorted by


@dataclass
class Page:
    """Some comments of a list, and where the last one stands in its order, where there are more."""

    comments: list[Comment]
    after: str | None


def page(comments: CommentQuerySet, order: Iterable[str], after: str) -> Page:
    """The first comments behind this place, that of one which may be elsewhere by now or erased; or the first of all.

    Their numbers are asked for first: sorted with all that a card shows, a long list takes ten times as long.
    """
    fields = list(order)
    names = [name.removeprefix("-") for name in fields]
    found: list[tuple[Any, ...]] = []
    for part in _parts(fields, _row(names, after)):
        if missing := PAGE + 1 - len(found):
            ordered = comments.filter(part).order_by(*map(_ordered, fields))
            found += ordered.values_list(*names)[:missing]
    numbers = [values[-1] for values in found[:PAGE]]
    return Page(_rows(numbers), place(found[PAGE - 1]) if len(found) > PAGE else None)


def place(values: Sequence[Any]) -> str:
    """Where a comment stands in an order, by its values of the fields that the list is sorted by, for an address."""
    return ".".join(map(_word, values))


def _word(value: datetime.datetime | int | None) -> str:
    if isinstance(value, datetime.datetime):
        return str((value - EPOCH) // datetime.timedelta(microseconds=1))
    return NONE if value is None else str(value)


def _rows(numbers: list[int]) -> list[Comment]:
    """With all that their cards show, in this order."""
    rows = {comment.pk: comment for comment in Comment.objects.for_desk().filter(pk__in=numbers)}
    return [rows[number] for number in numbers if number in rows]


def _ordered(name: str) -> OrderBy:
    column = F(name.removeprefix("-"))
    # Where the latest are first, no value is missing; and PostgreSQL takes the index only for the order that it has.
    return column.desc() if name.startswith("-") else column.asc(nulls_last=True)


def _row(names: list[str], after: str) -> dict[str, Any] | None:
    """The values that `place` was made of; None for what it never made."""
    words = after.split(".")
    values = list(zip(names, words, strict=False))
    understood = [NUMBER.fullmatch(word) or (word == NONE and name in NULLABLE) for name, word in values]
    if len(words) != len(names) or not all(understood):
        return None
    return {name: _value(name, word) for name, word in values}


def _value(name: str, word: str) -> datetime.datetime | int | None:
    if word == NONE:
        return None
    return EPOCH + datetime.timedelta(microseconds=int(word)) if name in MOMENTS else int(word)


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


def newest_first(rows: QuerySet[Any], after: str, size: int) -> tuple[list[Any], int | None]:
    """So many `rows` by falling number, behind the number `after` if it is one; and where the next page begins."""
    rows = rows.order_by("-pk")
    if after.isascii() and after.isdigit() and len(after) < 19:
        rows = rows.filter(pk__lt=int(after))
    found = list(rows[: size + 1])
    return found[:size], found[size - 1].pk if len(found) > size else None
