import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("blog", "0009_read_first"), ("moderation", "0026_kept_rules")]

    operations = [
        migrations.AlterField(
            "moderator",
            "author",
            models.ForeignKey(
                blank=True,
                help_text="Whose posts are this person’s own",
                null=True,
                on_delete=django.db.models.deletion.RESTRICT,
                related_name="+",
                to="blog.author",
            ),
        )
    ]
