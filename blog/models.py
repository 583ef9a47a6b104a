"""What there is to read: blogs, their posts, the people and subjects behind them, and the privacy notice."""

import datetime
import re
from dataclasses import replace
from email.utils import formataddr
from typing import Any, Self, TypeVar

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from blog.closures import Closed, Closure, Why, window_in_force
from blog.markdown import excerpt, render_markdown
from blog.modes import Mode, WithMode

HOST = re.compile(r"[a-z0-9.:\[\]-]+")
DAY = datetime.timedelta(days=1)
Row = TypeVar("Row", bound=models.Model)


def validate_address(address: str) -> None:
    """Refuse a site address that is not scheme://host[:port] in lower case, without a path."""
    if not re.fullmatch(r"https?://[a-z0-9.-]+(:\d{1,5})?", address):
        raise ValidationError(_("Enter an address in the format https://blog.example.org, without a path"))


class BlogQuerySet(QuerySet["Blog"]):
    def update(self, **changes: Any) -> int:
        """Change these, and show their pages anew."""
        return super().update(**{"page_version": F("page_version") + 1, **changes})


class Blog(WithMode):
    """One blog: its configured address, its words, and its settings for comments."""

    class Division(models.TextChoices):
        """Whose bank holidays are no working days."""

        ENGLAND_AND_WALES = "england-and-wales", _("England and Wales")
        SCOTLAND = "scotland", _("Scotland")
        NORTHERN_IRELAND = "northern-ireland", _("Northern Ireland")

    class Claims(models.TextChoices):
        """Whether moderators say which comment they are about to decide."""

        OFF = "off", _("Not used")
        OPTIONAL = "optional", _("Optional")
        REQUIRED = "required", _("Required")

    Mode = Mode

    name = models.CharField(max_length=100)
    address = models.CharField(
        max_length=200,
        unique=True,
        validators=[validate_address],
        help_text=_("Where readers find it, such as https://blog.example.org. Links in mails start with this."),
    )
    also_answers = models.CharField(
        max_length=500,
        blank=True,
        help_text=_("Other host names, with their ports, separated by spaces"),
    )
    hosts = models.CharField(max_length=800, editable=False)
    organisation = models.CharField(max_length=100, blank=True)
    about = models.TextField(blank=True, help_text=_("“About this blog” in the sidebar, in Markdown"))
    from_email = models.EmailField(help_text=_("Mails of this blog come from this address"))
    comments_open = models.BooleanField(default=True)
    comment_limit = models.PositiveIntegerField(default=5000, help_text=_("Characters in a comment"))
    promise = models.CharField(
        max_length=200,
        default=_("We aim to read every comment within 2 working days."),
        help_text=_("What writers of comments are told about how long a decision takes"),
    )
    promise_days = models.PositiveSmallIntegerField(
        default=2, db_default=2, help_text=_("Working days within which a comment is decided. 0: no promise")
    )
    promise_hours = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text=_("Hours, counted day and night, instead of working days")
    )
    division = models.CharField(
        max_length=20, choices=Division, default=Division.ENGLAND_AND_WALES, db_default=Division.ENGLAND_AND_WALES
    )
    claims = models.CharField(
        max_length=8,
        choices=Claims,
        default=Claims.OPTIONAL,
        db_default=Claims.OPTIONAL,
        help_text=_("Whether moderators claim a comment before they decide it"),
    )
    shows_figures = models.BooleanField(
        default=False, db_default=False, help_text=_("Show everybody how many comments are published, and how soon")
    )
    hide_reported_at = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        help_text=_("Reported comments go back to the desk at this weight: 100 is a reporter who is always right"),
    )
    comment_depth = models.PositiveSmallIntegerField(
        default=3, db_default=3, help_text=_("Levels of replies that are shown; deeper ones join the last")
    )
    comments_closed_at = models.DateTimeField(null=True, editable=False)
    close_after_days = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text=_("Days after a post is published when its comments close. Empty: never")
    )
    keep_unconfirmed = models.BooleanField(
        default=True,
        db_default=True,
        help_text=_("Take comments that were written before comments closed and are confirmed after it"),
    )
    page_version = models.PositiveBigIntegerField(default=1, editable=False)

    objects = BlogQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name

    @property
    def host(self) -> str:
        """The host, with its port, of the configured address."""
        return self.address.partition("://")[2]

    @property
    def version(self) -> str:
        """What the pages of this blog are cached under; see `blog.kept.blog_at`."""
        moments = [str(getattr(self, name, None) or "") for name in ("latest_at", "aged_at", "edge_at")]
        return "/".join([str(self.pk), str(self.page_version), *moments])

    @property
    def sender(self) -> str:
        """The From of this blog's mails; RFC 5322 quotes are added by the mail library."""
        return formataddr((self.name, self.from_email))

    @cached_property
    def notice_in_force(self) -> "PrivacyNotice | None":
        """The privacy notice that people are shown now."""
        return self.notices.first()

    @property
    def has_notice(self) -> bool:
        """Whether people can see what becomes of their data: without that, nobody is asked for any."""
        return self.notice_in_force is not None

    @cached_property
    def windows(self) -> list[Closure]:
        """The windows without comments, its own and those of all blogs, that have not ended; the earliest first."""
        return list(Closure.objects.of(self).to_come())

    def url(self, path: str) -> str:
        """The full address of `path` on this blog, for mails and for links that leave the site."""
        return self.address + path

    def clean(self) -> None:
        taken = Blog.objects.exclude(pk=self.pk)
        for host in self._host_names():
            if not HOST.fullmatch(host):
                raise ValidationError({"also_answers": _("“%s” is not a host name") % host})
            if taken.filter(hosts__contains=f" {host} ").exists():
                raise ValidationError({"also_answers": _("Another blog already answers at “%s”") % host})

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store the host names for look-up, and show every page anew. A stale row never sets its page version back."""
        self.hosts = f" {' '.join(self._host_names())} "
        self.comments_closed_at = _closed_at(self)
        if self.pk and not kwargs.get("force_insert"):
            kwargs["update_fields"] = [
                f.name for f in self._meta.concrete_fields if f.name not in {"id", "page_version"}
            ]
        with transaction.atomic():
            super().save(*args, **kwargs)
            self.raise_page_version()

    def raise_page_version(self) -> None:
        """Make every cached page of this blog old, from the commit of the transaction we are in."""
        Blog.objects.filter(pk=self.pk).update()

    def _host_names(self) -> list[str]:
        return [self.host, *self.also_answers.lower().split()]


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
        self.comments_closed_at = _closed_at(self)
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


def _closed_at(row: Blog | Post) -> datetime.datetime | None:
    """Since when comments are closed by hand, remembered as long as they are."""
    return None if row.comments_open else row.comments_closed_at or timezone.now()
