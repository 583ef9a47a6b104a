"""Who gets no mail: whom we never write to again, and whose mail came back for a reason that may pass."""

import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mail.deliveries import Delivery


class SuppressionQuerySet(QuerySet["Suppression"]):
    def add_mailbox(self, mailbox: str, reason: str) -> None:
        """Never write to this mailbox again; what is owed to it is taken out."""
        self.get_or_create(mailbox=mailbox, defaults={"reason": reason})
        Delivery.objects.filter(mailbox=mailbox).suppress()

    def lift(self, mailbox: str) -> bool:
        """Write to this mailbox again, when it is asked to. False when it was not suppressed."""
        return bool(self.filter(mailbox=mailbox).delete()[0])


class Suppression(models.Model):
    """A mailbox that gets no mail from us, known only by its keyed hash."""

    class Reason(models.TextChoices):
        ASKED = "asked", _("Asked for no more mail")
        BOUNCED = "bounced", _("Mail came back")
        COMPLAINED = "complained", _("Reported as spam")

    mailbox = models.CharField(max_length=16, unique=True)
    reason = models.CharField(max_length=10, choices=Reason)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = SuppressionQuerySet.as_manager()

    def __str__(self) -> str:
        return self.get_reason_display()


class SoftBounceQuerySet(QuerySet["SoftBounce"]):
    def note(self, mailbox: str) -> bool:
        """Count one of today, once a day. Whether too many came lately."""
        self.get_or_create(mailbox=mailbox, day=_today())
        return self.recent().filter(mailbox=mailbox).count() >= settings.SOFT_BOUNCES

    def recent(self) -> Self:
        """Those that still count."""
        return self.filter(day__gt=_today() - datetime.timedelta(days=settings.SOFT_BOUNCE_DAYS))

    def old(self) -> Self:
        """Those that no longer count."""
        return self.filter(day__lte=_today() - datetime.timedelta(days=settings.SOFT_BOUNCE_DAYS))

    def forget(self) -> None:
        """Delete those that no longer count."""
        self.old().delete()


class SoftBounce(models.Model):
    """A day on which mail to a mailbox came back for a reason that may pass."""

    mailbox = models.CharField(max_length=16)
    day = models.DateField(db_index=True)

    objects = SoftBounceQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["mailbox", "day"], name="softbounce_once")]

    def __str__(self) -> str:
        return f"{self.day:%d %B}"


def _today() -> datetime.date:
    return timezone.now().date()
