"""Runs our own statements: those that come thousands of times, so that PostgreSQL plans them once a connection."""

from functools import cache
from typing import Any

import psycopg
from django.db import connection
from django.db.models import Field, Model

INSERTION = "INSERT INTO {table} ({names}) VALUES ({values}) {unless}RETURNING id"


def cursor() -> Any:
    """Like `connection.cursor()`; where the database can, what is executed on it is prepared.

    Behind a pooler that gives each transaction another connection, nothing is: DISABLE_SERVER_SIDE_CURSORS says so.
    """
    if not _can_prepare():
        return connection.cursor()
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    connection.connection.prepare_threshold = 0  # Django's other cursors never prepare
    bare: Any = psycopg.Cursor(connection.connection)
    return connection.make_debug_cursor(bare) if connection.queries_logged else connection.make_cursor(bare)


def rows(sql: str, *parameters: object) -> list[tuple[Any, ...]]:
    """All that a query finds."""
    with cursor() as prepared:
        prepared.execute(sql, parameters)
        return prepared.fetchall()


def insert(row: Model, unless: str = "") -> bool:
    """Store a new row, as `save(force_insert=True)` does in several times the time; its number is set.

    `unless` names a unique field: when a row has its value already, nothing is stored, no transaction is broken, and
    the answer is False.
    """
    model = type(row)
    values = [field.get_db_prep_save(field.pre_save(row, True), connection) for field in _fields(model)]
    for number, *_ in rows(_insertion(model, unless), *values):
        row.pk, row._state.adding, row._state.db = number, False, connection.alias
        return True
    return False


def plan_anew() -> None:
    """Forget the plans of this connection: when they were made, the tables may have been nearly empty."""
    if _can_prepare():
        with connection.cursor() as bare:
            bare.execute("DISCARD PLANS")


def _can_prepare() -> bool:
    return connection.vendor == "postgresql" and not connection.settings_dict["DISABLE_SERVER_SIDE_CURSORS"]


@cache
def _fields(model: type[Model]) -> list[Field]:
    return [field for field in model._meta.concrete_fields if not field.primary_key]


@cache
def _insertion(model: type[Model], unless: str) -> str:
    quote, fields = connection.ops.quote_name, _fields(model)
    return INSERTION.format(
        table=quote(model._meta.db_table),
        names=", ".join(quote(str(field.column)) for field in fields),
        values=", ".join(["%s"] * len(fields)),
        unless=f"ON CONFLICT ({quote(unless)}) DO NOTHING " if unless else "",
    )
