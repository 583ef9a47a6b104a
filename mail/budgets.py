"""How many mails a stranger can make us send: per mailbox, per network and overall, over all forms together.

The counters are rows: an emptied cache or a second process frees nobody.
"""

import datetime
import hashlib
import logging
from collections.abc import Iterable, Sequence
from enum import Enum
from functools import cache
from itertools import chain
from typing import NamedTuple

from django.conf import settings
from django.db import connection, models
from django.db.models import F
from django.utils import timezone

from postbag import statements
from postbag.statements import New

log = logging.getLogger(__name__)
HOUR, DAY = 3600, 86400  # seconds
UPSERT = """
INSERT INTO mail_spent (key, ends_at, mails) VALUES {rows}
ON CONFLICT (key, ends_at) DO UPDATE SET mails = mail_spent.mails + 1
WHERE mail_spent.mails < CASE mail_spent.key {limits}END
RETURNING key
"""


class Spent(models.Model):
    """How much of a budget is used in one window. `key` is a keyed hash; rows go when their window ends."""

    key = models.CharField(max_length=32)
    ends_at = models.DateTimeField(db_index=True)
    mails = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "ends_at"], name="spent_once")]

    def __str__(self) -> str:
        return f"{self.mails} until {self.ends_at:%d %H:%M}"


class Refusal(Enum):
    """Which budget is used up."""

    MAILBOX = "mailbox"
    NETWORK = "network"
    OVERALL = "overall"


class BudgetExceeded(Exception):
    """Raised for the budgets that a sender is told about: never the mailbox's, which says something of an address.

    `limit` acts in a window of `seconds`, which ends at `ends_at`.
    """

    def __init__(self, refusal: Refusal, limit: int, seconds: int) -> None:
        super().__init__(refusal.value)
        self.refusal, self.limit, self.seconds = refusal, limit, seconds
        self.ends_at = window_end(seconds)

    @property
    def wait(self) -> int:
        """Seconds until the window has ended, at least one."""
        return max(1, int((self.ends_at - timezone.now()).total_seconds()) + 1)

    def headers(self) -> dict[str, str]:
        """What an answer says of it (RFC 9110, 10.2.3, and draft-ietf-httpapi-ratelimit-headers)."""
        name = f'"{self.refusal.value}-{self.seconds}s"'
        return {
            "Retry-After": str(self.wait),
            "RateLimit-Policy": f"{name};q={self.limit};w={self.seconds}",
            "RateLimit": f"{name};r=0;t={self.wait}",
        }


class Counter(NamedTuple):
    """A row of Spent, and how far it may count."""

    key: str
    ends_at: datetime.datetime
    limit: int


class Take(NamedTuple):
    """One act of a kind by `name`, of which a window of so many `seconds` has room for `limit`."""

    kind: str
    name: str
    seconds: int
    limit: int

    def counter(self) -> Counter:
        """What counts it in the present window."""
        return Counter(_key(self.kind, self.name, self.seconds), window_end(self.seconds), self.limit)


def admit(network: str, *beside: Take) -> bool:
    """Count one form against its network's budget and the overall one. Whether what is counted beside it had room.

    Call it first, for every form and outside the transaction: then the refusal says nothing of the address, and no form
    waits for another one's counter. Raises BudgetExceeded, but not for what is `beside`.
    """
    per_hour, per_day = settings.MAIL_PER_NETWORK
    full = take_all(
        Take("network", network, HOUR, per_hour),
        Take("network", network, DAY, per_day),
        Take("overall", "", HOUR, settings.MAIL_PER_HOUR),
        beside=beside,
    )
    if full and full[0] not in beside:
        refused = full[0]
        if refused.kind == "overall":
            log.error("the hour's budget of %s forms that send mail is used up", refused.limit)
        raise BudgetExceeded(Refusal(refused.kind), refused.limit, refused.seconds)
    return not full


def spend(mailbox: str) -> bool:
    """Take one mail from the mailbox's budget, in the transaction that owes it.

    False when the mailbox has had enough: then nothing is sent, and nobody is told.
    """
    return not take_all(*_of(mailbox))


def counters(mailbox: str) -> list[New]:
    """What takes one mail from the mailbox's budget in a chain of postbag.statements: it ends where there is no room.

    Then whoever stored it calls `give_back` for those that had room. None of them when the budget is no mail at all.
    """
    takes = _of(mailbox)
    return [_step(take.counter()) for take in takes] if all(take.limit > 0 for take in takes) else []


def give_back(counters: Iterable[New]) -> None:
    """Take back what these have counted."""
    for counter in counters:
        Spent.objects.filter(pk=counter.row.pk).update(mails=F("mails") - 1)


def forget() -> int:
    """Delete the counters of windows that have ended."""
    return Spent.objects.filter(ends_at__lt=timezone.now()).delete()[0]


def take(kind: str, name: str, seconds: int, limit: int) -> bool:
    """Count one act of this kind by `name`, if `limit` leaves room for it in this window of so many seconds."""
    return not take_all(Take(kind, name, seconds, limit))


def take_all(*takes: Take, beside: Sequence[Take] = ()) -> list[Take]:
    """Count one act in all of these windows, or in none, and in those `beside` that have room. Those without room."""
    counters = {take: take.counter() for take in (*takes, *beside)}
    counted = _count([*counters.values()])
    full = [take for take, counter in counters.items() if counter.key not in counted]
    if full and full[0] in takes:
        for key, ends_at, _limit in (counters[take] for take in takes if take not in full):
            Spent.objects.filter(key=key, ends_at=ends_at).update(mails=F("mails") - 1)
    return full


def once(kind: str, name: str, until: datetime.datetime) -> bool:
    """Whether this is the first act of this kind with `name`, which means nothing any more after `until`."""
    return bool(_count([Counter(_key(kind, name, 0), until, 1)]))


def taken(kind: str, name: str, seconds: int) -> int:
    """How many acts of this kind by `name` this window has counted."""
    counted = Spent.objects.filter(key=_key(kind, name, seconds), ends_at=window_end(seconds))
    return counted.values_list("mails", flat=True).first() or 0


def _of(mailbox: str) -> list[Take]:
    per_hour, per_day = settings.MAIL_PER_MAILBOX
    return [Take("mailbox", mailbox, HOUR, per_hour), Take("mailbox", mailbox, DAY, per_day)]


def _step(counter: Counter) -> New:
    room = f"(key, ends_at) DO UPDATE SET mails = mail_spent.mails + 1 WHERE mail_spent.mails < {counter.limit:d}"
    return New(Spent(key=counter.key, ends_at=counter.ends_at, mails=1), room)


def _count(counters: list[Counter]) -> set[str]:
    """The keys of those that moved: one conditional upsert, which holds whatever runs at the same moment."""
    open_to = [counter for counter in counters if counter.limit > 0]  # the INSERT alone would let one through
    if not open_to:
        return set()
    adapted = connection.ops.adapt_datetimefield_value  # `connection` is looked up at each touch
    rows = [(counter.key, adapted(counter.ends_at)) for counter in open_to]
    limits = [(counter.key, counter.limit) for counter in open_to]
    return {key for (key,) in statements.rows(_upsert(len(rows)), *chain(*rows, *limits))}


@cache
def _upsert(counters: int) -> str:
    return UPSERT.format(rows=", ".join(["(%s, %s, 1)"] * counters), limits="WHEN %s THEN %s " * counters)


def window_end(seconds: int) -> datetime.datetime:
    """When the present window of so many seconds ends."""
    started = int(timezone.now().timestamp()) // seconds * seconds
    return datetime.datetime.fromtimestamp(started + seconds, tz=datetime.UTC)


def _key(kind: str, name: str, seconds: int) -> str:
    secret = _secret(settings.SECRET_KEY)
    return hashlib.blake2b(f"{kind}:{seconds}:{name}".encode(), digest_size=16, key=secret).hexdigest()


@cache
def _secret(key: str) -> bytes:
    return hashlib.blake2b(key.encode(), digest_size=32, person=b"postbag budgets").digest()
