"""Other teams, to whom a blog passes what is for them and not for its page."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from blog.models import Blog


class Team(models.Model):
    """A team that answers what a blog does not, such as a help desk."""

    blog = models.ForeignKey(Blog, models.CASCADE, related_name="teams")
    name = models.CharField(max_length=100, help_text=_("As writers are told it, such as “Passport Office help desk”"))
    address = models.EmailField(help_text=_("Where comments for them are sent"))

    class Meta:
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["blog", "name"], name="team_once")]

    def __str__(self) -> str:
        return self.name
