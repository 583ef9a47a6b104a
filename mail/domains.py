"""What we know of the domains that we send to, of our senders, and of the relay: how often they failed, and how fast
they are fed.
"""

import datetime
from email.utils import parseaddr
from typing import Self

from django.db import connection, models
from django.db.models import Q, QuerySet
from django.utils import timezone

RELAY = "*"  # the name under which the mail server itself stands among the domains
SENDER = "from:"  # how the name of one of our senders begins, whom the mail server may refuse
SQL = {
    "sqlite": "lower(substr({0}, instr({0}, '@') + 1))",
    "postgresql": "lower(split_part({0}, '@', 2))",
}


def domain_of(address: str) -> str:
    """The domain of a clean address, in lower case."""
    return address.rpartition("@")[2].lower()


def sender_of(header: str) -> str:
    """The name under which the sender in a From header stands among the domains."""
    return f"{SENDER}{parseaddr(header)[1].lower()}"[:254]


def domain_sql(column: str) -> str:
    """The same, in the words of this database."""
    return SQL[connection.vendor].format(column)


class DomainQuerySet(QuerySet["Domain"]):
    def failing(self) -> Self:
        """Those that did not take the last mail that was tried."""
        return self.filter(failures__gt=0)

    def put_off(self) -> Self:
        """Those whose breaker is open, the relay first."""
        return self.filter(open_until__isnull=False).order_by("name")

    def forget(self) -> None:
        """Delete those of which nothing was heard for a day."""
        self.filter(changed_at__lt=timezone.now() - datetime.timedelta(days=1)).delete()


class Domain(models.Model):
    """A domain that fails or has a rate, a sender that is refused, or the relay. Most have no row."""

    name = models.CharField(max_length=254, unique=True)
    failures = models.PositiveIntegerField(default=0, help_text="In a row, up to now")
    open_until = models.DateTimeField(null=True, help_text="No mail before then, and after it one to try")
    empty_at = models.DateTimeField(null=True, help_text="When its bucket of tokens was empty, or would have been")
    changed_at = models.DateTimeField(auto_now=True, db_index=True)

    objects = DomainQuerySet.as_manager()

    class Meta:
        indexes = [  # nearly always empty, and asked at each hand-over
            models.Index(fields=["name"], name="domain_failing", condition=Q(failures__gt=0)),
            models.Index(fields=["name"], name="domain_open", condition=Q(open_until__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_relay(self) -> bool:
        return self.name == RELAY

    @property
    def sender(self) -> str:
        """The address of ours that this row is about; "" when it is about recipients."""
        return self.name.removeprefix(SENDER) if self.name.startswith(SENDER) else ""

    @property
    def is_waiting(self) -> bool:
        """Whether nothing may be sent to it now; else one mail may be tried."""
        return self.open_until is not None and self.open_until > timezone.now()
