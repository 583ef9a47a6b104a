"""Runs our own statements: those that come thousands of times, so that PostgreSQL plans them once a connection."""

import re
from collections.abc import Container, Iterable, Mapping
from functools import cache, partial
from itertools import count
from types import MappingProxyType
from typing import Any, NamedTuple

import psycopg
from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.db.models import BooleanField, CharField, Field, ForeignKey, IntegerField, Model, TextField

PLAIN = CharField | TextField | IntegerField | BooleanField | ForeignKey  # stored as they are
INSERTION = "INSERT INTO {table} ({names}) {values} {conflict}RETURNING id"


def cursor() -> Any:
    """Like `connection.cursor()`; where the database can, what is executed on it is prepared.

    Behind a pooler that gives each transaction another connection, nothing is: DISABLE_SERVER_SIDE_CURSORS says so.
    """
    database: Any = connections[DEFAULT_DB_ALIAS]  # itself: `connection` looks it up at each touch
    if not _is_bare(database):
        return database.cursor()
    database.close_if_health_check_failed()
    return database.make_cursor(psycopg.Cursor(_connection(database)))


def rows(sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """All that a query finds, or an INSERT returns. Its words are kept: what differs goes into the parameters."""
    database = connections[DEFAULT_DB_ALIAS]
    if not _is_bare(database):
        with database.cursor() as wrapped:
            wrapped.execute(sql, parameters)
            return wrapped.fetchall()
    with database.wrap_database_errors:
        return _kept(database)[sql](parameters).fetchall()


class New(NamedTuple):
    """A new row for `insert_chain`.

    `conflict` says what is done when a unique field has its value already, such as "(digest) DO NOTHING". `links` are
    those of its fields that take the number of another row, which stands before it in the chain.
    """

    row: Model
    conflict: str = ""
    links: Mapping[str, Model] = MappingProxyType({})


def insert(row: Model, conflict: str = "") -> bool:
    """Store a new row, as `save(force_insert=True)` does in several times the time; its number is set.

    False when `conflict` (see New) let nothing be stored: no transaction is broken by that.
    """
    stored = rows(_insertion(type(row), conflict), *_values(row))
    for (number,) in stored:
        _is_stored(row, number)
    return bool(stored)


def insert_chain(*chain: New) -> None:
    """Store new rows, all or none; but none behind one whose conflict stored nothing. Their numbers are set.

    It needs no transaction: where the database can, it is one statement.
    """
    if connections[DEFAULT_DB_ALIAS].vendor != "postgresql":
        _insert_by_steps(chain)
        return
    places = {id(new.row): place for place, new in enumerate(chain)}
    links = [tuple((name, places[id(row)]) for name, row in new.links.items()) for new in chain]
    sql = _chained(*((type(new.row), new.conflict, linked) for new, linked in zip(chain, links, strict=True)))
    numbers = rows(sql, *(value for new in chain for value in _values(new.row, new.links)))[0]
    for new, number in zip(chain, numbers, strict=True):
        if number:
            _link(new)
            _is_stored(new.row, number)


def plan_anew() -> None:
    """Forget the plans of this connection: when they were made, the tables may have been nearly empty."""
    database = connections[DEFAULT_DB_ALIAS]
    if _can_prepare(database):
        with database.cursor() as bare:
            bare.execute("DISCARD PLANS")


def _is_bare(database: Any) -> bool:
    """Whether nobody looks on: query logs and wrappers know of Django's own cursors alone."""
    return _can_prepare(database) and not (database.queries_logged or database.execute_wrappers)


class _Kept(dict[str, Any]):
    """What executes a statement on a connection, by its words; its answer is read to the end.

    A new cursor costs half a statement; and one that has the same statement again knows the types that go in and out.
    The parameters are numbered, as the server has them: psycopg looks for each "%s" every time when there are many.
    """

    def __init__(self, connection: Any) -> None:
        self.connection = connection

    def __missing__(self, sql: str) -> Any:
        number = count(1)
        numbered = re.sub("%[s%]", lambda found: "%" if found[0] == "%%" else f"${next(number)}", sql)
        self[sql] = execute = partial(psycopg.RawCursor(self.connection).execute, numbered.encode())
        return execute


def _kept(database: Any) -> _Kept:
    database.validate_no_broken_transaction()  # as Django's own cursors do
    database.close_if_health_check_failed()
    kept = getattr(database, "kept_cursors", None)
    if kept is None or kept.connection is not database.connection:
        kept = database.kept_cursors = _Kept(_connection(database))
    return kept


def _connection(database: Any) -> Any:
    """The one that stands, or a new one."""
    database.ensure_connection()
    database.connection.prepare_threshold = 0  # Django's other cursors never prepare
    return database.connection


def _can_prepare(database: Any) -> bool:
    return database.vendor == "postgresql" and not database.settings_dict["DISABLE_SERVER_SIDE_CURSORS"]


def _insert_by_steps(chain: Iterable[New]) -> None:
    with transaction.atomic():
        for new in chain:
            _link(new)
            if not insert(new.row, new.conflict):
                break


def _link(new: New) -> None:
    """Its links lead to rows that are stored by now."""
    for name, row in new.links.items():
        setattr(new.row, name, row if new.row._meta.get_field(name).is_relation else row.pk)


def _values(row: Model, without: Container[str] = ()) -> list[Any]:
    """What stands in its fields, as the database takes it, in the order of _insertion."""
    database = connections[DEFAULT_DB_ALIAS]
    return [
        getattr(row, field.attname) if is_plain else _prepared(field, row, database)
        for field, is_plain in _fields(type(row))
        if field.name not in without
    ]


def _prepared(field: Field, row: Model, database: Any) -> Any:
    value = field.pre_save(row, True)
    return None if value is None else field.get_db_prep_save(value, database)


def _is_stored(row: Model, number: int) -> None:
    row.pk, row._state.adding, row._state.db = number, False, DEFAULT_DB_ALIAS


@cache
def _fields(model: type[Model]) -> list[tuple[Field, bool]]:
    return [(field, isinstance(field, PLAIN)) for field in model._meta.concrete_fields if not field.primary_key]


@cache
def _insertion(model: type[Model], conflict: str = "", values: str = "") -> str:
    """Of one row; `values` are those to be stored, if they are not all parameters."""
    quote, fields = connection.ops.quote_name, _fields(model)
    return INSERTION.format(
        table=quote(model._meta.db_table),
        names=", ".join(quote(str(field.column)) for field, _ in fields),
        values=values or f"VALUES ({', '.join(['%s'] * len(fields))})",
        conflict=f"ON CONFLICT {conflict} " if conflict else "",
    )


@cache
def _chained(*shapes: tuple[type[Model], str, tuple[tuple[str, int], ...]]) -> str:
    """Each row is selected from those before it: it is not there when one of them is not."""
    steps = []
    for place, (model, conflict, links) in enumerate(shapes):
        numbers = {name: f"new{linked}.id" for name, linked in links}
        values = "SELECT " + ", ".join(numbers.get(field.name, "%s") for field, _ in _fields(model))
        if place:
            values += " FROM " + ", ".join(f"new{before}" for before in range(place))
        steps.append(f"new{place} AS ({_insertion(model, conflict, values)})")
    found = ", ".join(f"(SELECT id FROM new{place})" for place in range(len(shapes)))  # noqa: S608
    return f"WITH {', '.join(steps)} SELECT {found}"
