"""A blog: where it is, what it says of itself, and how it takes comments."""

import re
from email.utils import formataddr
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, QuerySet
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from blog.closures import Closure, closed_by_hand_at
from blog.modes import Mode, WithMode

if TYPE_CHECKING:
    from blog.models import PrivacyNotice

HOST = re.compile(r"[a-z0-9.:\[\]-]+")


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
        self.comments_closed_at = closed_by_hand_at(self)
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
