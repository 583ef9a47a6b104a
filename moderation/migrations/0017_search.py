"""An index for the desk's search, where the database has one for words: PostgreSQL."""

from typing import Any

from django.db import migrations

WORDS = "to_tsvector('simple', name || ' ' || text)"


def make(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"CREATE INDEX IF NOT EXISTS comment_words ON moderation_comment USING gin ({WORDS})")


def drop(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX IF EXISTS comment_words")


class Migration(migrations.Migration):
    dependencies = [("moderation", "0016_queue")]

    operations = [migrations.RunPython(make, drop, elidable=False)]
