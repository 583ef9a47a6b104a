"""Indexes for the desk's counts, made while people write: PostgreSQL makes them without a lock on the table."""

from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q

DECIDED = ["approved", "rejected", "spam"]


class AddIndexLive(AddIndexConcurrently):
    """Concurrently, and for as long as it takes, on PostgreSQL; as ever on SQLite."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor != "postgresql":
            migrations.AddIndex.database_forwards(self, app_label, schema_editor, from_state, to_state)
            return
        schema_editor.execute("SET statement_timeout = 0")
        super().database_forwards(app_label, schema_editor, from_state, to_state)
        schema_editor.execute("RESET statement_timeout")

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            super().database_backwards(app_label, schema_editor, from_state, to_state)
        else:
            migrations.AddIndex.database_backwards(self, app_label, schema_editor, from_state, to_state)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("moderation", "0019_desk_outcomes")]

    operations = [
        AddIndexLive(
            model_name="comment",
            index=models.Index(
                condition=Q(spam_percent__gte=90, state__in=DECIDED), fields=["-decided_at"], name="comment_guessed"
            ),
        ),
        AddIndexLive(
            model_name="comment",
            index=models.Index(
                condition=Q(is_held=True, state="pending"),
                fields=["due_at", "confirmed_at", "id"],
                name="comment_held",
            ),
        ),
    ]
