"""Where a comment can stand."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    UNCONFIRMED = "unconfirmed", _("Awaiting confirmation")
    PENDING = "pending", _("Awaiting moderation")
    APPROVED = "approved", _("Published")
    REJECTED = "rejected", _("Not published")
    SPAM = "spam", _("Spam")
    WITHDRAWN = "withdrawn", _("Withdrawn")


NOT_PROVED = [State.UNCONFIRMED, State.WITHDRAWN]  # the latter only when it was taken back before it was confirmed
REFUSED = [State.REJECTED, State.SPAM]  # which read the same to the writer
ESCALATED = [State.PENDING, State.APPROVED, State.WITHDRAWN]  # of what leads have: its writer may take it back
DECIDED = [State.APPROVED, State.REJECTED, State.SPAM]
