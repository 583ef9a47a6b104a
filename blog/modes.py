"""When a blog's comments are published: after its moderators read them, or, of those who are known, before."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


class Mode(models.TextChoices):
    """The last word on a comment in which no rule found anything. That comments are closed is `Blog.comments_open`."""

    BEFORE = "before", _("Moderators read every comment before it is published")
    AFTER = "after", _("Comments of proved regulars are published at once, and moderators read them afterwards")


class WithMode(models.Model):
    """A blog's mode, and who is a proved regular there: `moderation.regulars` reckons it."""

    mode = models.CharField(max_length=6, choices=Mode, default=Mode.BEFORE, db_default=Mode.BEFORE)
    regular_after = models.PositiveSmallIntegerField(
        default=5,
        db_default=5,
        validators=[MinValueValidator(1)],
        help_text=_("Comments of one writer that moderators have published: from so many on they are a regular"),
    )
    regular_refusals = models.PositiveSmallIntegerField(
        default=10,
        db_default=10,
        validators=[MaxValueValidator(100)],
        help_text=_("Of 100 decided comments of a regular, no more than so many are refused"),
    )
    regular_days = models.PositiveSmallIntegerField(
        default=90,
        db_default=90,
        validators=[MinValueValidator(1)],
        help_text=_("Days for which a decision counts. It never counts for longer than we keep the writer’s address"),
    )

    class Meta:
        abstract = True
