"""The rules of a blog's guidelines."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from blog.models import Blog
from blog.on_pages import OnPages, OnPagesQuerySet


class Reason(OnPages):
    """A rule of the blog's guidelines: shown there, chosen at a refusal, and quoted in the mail about it."""

    blog = models.ForeignKey(Blog, models.CASCADE, related_name="reasons")
    title = models.CharField(max_length=100, help_text=_("As the guidelines say it, such as “Stay on topic”"))
    rule = models.TextField(blank=True, help_text=_("What the guidelines say of it, to those who have yet to write"))
    explanation = models.TextField(help_text=_("What the writer of a refused comment is told, in plain words"))
    position = models.PositiveSmallIntegerField(default=0)
    needs_second = models.BooleanField(
        default=False, db_default=False, help_text=_("A refusal with it is confirmed by a second person")
    )

    objects = OnPagesQuerySet["Reason"].as_manager()

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.title
