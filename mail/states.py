"""Where a mailout can stand, and which goes first."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Lane(models.IntegerChoices):
    """Which mail overtakes which: the lower number goes first."""

    NOW = 0, _("Confirmations and decisions")
    ALERT = 1, _("Alerts")
    DIGEST = 2, _("Digests")


class State(models.TextChoices):
    PREPARING = "preparing", _("Preparing")
    READY = "ready", _("Ready")
    SENDING = "sending", _("Sending")
    PAUSED = "paused", _("Paused")
    DONE = "done", _("Done")
    CANCELLED = "cancelled", _("Cancelled")


ACTIVE = [State.READY, State.SENDING]
UNDER_WAY = [*ACTIVE, State.PAUSED]
