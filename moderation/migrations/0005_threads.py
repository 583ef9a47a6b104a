"""Give the replies that were written before threads were stored their thread's first comment."""

from typing import Any

from django.db import migrations


def store_roots(apps: Any, schema_editor: Any) -> None:
    """A reply never comes before what it answers, so in their order each finds its parent's root stored."""
    comments = apps.get_model("moderation", "Comment").objects
    rows = comments.filter(root=None).exclude(parent=None).order_by("pk").values_list("pk", "parent__root", "parent")
    for pk, root, parent in rows.iterator(chunk_size=500):
        known = comments.filter(pk=parent).values_list("root", flat=True).first() if root is None else root
        comments.filter(pk=pk).update(root=known or parent)


class Migration(migrations.Migration):
    dependencies = [("moderation", "0004_comments_in_full")]

    operations = [migrations.RunPython(store_roots, migrations.RunPython.noop, elidable=True)]
