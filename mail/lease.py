"""How long a sender keeps what it was handed.

A lease is short, so that what a dead sender held is soon sent by another. A living one renews it, from the thread that
sends. Nothing is begun so late in a lease that its answer could come after the end: by then, somebody else may send it.
"""

import datetime
import logging
import time
from collections.abc import Iterable

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone

from mail.batch import Batch
from mail.models import Delivery

log = logging.getLogger(__name__)


def safe() -> float:
    """For how many seconds of a lease a mail may be begun. Of what the last answer leaves, for clocks differ: ¾."""
    left = settings.MAIL_LEASE_SECONDS - settings.MAIL_FINAL_TIMEOUT
    return 0.75 * left if left > 0 else settings.MAIL_LEASE_SECONDS / 4


def is_safe(delivery: Delivery) -> bool:
    """Whether this mail may be begun now."""
    if not delivery.lease_until:
        return False
    left = (delivery.lease_until - timezone.now()).total_seconds()
    return left > settings.MAIL_LEASE_SECONDS - safe()


def renew(batches: Iterable[Batch]) -> None:
    """Let these sub-batches be kept for another lease.

    Not those that are late: somebody else may hold them. If any of their rows is no longer ours, or the database is
    away, nothing more is begun of them, now or when their time is over.
    """
    kept, now = [batch for batch in batches if not batch.is_late], time.monotonic()
    if not kept:
        return
    held = {delivery.pk: delivery.lease for batch in kept for delivery in batch.deliveries}
    # By number, too: sub-batches that were handed over together have one lease.
    rows = Delivery.objects.filter(state=Delivery.State.HANDED, lease__in=set(held.values()), pk__in=held)
    until = timezone.now() + datetime.timedelta(seconds=settings.MAIL_LEASE_SECONDS)
    try:
        ours = rows.update(lease_until=until) >= len(held)
    except (OperationalError, InterfaceError):
        log.warning("the database is away: leases cannot be renewed")
        if not connection.in_atomic_block:
            connection.close()
        return
    for batch in kept:
        batch.keep_until(now + safe() if ours else now)
