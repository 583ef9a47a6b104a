"""What a blog's pages show: its change makes the cached ones old."""

from typing import Any, TypeVar

from django.db import models, transaction
from django.db.models import QuerySet

from blog.blogs import Blog

Row = TypeVar("Row", bound=models.Model)


class OnPagesQuerySet(QuerySet[Row]):
    def update(self, **changes: Any) -> int:
        """Change these, and show the pages of their blogs anew."""
        with transaction.atomic():
            Blog.objects.filter(pk__in=self.values("blog")).update()
            return super().update(**changes)

    def delete(self) -> tuple[int, dict[str, int]]:
        """Delete these, and show the pages of their blogs anew."""
        with transaction.atomic():
            blogs = list(Blog.objects.filter(pk__in=self.values("blog")))
            deleted = super().delete()
            for blog in blogs:
                blog.raise_page_version()
        return deleted


class OnPages(models.Model):
    """What a blog's pages show: to save or delete it makes the cached ones old, in the same commit."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        with transaction.atomic():
            super().save(*args, **kwargs)
            self.blog.raise_page_version()  # type: ignore[attr-defined]

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        with transaction.atomic():
            self.blog.raise_page_version()  # type: ignore[attr-defined]
            return super().delete(*args, **kwargs)
