"""What there is to read: posts, and the people and subjects behind them."""

import datetime
from dataclasses import replace
from typing import Any, Self

from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from blog.blogs import Blog as Blog
from blog.blogs import validate_address as validate_address  # a migration names it here
from blog.closures import Closed, Why, closed_by_hand_at, window_in_force
from blog.closures import Closure as Closure
from blog.markdown import excerpt, render_markdown
from blog.notices import PrivacyNotice as PrivacyNotice
from blog.on_pages import OnPages, OnPagesQuerySet

DAY = datetime.timedelta(days=1)


class Author(OnPages):
    """A person who writes posts. Not an account: people who left keep their posts."""

    blog = models.ForeignKey(Blog, models.CASCADE, related_name="authors")
    name = models.CharField(max_length=100)
    slug = models.SlugField(max_length=100)
    biography = models.TextField(blank=True)

    objects = OnPagesQuerySet["Author"].as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["blog", "slug"], name="author_slug")]
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("author", args=[self.slug])


class Category(OnPages):
    """A subject that posts are filed under."""

    blog = models.ForeignKey(Blog, models.CASCADE, related_name="categories")
    name = models.CharField(max_length=100)
    slug = models.SlugField(max_length=100)
    description = models.TextField(blank=True)

    objects = OnPagesQuerySet["Category"].as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["blog", "slug"], name="category_slug")]
        ordering = ["name"]
        verbose_name_plural = "categories"

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("category", args=[self.slug])


class PostQuerySet(OnPagesQuerySet["Post"]):
    def public(self) -> Self:
        """Posts that anybody may read now."""
        return self.filter(state=Post.State.PUBLISHED, published_at__lte=timezone.now())

    def with_byline(self) -> Self:
        """With all that a byline and a link need, in three queries."""
        return self.select_related("blog").prefetch_related("authors", "categories")

    def newest_first(self) -> Self:
        return self.order_by("-published_at", "-pk")


class Post(OnPages):
    """Something a blog says. Its Markdown is rendered once, when it is saved."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PUBLISHED = "published", _("Published")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    blog = models.ForeignKey(Blog, models.CASCADE, related_name="posts")
    title = models.CharField(max_length=200)
    slug = models.SlugField(max_length=200)
    authors = models.ManyToManyField(Author, blank=True, related_name="posts")
    categories = models.ManyToManyField(Category, blank=True, related_name="posts")
    body = models.TextField(help_text=_("Markdown. The first paragraph is what the email alert says."))
    body_html = models.TextField(editable=False)
    excerpt = models.TextField(editable=False)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    published_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text=_("Empty: when it is published. In the future: the post is scheduled, and appears then"),
    )
    comments_open = models.BooleanField(default=True)
    comments_closed_at = models.DateTimeField(null=True, editable=False)
    read_first = models.BooleanField(
        default=False,
        db_default=False,
        help_text=_("Moderators read every comment on this post before it is published, those of regulars, too"),
    )
    send_alert = models.BooleanField(default=True, help_text=_("Email the subscribers when it is public"))

    objects = PostQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["blog", "slug"], name="post_slug")]
        indexes = [models.Index(fields=["blog", "state", "-published_at"], name="post_public")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("post", kwargs=self.url_parts())

    def url_parts(self) -> dict[str, Any]:
        """The parts of its address: the day it was published, in the site's time zone, and its slug."""
        day = timezone.localtime(self.published_at or timezone.now())  # a draft's is not fixed yet
        return {"year": day.year, "month": day.month, "day": day.day, "slug": self.slug}

    def full_url(self) -> str:
        """Its permanent address, on the blog's configured host."""
        return self.blog.url(self.get_absolute_url())

    def is_public(self) -> bool:
        """Whether anybody may read it now."""
        if self.state != self.State.PUBLISHED or self.published_at is None:
            return False
        return self.published_at <= timezone.now()

    def takes_comments(self) -> bool:
        """Whether it is open for comments: never without a privacy notice that their writers can see."""
        return self.closure() is None

    def closure(self) -> Closed | None:
        """Why, since when and until when it takes no comments: of several reasons the most specific. None: it does."""
        if not self.is_public():
            return Closed(Why.TAKEN_DOWN)
        if not self.comments_open:
            return Closed(Why.POST, self.comments_closed_at)
        too_old = self._too_old_at()
        if too_old and too_old <= timezone.now():
            return Closed(Why.AGE, too_old)
        if not self.blog.comments_open:
            return Closed(Why.BLOG, self.blog.comments_closed_at)
        if not self.blog.has_notice:
            return Closed(Why.NO_NOTICE)
        return self._window(too_old)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Render the body. A post without a date that is published is published now."""
        if self.state == self.State.PUBLISHED and self.published_at is None:
            self.published_at = timezone.now()
        self.comments_closed_at = closed_by_hand_at(self)
        self.slug = self.slug or slugify(self.title)[:200]
        self.body_html = render_markdown(self.body)
        self.excerpt = excerpt(self.body_html)
        super().save(*args, **kwargs)

    def _too_old_at(self) -> datetime.datetime | None:
        """When its comments close by themselves, if ever."""
        days = self.blog.close_after_days
        return None if days is None or self.published_at is None else self.published_at + days * DAY

    def _window(self, too_old: datetime.datetime | None) -> Closed | None:
        """The window in force. A post that is too old by its end does not open again."""
        closed = window_in_force(self.blog.windows)
        if closed and closed.until and too_old and too_old <= closed.until:
            return replace(closed, until=None)
        return closed
