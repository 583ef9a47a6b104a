"""An index for the list of likely spam, made while people write."""

from django.db import migrations, models
from django.db.models import Q

from moderation.migrations._live import AddIndexLive


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("moderation", "0023_waiting_words")]

    operations = [
        AddIndexLive(
            model_name="comment",
            index=models.Index(
                condition=Q(spam_percent__gte=90, state="pending"),
                fields=["due_at", "confirmed_at", "id"],
                name="comment_likely",
            ),
        ),
    ]
