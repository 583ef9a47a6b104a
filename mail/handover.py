"""Hands a sub-batch over to a sender: one statement, committed before the first byte of it goes out.

    UPDATE … FROM (SELECT … FOR UPDATE SKIP LOCKED LIMIT n) … RETURNING

What somebody asked us to stop is taken out by the same statement. SQLite, whose one writer needs no locks, does the
same without them.
"""

import datetime
import uuid
from collections.abc import Sequence

from django.conf import settings
from django.db import connection
from django.utils import timezone

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
        WHERE mailout_id IN ({mailouts}) AND state = 'pending' AND due_at <= %s AND attempts <= %s
        ORDER BY {order} LIMIT %s {locks}
    ) chosen
    WHERE mail_delivery.id = chosen.id
    RETURNING {fields}
"""


# The bodies stay where they are: the sender reads them once a mailout.
WITH_OWED = """
    SELECT id, kind, lane, state, sender, created_at FROM mail_mailout
    WHERE state IN ('ready', 'sending') AND lane IN ({lanes}) AND EXISTS (
        SELECT 1 FROM mail_delivery
        WHERE mailout_id = mail_mailout.id AND state = 'pending' AND due_at <= %s AND attempts <= %s
    )
    ORDER BY lane, id LIMIT %s
"""


def hand_over(*lanes: Lane) -> Sequence[Delivery]:
    """One sub-batch, handed over under a lease that only we hold; urgent lanes first. Empty when nothing is owed."""
    while mailouts := _with_owed(lanes or tuple(Lane)):
        taken = _claim(mailouts)
        if handed := [delivery for delivery in taken if delivery.state == State.HANDED]:
            ready = {delivery.mailout_id for delivery in handed if delivery.mailout.state == Mailout.State.READY}
            if ready:
                Mailout.objects.filter(pk__in=ready, state=Mailout.State.READY).update(state=Mailout.State.SENDING)
            return handed
        if not taken:  # others hold what is owed
            return []
    return []


def _with_owed(lanes: Sequence[Lane]) -> list[Mailout]:
    """Mailouts of the most urgent lane in which something is owed: many letters, or one mailout to many."""
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    sql = WITH_OWED.format(lanes=", ".join(str(int(lane)) for lane in lanes))
    found = list(Mailout.objects.raw(sql, [now, TRIES, settings.MAIL_BATCH]))
    urgent = [mailout for mailout in found if mailout.lane == found[0].lane]
    return urgent if urgent and urgent[0].lane == Lane.NOW else urgent[:1]


def _claim(mailouts: Sequence[Mailout]) -> list[Delivery]:
    by_number = {mailout.pk: mailout for mailout in mailouts}
    lease, now = uuid.uuid4(), timezone.now()
    until = now + datetime.timedelta(seconds=settings.MAIL_LEASE_SECONDS)
    sql = SQL.format(
        mailouts=", ".join(["%s"] * len(by_number)),
        order="due_at, id" if len(by_number) > 1 else "id",
        locks="FOR UPDATE SKIP LOCKED" if connection.features.has_select_for_update_skip_locked else "",
        fields=", ".join(f"mail_delivery.{name}" for name in FIELDS),
    )
    key = Delivery._meta.get_field("lease").get_db_prep_value(lease, connection)
    moments = [connection.ops.adapt_datetimefield_value(moment) for moment in (until, now)]
    with connection.cursor() as cursor:
        cursor.execute(sql, [key, moments[0], *by_number, moments[1], TRIES, settings.MAIL_BATCH])
        taken = [Delivery.from_db(connection.alias, FIELDS, row) for row in sorted(cursor.fetchall())]
    for delivery in taken:
        delivery.mailout, delivery.lease, delivery.lease_until = by_number[delivery.mailout_id], lease, until
    return taken
