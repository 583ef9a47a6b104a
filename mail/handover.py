"""Hands a sub-batch over to a sender: one statement, committed before the first byte of it goes out.

    UPDATE … FROM (SELECT … FOR UPDATE SKIP LOCKED LIMIT n) … RETURNING

What somebody asked us to stop is taken out by the same statement. SQLite, whose one writer needs no locks, does the
same without them.
"""

import datetime
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from mail import rates
from mail.brakes import Brakes
from mail.domains import RELAY, domain_sql
from mail.models import TRIES, Delivery, Lane, Mailout

State = Delivery.State
FIELDS = [
    "id",
    "mailout_id",
    "address",
    "mailbox",
    "about",
    "serial",
    "state",
    "attempts",
    "code",
]  # in the model's order
SQL = """
    UPDATE mail_delivery
    SET state = CASE WHEN chosen.unwanted THEN 'suppressed' ELSE 'handed' END,
        attempts = mail_delivery.attempts + CASE WHEN chosen.unwanted THEN 0 ELSE 1 END,
        lease = %s, lease_until = %s
    FROM (
        SELECT id, EXISTS (SELECT 1 FROM mail_suppression WHERE mailbox = owed.mailbox) AS unwanted
        FROM mail_delivery owed
        WHERE mailout_id IN ({mailouts}) AND state = 'pending' AND due_at <= %s AND attempts <= %s {domains}
        ORDER BY {order} LIMIT %s {locks}
    ) chosen
    WHERE mail_delivery.id = chosen.id
    RETURNING {fields}
"""


# The bodies stay where they are: the sender reads them once a mailout.
WITH_OWED = """
    SELECT id, kind, lane, state, sender, created_at,
        EXISTS (SELECT 1 FROM mail_domain WHERE failures > 0) AS watched,
        EXISTS (SELECT 1 FROM mail_domain WHERE open_until IS NOT NULL) AS braked
    FROM mail_mailout
    WHERE state IN ('ready', 'sending') AND lane IN ({lanes}) AND EXISTS (
        SELECT 1 FROM mail_delivery
        WHERE mailout_id = mail_mailout.id AND state = 'pending' AND due_at <= %s AND attempts <= %s {domains}
    )
    ORDER BY lane, id LIMIT %s
"""


@dataclass(frozen=True)
class Domains:
    """Which recipients are meant: those at `names`, or all but those."""

    names: Sequence[str]
    but: bool = False

    def sql(self, column: str) -> str:
        """One more condition, with a place for each name."""
        if not self.names:
            return ""
        places = ", ".join(["%s"] * len(self.names))
        return f"AND {domain_sql(column)} {'NOT ' if self.but else ''}IN ({places})"


ALL = Domains([], but=True)


def hand_over(*lanes: Lane) -> Sequence[Delivery]:
    """One sub-batch, handed over under a lease that only we hold; urgent lanes first. Empty when nothing is owed."""
    lanes = lanes or tuple(Lane)
    while mailouts := _with_owed(lanes):
        taken = _claim_braked(lanes) if rates.limits() or mailouts[0].braked else _claim(mailouts)  # type: ignore[attr-defined]
        if handed := [delivery for delivery in taken if delivery.state == State.HANDED]:
            ready = {delivery.mailout_id for delivery in handed if delivery.mailout.state == Mailout.State.READY}
            if ready:
                Mailout.objects.filter(pk__in=ready, state=Mailout.State.READY).update(state=Mailout.State.SENDING)
            return handed
        if not taken:  # others hold what is owed
            return []
    return []


def _claim_braked(lanes: Sequence[Lane]) -> list[Delivery]:
    """The same where mail is held back by rates or breakers, one worker at a time."""
    with transaction.atomic():
        brakes = Brakes()
        others = Domains(sorted(brakes.shut), but=True)
        if brakes.is_trial:
            taken = _claim(_with_owed(lanes, others), others, brakes.room) or _claim_canary(lanes, brakes)
            brakes.try_out(RELAY, taken)
        else:
            taken = []
            for name in brakes.trials[: brakes.room]:
                taken += brakes.try_out(name, _claim(_with_owed(lanes, Domains([name])), Domains([name]), 1))
            taken += _claim(_with_owed(lanes, others), others, brakes.room - len(taken))
        late = brakes.beyond(delivery for delivery in taken if delivery.state == State.HANDED)
        unhand = Delivery.objects.filter(pk__in=[delivery.pk for delivery in late])
        unhand.update(state=State.PENDING, attempts=F("attempts") - 1, lease=None, lease_until=None)
    return [delivery for delivery in taken if delivery not in late]


def _claim_canary(lanes: Sequence[Lane], brakes: Brakes) -> list[Delivery]:
    """All that is owed goes to domains that failed, too: one of those must do, or the relay is never tried again."""
    domains = Domains(brakes.trials)
    return _claim(_with_owed(lanes, domains), domains, brakes.room) if brakes.trials else []


def _with_owed(lanes: Sequence[Lane], domains: Domains = ALL) -> list[Mailout]:
    """Mailouts of the most urgent lane in which something is owed: many letters, or one mailout to many."""
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    sql = WITH_OWED.format(lanes=", ".join(str(int(lane)) for lane in lanes), domains=domains.sql("address"))
    found = list(Mailout.objects.raw(sql, [now, TRIES, *domains.names, settings.MAIL_BATCH]))
    urgent = [mailout for mailout in found if mailout.lane == found[0].lane]
    return urgent if urgent and urgent[0].lane == Lane.NOW else urgent[:1]


def _claim(mailouts: Sequence[Mailout], domains: Domains = ALL, limit: int | None = None) -> list[Delivery]:
    if not mailouts or limit == 0:
        return []
    by_number = {mailout.pk: mailout for mailout in mailouts}
    lease, now = uuid.uuid4(), timezone.now()
    until = now + datetime.timedelta(seconds=settings.MAIL_LEASE_SECONDS)
    sql = SQL.format(
        mailouts=", ".join(["%s"] * len(by_number)),
        order="due_at, id" if len(by_number) > 1 else "id",
        domains=domains.sql("owed.address"),
        locks="FOR UPDATE SKIP LOCKED" if connection.features.has_select_for_update_skip_locked else "",
        fields=", ".join(f"mail_delivery.{name}" for name in FIELDS),
    )
    key = Delivery._meta.get_field("lease").get_db_prep_value(lease, connection)
    moments = [connection.ops.adapt_datetimefield_value(moment) for moment in (until, now)]
    with connection.cursor() as cursor:
        numbers = [*by_number, moments[1], TRIES, *domains.names, limit or settings.MAIL_BATCH]
        cursor.execute(sql, [key, moments[0], *numbers])
        taken = [Delivery.from_db(connection.alias, FIELDS, row) for row in sorted(cursor.fetchall())]
    for delivery in taken:
        delivery.mailout, delivery.lease, delivery.lease_until = by_number[delivery.mailout_id], lease, until
        delivery.watched = delivery.mailout.watched  # type: ignore[attr-defined]
    return taken
