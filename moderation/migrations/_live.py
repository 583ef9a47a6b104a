"""Indexes that are made while people write: PostgreSQL makes them without a lock on the table, in its own time.

Not a migration: Django leaves out modules whose names begin with an underscore.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations

INVALID = "SELECT 1 FROM pg_index WHERE indexrelid = to_regclass(%s) AND NOT indisvalid"


class AddIndexLive(AddIndexConcurrently):
    """Concurrently, and for as long as it takes, on PostgreSQL; as ever on SQLite. Only where `atomic` is False."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor != "postgresql":
            migrations.AddIndex.database_forwards(self, app_label, schema_editor, from_state, to_state)
            return
        with patiently(schema_editor):
            drop_half_made(schema_editor, self.index.name)
            super().database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            super().database_backwards(app_label, schema_editor, from_state, to_state)
        else:
            migrations.AddIndex.database_backwards(self, app_label, schema_editor, from_state, to_state)


def index_words(name: str, where: str = "") -> migrations.RunPython:
    """An index of the words in comments, where the database has one: PostgreSQL. Only where `atomic` is False."""
    made = f"{name} ON moderation_comment USING gin (to_tsvector('simple', name || ' ' || text)) {where}"

    def make(apps: Any, schema_editor: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            with patiently(schema_editor):
                drop_half_made(schema_editor, name)
                schema_editor.execute(f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {made}")

    def drop(apps: Any, schema_editor: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")

    return migrations.RunPython(make, drop, elidable=False)


@contextmanager
def patiently(schema_editor: Any) -> Iterator[None]:
    """Without the time limits of a request: it waits for everybody who is in the middle of something."""
    schema_editor.execute("SET statement_timeout = 0")
    schema_editor.execute("SET lock_timeout = 0")
    try:
        yield
    finally:
        schema_editor.execute("RESET statement_timeout")
        schema_editor.execute("RESET lock_timeout")


def drop_half_made(schema_editor: Any, name: str) -> None:
    """What an earlier try left when it was broken off: PostgreSQL keeps such an index, and never uses it."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(INVALID, [name])
        half_made = cursor.fetchone()
    if half_made:
        schema_editor.execute(f"DROP INDEX CONCURRENTLY {name}")
