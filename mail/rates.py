"""How fast mail may go: one bucket of tokens for all, and one for each domain that has a rate.

A bucket is one moment in a row: when it was empty. It fills at its rate, up to one second's worth.
"""

import datetime

from django.conf import settings

from mail.domains import RELAY, Domain

DEPTH = 1.0  # seconds that a bucket takes to fill, if that makes a whole mail
WORTH = 0.25  # seconds: less than this is not worth a hand-over of its own
PAUSE = 0.5  # seconds between looks, while a rate holds mail back
ASTRAY = 60.0  # seconds in the future: our clock was set back


def limits() -> dict[str, float]:
    """Mails a second, by domain; the one over all under RELAY. Empty when nothing is limited."""
    overall = {RELAY: settings.MAIL_PER_SECOND} if settings.MAIL_PER_SECOND else {}
    return {**settings.MAIL_PER_DOMAIN, **overall}


def pause() -> float:
    """In how many seconds to look again for what a rate held back; 0 when there is no rate."""
    rates = limits().values()
    return max(PAUSE, 1 / max(rates)) if rates else 0


def room(bucket: Domain, rate: float, now: datetime.datetime) -> int:
    """How many mails may go now; 0 as long as it is too few to be worth it."""
    mails = int(_filled(bucket, rate, now) * rate + 1e-6)
    return mails if mails >= max(1, int(rate * WORTH)) else 0


def take(bucket: Domain, rate: float, now: datetime.datetime, mails: int) -> None:
    """Count these; its caller holds the row, and saves it."""
    empty = now - datetime.timedelta(seconds=_filled(bucket, rate, now))
    bucket.empty_at = empty + datetime.timedelta(seconds=mails / rate)


def _filled(bucket: Domain, rate: float, now: datetime.datetime) -> float:
    """For how many seconds it has been filling."""
    depth = max(DEPTH, 1 / rate)
    waited = (now - bucket.empty_at).total_seconds() if bucket.empty_at else depth
    return depth if waited < -ASTRAY else min(max(waited, 0.0), depth)
