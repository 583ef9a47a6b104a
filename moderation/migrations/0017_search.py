"""An index for the desk's search, where the database has one for words: PostgreSQL."""

from django.db import migrations

from moderation.migrations._live import index_words


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("moderation", "0016_queue")]

    operations = [index_words("comment_words")]
