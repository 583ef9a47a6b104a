"""Where our mails come back to: an address of its own for each Delivery, sealed so that nobody else can make one."""

import re
from collections.abc import Iterable

from django.conf import settings

from mail.models import Delivery
from postbag import tokens

PURPOSE = "bounce"
SEALED = re.compile(r"\bbounces\+([a-z2-7]{40})@", re.IGNORECASE)  # some servers write local parts in capitals


def return_path(delivery: Delivery) -> str:
    """The sender in the envelope of this mail; "" where bounces are not received."""
    if not settings.BOUNCE_DOMAIN:
        return ""
    return f"bounces+{token(delivery)}@{settings.BOUNCE_DOMAIN}"


def token(delivery: Delivery) -> str:
    """What names this mail to whoever brings it back."""
    return tokens.make(PURPOSE, delivery.pk)


def find(texts: Iterable[str]) -> Delivery | None:
    """The Delivery whose return path stands in one of these; None for what is forged, or forgotten."""
    for text in texts:
        for sealed in SEALED.findall(text):
            if delivery := unseal(sealed):
                return delivery
    return None


def unseal(token: str) -> Delivery | None:
    """The Delivery that a token of ours names, however it is written."""
    read = tokens.read(PURPOSE, token.lower())
    return Delivery.objects.filter(pk=read[0]).first() if read else None
