"""An index for the list of what was published at once, made while people write."""

from django.db import migrations, models
from django.db.models import Q

from moderation.migrations._live import AddIndexLive


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
