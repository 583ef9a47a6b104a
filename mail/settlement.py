"""Writes down what became of mails that were sent."""

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.db.models import F
from django.utils import timezone

from mail import breakers
from mail.breakers import retry_gap
from mail.models import TRIES, Delivery, Lane
from mail.smtp import About, Outcome
from postbag import statements

log = logging.getLogger(__name__)
State = Delivery.State
# By number: to look for the state in its index would mean to pass by all that was handed before, until it is vacuumed.
SETTLE = """
    UPDATE mail_delivery SET state = 'accepted', settled_at = %s, lease_until = NULL
    WHERE id {} AND state || '' = 'handed' AND lease = %s
"""
UNCERTAIN = "uncertain"  # how the code of a try begins whose end we do not know
PATIENCE = 0.5  # seconds between tries to write, while the database is away


def settle(outcomes: Iterable[Outcome]) -> None:
    """Write down what became of some mails: one UPDATE for all that were accepted, one for each that was not.

    Guarded by state and lease: a sender that wakes after its lease was taken writes nothing. While the database is
    away it waits, as long as the lease lasts: what is known by then need not be sent again. Then it raises
    OperationalError.
    """
    outcomes = list(outcomes)
    _when_the_database_is_there(partial(_write, outcomes), outcomes)
    _when_the_database_is_there(partial(breakers.learn, outcomes), outcomes)


def _when_the_database_is_there(write: Callable[[], None], outcomes: Sequence[Outcome]) -> None:
    while True:
        try:
            return write()
        except (OperationalError, InterfaceError):
            if connection.in_atomic_block or timezone.now() >= min(_leases(outcomes)):
                raise
            log.warning("the database is away: what became of %s mails waits for it", len(outcomes))
            connection.close()
            time.sleep(PATIENCE)


def _leases(outcomes: Iterable[Outcome]) -> Iterable[Any]:
    return (outcome.delivery.lease_until or timezone.now() for outcome in outcomes)


def _write(outcomes: Iterable[Outcome]) -> None:
    """May run twice: what it wrote it does not find again."""
    accepted: dict[Any, list[Delivery]] = {}  # by lease: a canary and what goes with it have one each
    for outcome in outcomes:
        if outcome.state == State.ACCEPTED:
            accepted.setdefault(outcome.delivery.lease, []).append(outcome.delivery)
        else:
            _settle_refused(outcome)
    for deliveries in accepted.values():
        _settle_accepted(deliveries)


def _settle_accepted(deliveries: Sequence[Delivery]) -> None:
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    lease = Delivery._meta.get_field("lease").get_db_prep_value(deliveries[0].lease, connection)
    numbers: list[Any] = [delivery.id for delivery in deliveries]
    places = f"IN ({', '.join(['%s'] * len(numbers))})"
    if connection.vendor == "postgresql":  # an array, as it is written: to turn a list into one takes 3 µs a mail
        places, numbers = "= ANY (%s::bigint[])", ["{" + ",".join(map(str, numbers)) + "}"]
    with statements.cursor() as cursor:
        cursor.execute(SETTLE.format(places), [now, *numbers, lease])


def _settle_refused(outcome: Outcome) -> None:
    delivery, state, now = outcome.delivery, outcome.state, timezone.now()
    code = outcome.code.replace("\0", "")  # PostgreSQL stores none
    if state == State.UNCERTAIN:
        code = f"{UNCERTAIN}: {code}"
        state = State.DEFERRED if _sends_again(delivery) else State.UNCERTAIN
    elif state == State.DEFERRED and delivery.attempts >= TRIES and outcome.about is not About.SERVER:
        state = State.REJECTED
    again: dict[str, Any] = {}
    if state == State.DEFERRED:
        again = {"due_at": now + retry_gap(delivery.attempts)}
    if state == State.PENDING or outcome.about is About.SERVER:  # nobody tried
        again["attempts"] = F("attempts") - 1
    rows = Delivery.objects.filter(pk=delivery.pk, state=State.HANDED, lease=delivery.lease)
    rows.update(state=state, code=code[:200], settled_at=now, lease_until=None, **again)


def _sends_again(delivery: Delivery) -> bool:
    """A mail that may or may not have gone: a confirmation is sent again, bulk mail once, if at all."""
    if delivery.mailout.lane != Lane.NOW and (settings.MAIL_HOLD_UNCERTAIN or delivery.code.startswith(UNCERTAIN)):
        return False
    return delivery.attempts < TRIES
