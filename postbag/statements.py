"""Runs our own statements: those that come thousands of times, so that PostgreSQL plans them once a connection."""

from functools import cache
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import BooleanField, CharField, Field, ForeignKey, IntegerField, Model, TextField

PLAIN = CharField | TextField | IntegerField | BooleanField | ForeignKey  # stored as they are
INSERTION = "INSERT INTO {table} ({names}) VALUES ({values}) {unless}RETURNING id"


def cursor() -> Any:
    """Like `connection.cursor()`; where the database can, what is executed on it is prepared.

    Behind a pooler that gives each transaction another connection, nothing is: DISABLE_SERVER_SIDE_CURSORS says so.
    """
    database = connections[DEFAULT_DB_ALIAS]  # itself: `connection` looks it up at each touch
    return database.make_cursor(_new_cursor(database)) if _is_bare(database) else database.cursor()


def rows(sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """All that a query finds, or an INSERT returns."""
    database = connections[DEFAULT_DB_ALIAS]
    if not _is_bare(database):
        with database.cursor() as wrapped:
            wrapped.execute(sql, parameters)
            return wrapped.fetchall()
    with database.wrap_database_errors:
        return _kept_cursor(database).execute(sql, parameters).fetchall()


def insert(row: Model, unless: str = "") -> bool:
    """Store a new row, as `save(force_insert=True)` does in several times the time; its number is set.

    `unless` names a unique field: when a row has its value already, nothing is stored, no transaction is broken, and
    the answer is False.
    """
    model, database = type(row), connections[DEFAULT_DB_ALIAS]
    values = [
        getattr(row, field.attname) if is_plain else _prepared(field, row, database)
        for field, is_plain in _fields(model)
    ]
    stored = rows(_insertion(model, unless), *values)
    if stored:
        row.pk, row._state.adding, row._state.db = stored[0][0], False, DEFAULT_DB_ALIAS
    return bool(stored)


def plan_anew() -> None:
    """Forget the plans of this connection: when they were made, the tables may have been nearly empty."""
    database = connections[DEFAULT_DB_ALIAS]
    if _can_prepare(database):
        with database.cursor() as bare:
            bare.execute("DISCARD PLANS")


def _is_bare(database: Any) -> bool:
    """Whether nobody looks on: query logs and wrappers know of Django's own cursors alone."""
    return _can_prepare(database) and not (database.queries_logged or database.execute_wrappers)


def _new_cursor(database: Any) -> Any:
    database.close_if_health_check_failed()
    database.ensure_connection()
    database.connection.prepare_threshold = 0  # Django's other cursors never prepare
    return psycopg.Cursor(database.connection)


def _kept_cursor(database: Any) -> Any:
    """One for all statements of a connection, each of which is read to its end: a new one costs half a statement."""
    database.validate_no_broken_transaction()  # as Django's own cursors do
    database.close_if_health_check_failed()
    kept = getattr(database, "kept_cursor", None)
    if kept is None or kept.connection is not database.connection:
        database.kept_cursor = kept = _new_cursor(database)
    return kept


def _can_prepare(database: Any) -> bool:
    return database.vendor == "postgresql" and not database.settings_dict["DISABLE_SERVER_SIDE_CURSORS"]


def _prepared(field: Field, row: Model, database: Any) -> Any:
    value = field.pre_save(row, True)
    return None if value is None else field.get_db_prep_save(value, database)


@cache
def _fields(model: type[Model]) -> list[tuple[Field, bool]]:
    return [(field, isinstance(field, PLAIN)) for field in model._meta.concrete_fields if not field.primary_key]


@cache
def _insertion(model: type[Model], unless: str) -> str:
    quote, fields = connection.ops.quote_name, _fields(model)
    return INSERTION.format(
        table=quote(model._meta.db_table),
        names=", ".join(quote(str(field.column)) for field, _ in fields),
        values=", ".join(["%s"] * len(fields)),
        unless=f"ON CONFLICT ({quote(unless)}) DO NOTHING " if unless else "",
    )
