"""Hands sub-batches over to a sender: one statement, committed before the first byte of them goes out.

    WITH … (SELECT … FOR UPDATE SKIP LOCKED LIMIT n) UPDATE … RETURNING

As a plain subquery, PostgreSQL may run the SELECT once for each row of the ledger, and hand over all of it. What
somebody asked us to stop is taken out by the same statement. SQLite, whose one writer needs no locks, does the same
without them.
"""

import datetime
import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.db.models.base import ModelState
from django.utils import timezone

from mail import rates
from mail.brakes import Brakes
from mail.domains import RELAY, domain_sql, sender_of
from mail.models import TRIES, Delivery, Lane, Mailout
from postbag import statements

State = Delivery.State
FIELDS = ["id", "mailout_id", "address", "mailbox", "about", "serial", "state", "attempts", "code"]
OWED = "state = 'pending' AND due_at <= %s AND attempts <= %s"
SQL = f"""
    WITH chosen AS MATERIALIZED (
        SELECT id, EXISTS (SELECT 1 FROM mail_suppression WHERE mailbox = owed.mailbox) AS unwanted
        FROM mail_delivery owed
        WHERE mailout_id IN ({{mailouts}}) AND {OWED} {{more}}
        ORDER BY {{order}} LIMIT {{limit}} {{locks}}
    )
    UPDATE mail_delivery
    SET state = CASE WHEN chosen.unwanted THEN 'suppressed' ELSE 'handed' END,
        attempts = mail_delivery.attempts + CASE WHEN chosen.unwanted THEN 0 ELSE 1 END,
        lease = %s, lease_until = %s
    FROM chosen
    WHERE mail_delivery.id = chosen.id
    RETURNING {", ".join(f"mail_delivery.{name}" for name in FIELDS)},
        EXISTS (SELECT 1 FROM mail_domain WHERE failures > 0)
"""  # noqa: S608
# Behind the last one, as long as its mailout is on its way, and nothing is more urgent or holds mail back.
NEXT = f"""
    AND id > %s
    AND EXISTS (SELECT 1 FROM mail_mailout WHERE id = %s AND state IN ('ready', 'sending'))
    AND NOT EXISTS (SELECT 1 FROM mail_domain WHERE open_until IS NOT NULL)
    AND NOT EXISTS (
        SELECT 1 FROM mail_mailout urgent
        WHERE state IN ('ready', 'sending') AND lane < %s
            AND EXISTS (SELECT 1 FROM mail_delivery WHERE mailout_id = urgent.id AND {OWED})
    )
"""  # noqa: S608


# The bodies stay where they are: the sender reads them once a mailout.
WITH_OWED = f"""
    SELECT id, kind, lane, state, sender, created_at,
        EXISTS (SELECT 1 FROM mail_domain WHERE open_until IS NOT NULL) AS braked
    FROM mail_mailout
    WHERE state IN ('ready', 'sending') AND lane IN ({{lanes}}) AND EXISTS (
        SELECT 1 FROM mail_delivery WHERE mailout_id = mail_mailout.id AND {OWED} {{domains}}
    ) {{senders}}
    ORDER BY lane, id LIMIT %s
"""  # noqa: S608


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


@dataclass(frozen=True)
class Senders:
    """Whose mailouts are meant: those of `names`, or of all but those."""

    names: Collection[str]
    but: bool = False

    @cached_property
    def headers(self) -> list[str]:
        """Their From headers, as they stand in what is on its way."""
        found = Mailout.objects.filter(state__in=Mailout.ACTIVE).values_list("sender", flat=True).distinct()
        return [header for header in found if sender_of(header) in self.names] if self.names else []

    @property
    def sql(self) -> str:
        """One more condition, with a place for each header."""
        if self.but and not self.headers:
            return ""
        return f"AND sender {'NOT ' if self.but else ''}IN ({', '.join(['%s'] * len(self.headers)) or 'NULL'})"


ANYBODY = Senders([], but=True)


@dataclass
class Trail:
    """Where in a mailout to many a sender is.

    Next come the rows behind the last one that it was handed. To look from the start costs more each time: what
    has left stays in PostgreSQL's index until it is vacuumed. What comes back is found when the end is reached.
    """

    mailout: Mailout | None = None
    last: int = 0

    def follow(self, limit: int) -> list[Delivery]:
        """The next so many, if this mailout is still what is to be sent."""
        if not self.mailout or rates.limits():
            return []
        self.mailout.state = Mailout.State.SENDING
        now = connection.ops.adapt_datetimefield_value(timezone.now())
        gates = [self.last, self.mailout.pk, self.mailout.lane, now, TRIES]
        return _claim([self.mailout], NEXT, gates, limit=limit)

    def leave_at(self, taken: Sequence[Delivery]) -> None:
        """Remember where to go on."""
        last = taken[-1] if taken else None
        self.mailout = last.mailout if last and last.mailout.lane != Lane.NOW else None
        self.last = last.pk if last else 0


def hand_over(*lanes: Lane, trail: Trail | None = None, batches: int = 1) -> Sequence[Delivery]:
    """So many sub-batches or less, under a lease that only we hold; urgent lanes first. Empty when nothing is owed.

    With a `trail`, which is of all lanes or of one, it goes on in the mailout where it left off.
    """
    trail, limit = trail or Trail(), batches * settings.MAIL_BATCH
    while taken := trail.follow(limit) or _search(lanes or tuple(Lane), limit):
        trail.leave_at(taken)
        if handed := [delivery for delivery in taken if delivery.state == State.HANDED]:
            return handed
    return []


def _search(lanes: Sequence[Lane], limit: int) -> list[Delivery]:
    """The first of what is owed."""
    mailouts = _with_owed(lanes)
    if not mailouts:
        return []
    is_braked = rates.limits() or mailouts[0].braked  # type: ignore[attr-defined]
    taken = _claim_braked(lanes) if is_braked else _claim(mailouts, limit=limit)
    handed = {delivery.mailout for delivery in taken if delivery.state == State.HANDED}
    if ready := [mailout.pk for mailout in handed if mailout.state == Mailout.State.READY]:
        Mailout.objects.filter(pk__in=ready, state=Mailout.State.READY).update(state=Mailout.State.SENDING)
    return taken


def _claim_braked(lanes: Sequence[Lane]) -> list[Delivery]:
    """The same where mail is held back by rates or breakers, one worker at a time."""
    with transaction.atomic():
        brakes = Brakes()
        others, free = Domains(sorted(brakes.shut), but=True), Senders(brakes.barred, but=True)
        if brakes.is_trial:
            taken = _claim_at(others, lanes, brakes.room, free) or _claim_canary(lanes, brakes)
            brakes.try_out(RELAY, taken)
        else:
            taken = []
            for name in brakes.sender_trials[: brakes.room]:
                taken += brakes.try_out(name, _claim_at(others, lanes, 1, Senders([name])))
            for name in brakes.trials[: brakes.room - len(taken)]:
                taken += brakes.try_out(name, _claim_at(Domains([name]), lanes, 1, free))
            taken += _claim_at(others, lanes, brakes.room - len(taken), free)
        late = brakes.beyond(delivery for delivery in taken if delivery.state == State.HANDED)
        unhand = Delivery.objects.filter(pk__in=[delivery.pk for delivery in late])
        unhand.update(state=State.PENDING, attempts=F("attempts") - 1, lease=None, lease_until=None)
    return [delivery for delivery in taken if delivery not in late]


def _claim_canary(lanes: Sequence[Lane], brakes: Brakes) -> list[Delivery]:
    """All that is owed is to domains, or of senders, that failed, too: one must do, or the relay is never tried."""
    for domains, senders in [
        (Domains(brakes.trials), Senders(brakes.barred, but=True)),
        (Domains(sorted(brakes.shut), but=True), Senders(brakes.sender_trials)),
        (Domains(brakes.trials), Senders(brakes.sender_trials)),
    ]:
        if (domains.names or domains.but) and (taken := _claim_at(domains, lanes, brakes.room, senders)):
            return taken
    return []


def _claim_at(domains: Domains, lanes: Sequence[Lane], limit: int, senders: Senders) -> list[Delivery]:
    return _claim(_with_owed(lanes, domains, senders), domains.sql("owed.address"), domains.names, limit=limit)


def _with_owed(lanes: Sequence[Lane], domains: Domains = ALL, senders: Senders = ANYBODY) -> list[Mailout]:
    """Mailouts of the most urgent lane in which something is owed: many letters, or one mailout to many."""
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    numbers = ", ".join(str(int(lane)) for lane in lanes)
    sql = WITH_OWED.format(lanes=numbers, domains=domains.sql("address"), senders=senders.sql)
    found = list(Mailout.objects.raw(sql, [now, TRIES, *domains.names, *senders.headers, settings.MAIL_BATCH]))
    urgent = [mailout for mailout in found if mailout.lane == found[0].lane]
    return urgent if urgent and urgent[0].lane == Lane.NOW else urgent[:1]


def _claim(mailouts: Sequence[Mailout], more: str = "", gates: Sequence[Any] = (), *, limit: int) -> list[Delivery]:
    """Hand over what is owed of these mailouts, where `more` holds; `gates` are the values in it."""
    if not mailouts or limit == 0:
        return []
    lease, now = uuid.uuid4(), timezone.now()
    until = now + datetime.timedelta(seconds=settings.MAIL_LEASE_SECONDS)
    sql = SQL.format(
        mailouts=", ".join(["%s"] * len(mailouts)),
        more=more,
        order="due_at, id" if len(mailouts) > 1 else "id",
        limit=limit,  # as a parameter, it would make PostgreSQL plan each time: 6 µs a mail
        locks="FOR UPDATE SKIP LOCKED" if connection.features.has_select_for_update_skip_locked else "",
    )
    key = Delivery._meta.get_field("lease").get_db_prep_value(lease, connection)
    moments = [connection.ops.adapt_datetimefield_value(moment) for moment in (until, now)]
    numbers = [*(mailout.pk for mailout in mailouts), moments[1], TRIES, *gates]
    with statements.cursor() as cursor:
        cursor.execute(sql, [*numbers, key, moments[0]])
        return _deliveries(sorted(cursor.fetchall()), mailouts, {"lease": lease, "lease_until": until})


def _deliveries(rows: Iterable[Sequence[Any]], mailouts: Iterable[Mailout], shared: dict[str, Any]) -> list[Delivery]:
    """These rows as instances. Model.__init__ would take longer than to hand them over does."""
    by_number = {mailout.pk: mailout for mailout in mailouts}
    alias, made = connection.alias, []  # which goes by a proxy
    for row in rows:
        delivery, state = Delivery.__new__(Delivery), ModelState()
        state.adding, state.db = False, alias
        delivery.__dict__ = dict(zip([*FIELDS, "watched"], row, strict=True), **shared, _state=state)
        state.fields_cache = {"mailout": by_number[delivery.mailout_id]}
        made.append(delivery)
    return made
