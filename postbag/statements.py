"""Runs our own statements: those that come thousands of times, so that PostgreSQL plans them once a connection."""

from functools import cache
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import BooleanField, CharField, Field, ForeignKey, IntegerField, Model, TextField

PLAIN = CharField | TextField | IntegerField | BooleanField | ForeignKey  # stored as they are
INSERTION = "INSERT INTO {table} ({names}) VALUES ({values}) {unless}RETURNING id"
BOTH = "WITH whole AS ({whole}), part AS ({part}) SELECT whole.id, part.id FROM whole, part"


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
        return _kept(database)[sql].execute(sql, parameters).fetchall()


def insert(row: Model, unless: str = "") -> bool:
    """Store a new row, as `save(force_insert=True)` does in several times the time; its number is set.

    `unless` names a unique field: when a row has its value already, nothing is stored, no transaction is broken, and
    the answer is False.
    """
    stored = rows(_insertion(type(row), unless), *_values(row))
    for (number,) in stored:
        _is_stored(row, number)
    return bool(stored)


def insert_both(whole: Model, part: Model, link: str) -> None:
    """Store two new rows, of which `part` names `whole` by its field `link`: where the database can, in one statement.

    Its number is set after: assign `whole` to the field again.
    """
    if connections[DEFAULT_DB_ALIAS].vendor == "postgresql":
        numbers = rows(_insertion_of_both(type(whole), type(part), link), *_values(whole), *_values(part, link))[0]
        _is_stored(whole, numbers[0])
        _is_stored(part, numbers[1])
    else:
        insert(whole)
        setattr(part, link, whole)
        insert(part)


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
    """The cursors of a connection by statement, which each is read to its end.

    A new cursor costs half a statement; and one that has the same statement again knows the types that go in and out.
    """

    def __init__(self, connection: Any) -> None:
        self.connection = connection

    def __missing__(self, sql: str) -> Any:
        self[sql] = cursor = psycopg.Cursor(self.connection)
        return cursor


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


def _values(row: Model, without: str = "") -> list[Any]:
    """What stands in its fields, as the database takes it, in the order of _insertion."""
    database = connections[DEFAULT_DB_ALIAS]
    return [
        getattr(row, field.attname) if is_plain else _prepared(field, row, database)
        for field, is_plain in _fields(type(row))
        if field.name != without
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
def _insertion(model: type[Model], unless: str = "", link: str = "") -> str:
    quote, fields = connection.ops.quote_name, _fields(model)
    return INSERTION.format(
        table=quote(model._meta.db_table),
        names=", ".join(quote(str(field.column)) for field, _ in fields),
        values=", ".join("(SELECT id FROM whole)" if field.name == link else "%s" for field, _ in fields),
        unless=f"ON CONFLICT ({quote(unless)}) DO NOTHING " if unless else "",
    )


@cache
def _insertion_of_both(whole: type[Model], part: type[Model], link: str) -> str:
    return BOTH.format(whole=_insertion(whole), part=_insertion(part, link=link))
