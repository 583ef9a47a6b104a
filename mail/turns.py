"""One at a time, over all workers: whoever finds another at it lets it be."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.db import DatabaseError, connection


@contextmanager
def turn(number: int) -> Iterator[bool]:
    """Hold the lock of this number; says whether it is ours. It ends with its holder, however that dies.

    SQLite's one writer needs none. Behind a pooler that gives each statement another connection, there is none.
    """
    if connection.vendor != "postgresql" or connection.settings_dict["DISABLE_SERVER_SIDE_CURSORS"]:
        yield True
        return
    is_ours = _ask("pg_try_advisory_lock", number)
    try:
        yield is_ours
    finally:
        if is_ours:
            with suppress(DatabaseError):  # then it is gone already
                _ask("pg_advisory_unlock", number)


def _ask(function: str, number: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s)", [number])
        return bool(cursor.fetchone()[0])
