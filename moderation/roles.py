"""Who may do what on which blog's desk, through Django's permissions."""

from typing import Any, Self

from django.contrib.auth.backends import BaseBackend, ModelBackend
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from blog.models import Author, Blog


class Duty(models.TextChoices):
    """What a person does for one blog."""

    VIEWER = "viewer", _("Viewer: reads the desk")
    MODERATOR = "moderator", _("Moderator: decides")
    LEAD = "lead", _("Lead: decides, answers for rules and records")
    AUTHOR = "author", _("Author: decides, but does not alone refuse comments on their own posts")
    OPERATOR = "operator", _("Operator: looks after mail")


class Every(models.TextChoices):
    """How often a person is mailed about what waits on one blog."""

    NEVER = "never", _("Never")
    HOUR = "hour", _("Every hour")
    DAY = "day", _("Every working day at 8 am")
    WEEK = "week", _("Every Monday at 8 am")


SEE, DECIDE = "moderation.view_comment", "moderation.decide_comment"
SEE_ADDRESS, LEAD = "moderation.see_address", "moderation.lead_desk"
MAIL = "mail.change_mailout"
PERMITS: dict[str, set[str]] = {
    Duty.VIEWER: {SEE},
    Duty.MODERATOR: {SEE, DECIDE, SEE_ADDRESS},
    Duty.LEAD: {SEE, DECIDE, SEE_ADDRESS, LEAD},
    Duty.AUTHOR: {SEE, DECIDE},
    Duty.OPERATOR: {MAIL},
}


class ModeratorQuerySet(QuerySet["Moderator"]):
    def blogs_of(self, user: Any, permission: str = SEE) -> QuerySet[Blog]:
        """The blogs on which this person may do this. Every queryset of the desk starts here."""
        if user.is_superuser:
            return Blog.objects.all()
        return Blog.objects.filter(moderators__in=self.filter(user=user, duty__in=duties_with(permission)))

    def mailed(self) -> Self:
        """Those who are mailed about what waits: they want it, may see it, still work here, and have an address."""
        wanted = self.exclude(mail_every=Every.NEVER).filter(duty__in=duties_with(SEE), user__is_active=True)
        return wanted.exclude(user__email="")


class Moderator(models.Model):
    """A person who works on the desk of one blog."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    blog = models.ForeignKey(Blog, models.CASCADE, related_name="moderators")
    duty = models.CharField(
        max_length=10,
        choices=Duty,
        default=Duty.MODERATOR,
        db_default=Duty.MODERATOR,
        help_text=_("What this person may do on the desk of this blog"),
    )
    author = models.ForeignKey(
        Author,
        models.RESTRICT,  # without it, the rule about an author's own posts would not hold any more
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Whose posts are this person’s own"),
    )
    name = models.CharField(max_length=100, blank=True, db_default="", help_text=_("As official replies show it"))
    role = models.CharField(max_length=100, blank=True, db_default="", help_text=_("Such as “Content designer”"))

    mail_every = models.CharField(max_length=5, choices=Every, default=Every.DAY, db_default=Every.DAY)
    mail_words = models.BooleanField(default=False, db_default=False, help_text=_("Show comments in these emails"))
    mailed_at = models.DateTimeField(null=True, editable=False)

    objects = ModeratorQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "blog"], name="moderator_once")]

    def __str__(self) -> str:
        return f"{self.user}, {self.blog}"

    def clean_fields(self, exclude: Any = None) -> None:
        """Raises ValidationError, also for the duty of an author of no posts: what it rules out is about their own.

        Forms that ask about other things, such as mail, ask nothing about this.
        """
        super().clean_fields(exclude)
        if self.duty == Duty.AUTHOR and self.author is None and "author" not in (exclude or ()):
            raise ValidationError({"author": _("Select whose posts are this person’s own")})


class RolesBackend(BaseBackend):
    """Grants what a person's duty permits: on a blog, or, asked without one, on any.

    So `user.has_perm("moderation.decide_comment", blog)` is true of a moderator of that blog.
    """

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        """Whether one of the duties of `user_obj` permits `perm` on the blog `obj`."""
        if not user_obj.is_active or user_obj.is_anonymous:
            return False
        mine = _duties(user_obj)
        asked = [mine.get(obj.pk)] if isinstance(obj, Blog) else mine.values()
        return any(perm in PERMITS.get(duty or "", ()) for duty in asked)


def duties_with(permission: str) -> list[str]:
    """The duties that permit this."""
    return [duty for duty, permits in PERMITS.items() if permission in permits]


def deciding(user: Any) -> set[int]:
    """The numbers of the blogs on which this person may decide: elsewhere, pages offer nothing to press."""
    if user.is_superuser:
        return set(Blog.objects.values_list("pk", flat=True))
    return {blog for blog, duty in _duties(user).items() if DECIDE in PERMITS.get(duty, ())}


def operated(user: Any) -> set[int] | None:
    """The numbers of the blogs whose mail this person looks after; None for all, as Django's own permission grants."""
    if MAIL in ModelBackend().get_all_permissions(user):
        return None
    return {blog for blog, duty in _duties(user).items() if MAIL in PERMITS.get(duty, ())}


def _duties(user: Any) -> dict[int, str]:
    """By the number of the blog; asked once of the person of one request, as Django does with its permissions."""
    if not hasattr(user, "_duties"):
        user._duties = dict(Moderator.objects.filter(user=user).values_list("blog", "duty"))
    return user._duties
