"""The whole database as it stands, to prove that nothing moved, or that something is nowhere."""

from typing import Any

from django.db import connection


def whole_database() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, those of Django itself included."""
    tables = {}
    with connection.cursor() as cursor:
        for table in sorted(connection.introspection.table_names(cursor)):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608
            tables[table] = sorted(cursor.fetchall(), key=repr)
    return tables


def where_in_database(words: str) -> list[str]:
    """The tables that hold `words` in any column, in any case."""
    return [table for table, rows in whole_database().items() if words.lower() in repr(rows).lower()]
