"""The desk's search in what waits: a word that is common in a million comments may stand in none that waits."""

from django.db import migrations

from moderation.migrations._live import index_words


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("moderation", "0022_unseen_index")]

    operations = [index_words("comment_words_wait", "WHERE state = 'pending'")]
