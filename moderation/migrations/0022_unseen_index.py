"""An index for the list of what was published at once, made while people write."""

from importlib import import_module

from django.db import migrations, models
from django.db.models import Q

AddIndexLive = import_module("moderation.migrations.0020_desk_indexes").AddIndexLive


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("moderation", "0021_regulars")]

    operations = [
        AddIndexLive(
            model_name="comment",
            index=models.Index(
                condition=Q(state="approved", unseen=True),
                fields=["due_at", "confirmed_at", "id"],
                name="comment_unseen",
            ),
        ),
    ]
