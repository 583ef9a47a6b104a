"""What a provider tells us of mails that went through it: events that it signed, or that carry our secret.

Included only where POSTBAG_ANYMAIL has a WEBHOOK_SECRET. Each of anymail's views checks it, and the provider's own
signature where there is one; what fails is answered with 400, and changes nothing.
"""

import re
from typing import Any

from anymail import urls
from anymail.signals import AnymailTrackingEvent, EventType, RejectReason, tracking
from django.dispatch import receiver

from mail import bounces, reports, verp
from mail.bounces import Kind
from mail.models import Delivery, Suppression
from mail.provider import KEY

# No mail is received this way: those views would fetch what strangers sent.
urlpatterns = [pattern for pattern in urls.urlpatterns if "inbound" not in str(pattern.name)]

MESSAGE_ID = re.compile(r"<?(\d{1,18})\.(\d{1,18})@[^@<>\s]+>?")
SOFTLY = re.compile(r"soft.?(bounce|fail)|transient|temporar|undetermined|['\"]hard_bounce['\"]: False", re.IGNORECASE)
REFUSED = {RejectReason.BOUNCED: Kind.HARD, RejectReason.INVALID: Kind.HARD, RejectReason.SPAM: Kind.COMPLAINT}


@receiver(tracking)  # the one signal in the house: it is anymail's only interface
def take_in(event: AnymailTrackingEvent, **_: Any) -> None:
    """Act on one event, if it is about a mail of ours."""
    about = _delivery(event)
    if about is None:
        return
    if event.event_type == EventType.DELIVERED:
        bounces.arrived(about)
    elif EventType.UNSUBSCRIBED in {event.event_type, event.reject_reason}:
        _stop(about)
    elif said := _verdict(event):
        bounces.received(about, *said)


def _delivery(event: AnymailTrackingEvent) -> Delivery | None:
    """By our sealed token, or by our Message-ID where the provider kept it."""
    metadata = event.metadata if isinstance(event.metadata, dict) else {}
    if KEY in metadata:
        return verp.unseal(str(metadata[KEY]))
    found = MESSAGE_ID.fullmatch(str(event.message_id or ""))
    rows = Delivery.objects.select_related("mailout")
    row = rows.filter(mailout=int(found[1]), pk=int(found[2])).first() if found else None
    return row if row and row.message_id.strip("<>") == found[0].strip("<>") else None  # type: ignore[index]


def _verdict(event: AnymailTrackingEvent) -> tuple[Kind, str] | None:
    """None for what is no end: opened, clicked, answered by a bot, delayed, or not yet sent."""
    if event.event_type == EventType.COMPLAINED:
        return Kind.COMPLAINT, "complaint"
    if event.event_type == EventType.REJECTED:  # the provider knows its earlier mails, others' among them
        return REFUSED.get(event.reject_reason, Kind.SOFT), f"refused: {event.reject_reason}"
    if event.event_type != EventType.BOUNCED:
        return None
    kind, status = reports.verdict(str(event.mta_response or ""))
    softly = SOFTLY.search(f"{event.description} {event.esp_event}")
    return (Kind.SOFT if softly else kind), status


def _stop(delivery: Delivery) -> None:
    """It used the provider's own way to unsubscribe: then the provider takes no more mail to it."""
    if delivery.mailbox:
        Suppression.objects.add_mailbox(delivery.mailbox, Suppression.Reason.ASKED)
