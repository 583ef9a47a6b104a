"""Indexes for the desk's counts, made while people write."""

from django.db import migrations, models
from django.db.models import Q

from moderation.migrations._live import AddIndexLive

DECIDED = ["approved", "rejected", "spam"]


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
