"""What one month was like on one blog."""

from django.db import models
from django.utils.formats import date_format

from blog.models import Blog


class Month(models.Model):
    """The comments that were confirmed in one month, in numbers alone."""

    blog = models.ForeignKey(Blog, models.CASCADE, related_name="months")
    first = models.DateField()
    received = models.PositiveIntegerField(default=0)
    published = models.PositiveIntegerField(default=0)
    at_once = models.PositiveIntegerField(default=0, db_default=0, help_text="Published before anybody had read them")
    refused = models.PositiveIntegerField(default=0)
    spam = models.PositiveIntegerField(default=0)
    withdrawn = models.PositiveIntegerField(default=0)
    waiting = models.PositiveIntegerField(default=0)
    reasons = models.JSONField(default=dict, help_text="Title of a rule: how many refusals quote it")
    decided = models.PositiveIntegerField(default=0)
    in_time = models.PositiveIntegerField(default=0)
    median_minutes = models.PositiveIntegerField(null=True)
    slowest_minutes = models.PositiveIntegerField(null=True, help_text="Nine of ten decisions took no longer")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["blog", "first"], name="month_once")]

    def __str__(self) -> str:
        return date_format(self.first, "F Y")

    @property
    def kept(self) -> int | None:
        """How many decisions of 100 kept the promise."""
        return round(100 * self.in_time / self.decided) if self.decided else None
