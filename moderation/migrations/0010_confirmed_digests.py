"""Mark the digests of comments that are confirmed: the same words may come again, unconfirmed (docs/decisions/006)."""

from typing import Any

from django.db import migrations
from django.db.models import CharField, Value
from django.db.models.functions import Concat, Substr


def mark(apps: Any, schema_editor: Any) -> None:
    """A batch at a time, each a transaction of its own: the desk goes on deciding."""
    comments = apps.get_model("moderation", "Comment").objects
    due = comments.exclude(state="unconfirmed").exclude(digest=None).exclude(digest__startswith="=").order_by("pk")
    marked = Concat(Value("="), Substr("digest", 2), output_field=CharField())
    while batch := list(due.values_list("pk", flat=True)[:1000]):
        comments.filter(pk__in=batch).update(digest=marked)


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("moderation", "0009_working_together")]

    operations = [migrations.RunPython(mark, migrations.RunPython.noop, elidable=True)]
