import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('blog', '0003_comments_in_full'),
        ('moderation', '0006_what_writers_do'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='comment',
            index=models.Index(condition=models.Q(('root', None)), fields=['post', 'submitted_at'], name='comment_beginnings'),
        ),
        migrations.AddIndex(
            model_name='comment',
            index=models.Index(condition=models.Q(('root__isnull', False)), fields=['root', 'state', 'submitted_at', 'id'], name='comment_replies'),
        ),
        migrations.AddIndex(
            model_name='comment',
            index=models.Index(condition=models.Q(('state', 'approved')), fields=['-decided_at'], name='comment_published'),
        ),
        migrations.AlterField(
            model_name='comment',
            name='root',
            field=models.ForeignKey(db_index=False, help_text='The comment that began its thread', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='thread', to='moderation.comment'),
        ),
    ]
