"""What holds mail back when it is handed over: rates, and open breakers."""

from collections import Counter
from collections.abc import Iterable

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from mail import rates
from mail.breakers import FAILURES, retry_gap
from mail.domains import RELAY, Domain, domain_of
from mail.models import Delivery


class Brakes:
    """All brakes as they are now. Make it in a transaction: it holds their rows, so that workers take turns.

    `room` is how many mails may go, `shut` are the domains that may have none, `trials` those of them that may have one
    canary; when the relay is on trial, the one mail that may go is its canary, if need be to a domain on trial. Of the
    senders `barred` none may go, but for a canary of those that are in `sender_trials`.
    """

    def __init__(self) -> None:
        self._now = timezone.now()
        self._limits = rates.limits()
        self._rows = _locked(self._limits)
        relay = self._rows.get(RELAY)
        tried = [row for row in self._rows.values() if row.open_until and not (row is relay or row.sender)]
        senders = [row for row in self._rows.values() if row.open_until and row.sender]
        self.barred = {row.name for row in senders}
        self.sender_trials = [row.name for row in senders if not row.is_waiting]
        full = {name: self._room(name) for name in self._limits}
        self.is_trial = bool(relay and relay.open_until)
        self.room = min(full.get(RELAY, settings.MAIL_BATCH), 1 if self.is_trial else settings.MAIL_BATCH)
        if relay and relay.is_waiting:
            self.room = 0
        self.shut = {row.name for row in tried} | {name for name in full if name != RELAY and not full[name]}
        self.trials = [row.name for row in tried if not row.is_waiting and full.get(row.name, 1)]
        self._left = full

    def try_out(self, name: str, claimed: list[Delivery]) -> list[Delivery]:
        """Make this one the canary. Should nothing be heard of it, another may be tried after as long a wait."""
        row = self._rows[name]
        for delivery in claimed:
            if delivery.state == Delivery.State.HANDED:  # else nobody wants it
                delivery.canary = name
                row.open_until = self._now + retry_gap(row.failures - FAILURES + 1)
                row.save(update_fields=["open_until", "changed_at"])
        return claimed

    def beyond(self, deliveries: Iterable[Delivery]) -> list[Delivery]:
        """Take their tokens; returns those for whose domain there are none left."""
        went: Counter[str] = Counter()
        late = []
        for delivery in deliveries:
            name = domain_of(delivery.address)
            if went[name] < self._left.get(name, settings.MAIL_BATCH):
                went[name] += 1
            else:
                late.append(delivery)
        went[RELAY] = went.total()
        for name in self._limits.keys() & +went:
            rates.take(self._rows[name], self._limits[name], self._now, went[name])
            self._rows[name].save(update_fields=["empty_at", "changed_at"])
        return late

    def _room(self, name: str) -> int:
        return rates.room(self._rows[name], self._limits[name], self._now)


def _locked(names: Iterable[str]) -> dict[str, Domain]:
    """The rows of open breakers and of what has a rate, held until the transaction ends."""
    wanted = Domain.objects.filter(Q(open_until__isnull=False) | Q(name__in=names))
    rows = {row.name: row for row in wanted.select_for_update().order_by("name")}
    if missing := set(names) - rows.keys():
        Domain.objects.bulk_create([Domain(name=name) for name in sorted(missing)], ignore_conflicts=True)
        rows = {row.name: row for row in wanted.select_for_update().order_by("name")}
    return rows
