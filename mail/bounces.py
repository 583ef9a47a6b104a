"""What comes back after sending, and what follows from it.

It comes by two ways, which both end here: mails to our return paths (mail.reports) and a provider's signed events
(mail.webhooks). What follows in other rooms, such as the end of a subscription, is found by the clock: a Suppression
is a fact that it looks for.
"""

import logging
from enum import Enum

from django.db import transaction
from django.db.models import Count, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from mail.models import Delivery, Mailout, SoftBounce, Suppression

log = logging.getLogger(__name__)
State = Delivery.State
Reason = Suppression.Reason

# A mailout is held when this share of it came back, counted once so many were settled.
MOST_BOUNCED, BOUNCED_AFTER = 0.1, 100
MOST_COMPLAINED, COMPLAINED_AFTER = 0.001, 1000  # what Gmail asks of senders: below 0.1 %


class Kind(Enum):
    """What a mail came back as."""

    HARD = "hard bounce"  # there is no such mailbox
    SOFT = "soft bounce"  # it did not arrive, which says nothing for ever
    COMPLAINT = "complaint"  # its recipient reported it as spam


def received(delivery: Delivery, kind: Kind, code: str = "") -> bool:
    """Act on a mail that came back, once: whether it changed anything.

    A hard bounce or a complaint suppresses the mailbox, as do soft bounces on too many days. `code` is for the
    operator: a status, never words that may quote the address.
    """
    state = State.COMPLAINED if kind is Kind.COMPLAINT else State.BOUNCED
    rows = Delivery.objects.filter(pk=delivery.pk)
    left = rows.sent() if state == State.BOUNCED else rows.sent() | rows.filter(state=State.BOUNCED)
    with transaction.atomic():
        settled = Coalesce("settled_at", timezone.now())
        moved = left.update(state=state, code=code[:200], lease_until=None, settled_at=settled)
        if moved:
            _follow(rows.values_list("mailbox", flat=True).get(), kind)  # as it is now: it may have been erased
    return bool(moved)


def arrived(delivery: Delivery) -> bool:
    """A provider says that it was delivered: that settles what was uncertain, or about to be sent again."""
    rows = Delivery.objects.filter(pk=delivery.pk).sent().exclude(state__in=[State.HANDED, State.ACCEPTED])
    return bool(rows.update(state=State.ACCEPTED, settled_at=timezone.now()))


def hold_troubled() -> int:
    """Pause the mailouts of which too much came back, and raise an alarm. Returns how many."""
    under_way = Delivery.objects.filter(mailout__state__in=Mailout.ACTIVE, mailout__held_at=None)
    counted = under_way.filter(state__in=Delivery.RETURNED).values_list("mailout").order_by()
    bounced, complained = Count("pk", Q(state=State.BOUNCED)), Count("pk", Q(state=State.COMPLAINED))
    rows = list(counted.annotate(bounced=bounced, complained=complained))
    return sum(_hold_if_troubled(*row) for row in rows)


def _follow(mailbox: str, kind: Kind) -> None:
    if not mailbox:  # it was erased
        return
    if kind is Kind.COMPLAINT:
        Suppression.objects.add_mailbox(mailbox, Reason.COMPLAINED)
    elif kind is Kind.HARD or SoftBounce.objects.note(mailbox):
        Suppression.objects.add_mailbox(mailbox, Reason.BOUNCED)


def _hold_if_troubled(pk: int, bounced: int, complained: int) -> bool:
    mailout = Mailout.objects.get(pk=pk)
    settled = mailout.deliveries.filter(state__in=[State.ACCEPTED, State.REJECTED, *Delivery.RETURNED]).count()
    troubled = (settled >= BOUNCED_AFTER and bounced > MOST_BOUNCED * settled) or (
        settled >= COMPLAINED_AFTER and complained and complained >= MOST_COMPLAINED * settled
    )
    if not (troubled and mailout.hold()):
        return False
    log.error("mailout %s is paused: of %s mails, %s bounced, %s complained of", pk, settled, bounced, complained)
    return True
