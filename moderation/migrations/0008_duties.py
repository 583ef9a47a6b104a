"""People work on a blog's desk in different duties; those who are there decide."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("blog", "0003_comments_in_full"),
        ("moderation", "0007_reading"),
    ]

    operations = [
        migrations.AddField(
            model_name="moderator",
            name="duty",
            field=models.CharField(
                choices=[
                    ("viewer", "Viewer: reads the desk"),
                    ("moderator", "Moderator: decides"),
                    ("lead", "Lead: decides, answers for rules and records"),
                    ("author", "Author: decides, but does not alone refuse comments on their own posts"),
                    ("operator", "Operator: looks after mail"),
                ],
                db_default="moderator",
                default="moderator",
                help_text="What this person may do on the desk of this blog",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="moderator",
            name="author",
            field=models.ForeignKey(
                blank=True,
                help_text="Whose posts are this person's own",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="blog.author",
            ),
        ),
    ]
