"""What a blog's people are told about their data."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from blog.blogs import Blog
from blog.markdown import render_markdown
from blog.on_pages import OnPages, OnPagesQuerySet


class PrivacyNoticeQuerySet(OnPagesQuerySet["PrivacyNotice"]):
    def current(self, blog: Blog) -> "PrivacyNotice":
        """The notice in force on `blog`. Raises PrivacyNotice.DoesNotExist when it has none."""
        return self.filter(blog=blog).latest("version")


class PrivacyNotice(OnPages):
    """One version of a blog's privacy notice. Versions are added, never edited: people agreed to those words."""

    blog = models.ForeignKey(Blog, models.CASCADE, related_name="notices")
    version = models.PositiveIntegerField(editable=False)
    body = models.TextField(help_text=_("Markdown"))
    body_html = models.TextField(editable=False)
    published_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = PrivacyNoticeQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["blog", "version"], name="notice_version")]
        ordering = ["-version"]

    def __str__(self) -> str:
        return f"{self.blog}, version {self.version}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Publish it as the next version. Raises ValidationError for one that is published already."""
        if self.pk:
            raise ValidationError(_("A published notice is not edited: add a new version"))
        self.body_html = render_markdown(self.body)
        with transaction.atomic():
            Blog.objects.select_for_update().get(pk=self.blog_id)
            newest = PrivacyNotice.objects.filter(blog=self.blog).aggregate(models.Max("version"))["version__max"]
            self.version = (newest or 0) + 1
            super().save(*args, **kwargs)
