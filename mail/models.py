"""The ledger: what mail is owed, to whom, and what became of it. The database is the queue."""

import datetime
from collections.abc import Iterable
from email.header import decode_header, make_header
from typing import Any, Self

from django.conf import settings
from django.db import connection, models, transaction
from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from mail import states
from mail.budgets import Spent as Spent
from mail.deliveries import TRIES as TRIES
from mail.deliveries import Delivery as Delivery
from mail.deliveries import DeliveryQuerySet
from mail.domains import Domain as Domain
from mail.states import Lane as Lane
from mail.suppressions import SoftBounce as SoftBounce
from mail.suppressions import Suppression as Suppression


class MailoutQuerySet(QuerySet["Mailout"]):
    def finished(self) -> Self:
        """Being sent, with no open row left."""
        open_rows = Delivery.objects.filter(mailout=models.OuterRef("pk"), state__in=Delivery.OPEN)
        return self.filter(state__in=Mailout.ACTIVE).exclude(models.Exists(open_rows))

    def close_finished(self) -> int:
        """Mark as done what has no open row.

        The condition is of another table, so it is looked at again once the rows are locked: who sends something of
        them again has locked them, too.
        """
        with transaction.atomic():
            numbers = list(self.finished().order_by("pk").lock())
            return self.filter(pk__in=numbers).finished().update(state=Mailout.State.DONE, closed_at=timezone.now())

    def lock(self) -> QuerySet["Mailout", int]:
        """Their numbers; nobody else moves them before the transaction ends."""
        return self.select_for_update(no_key=True).values_list("pk", flat=True)

    def to_many(self) -> Self:
        """Alerts and digests, the newest first."""
        return self.exclude(lane=Lane.NOW).order_by("-pk")

    def lately(self) -> Self:
        """On their way, or closed in the last hour."""
        hour = timezone.now() - datetime.timedelta(hours=1)
        return self.filter(Q(closed_at=None) | Q(closed_at__gte=hour))

    def of_owners(self, owners: Iterable[int] | None) -> Self:
        """Those that these blogs send, by number; None is for all."""
        return self.all() if owners is None else self.filter(owner__in=owners)

    def letters(self) -> Self:
        """Mails to one person each, the newest first."""
        return self.filter(lane=Lane.NOW).order_by("-pk")

    def undecided(self) -> Self:
        """Those with mails of which only a person can say whether to send them again, counted as `uncertain`."""
        uncertain = Delivery.objects.filter(state=Delivery.State.UNCERTAIN).order_by()
        counted = uncertain.filter(mailout=models.OuterRef("pk")).values("mailout").annotate(count=Count("pk"))
        mailouts = self.filter(pk__in=uncertain.values("mailout"))
        return mailouts.annotate(uncertain=models.Subquery(counted.values("count"))).order_by("-pk")

    def unbalanced(self) -> list["Mailout"]:
        """Those whose numbers do not add up (design: candidates = prepared + excluded; the states sum to prepared)."""
        excluded = F("suppressed") + F("repeated")
        with_rows = self.exclude(state=Mailout.State.PREPARING).annotate(rows=Count("deliveries"))
        forgotten = Q(rows=0) & ~Q(tally={})
        wrong = ~Q(candidates=F("prepared") + excluded) | (~Q(rows=F("prepared")) & ~forgotten)
        open_rows = Delivery.objects.filter(mailout=models.OuterRef("pk"), state__in=Delivery.OPEN)
        early = Q(state=Mailout.State.DONE) & models.Exists(open_rows)
        return list(with_rows.filter(wrong | early).order_by("pk"))

    def closed_long_ago(self) -> Self:
        """Closed so long ago that nobody asks any more who got it."""
        return self.filter(closed_at__lt=timezone.now() - datetime.timedelta(days=settings.MAIL_RETENTION_DAYS))

    def recipients_long_ago(self) -> "DeliveryQuerySet":
        """The rows with addresses of those."""
        return Delivery.objects.filter(mailout__in=self.closed_long_ago())

    def forget(self) -> None:
        """Delete the recipients of mail that was closed long enough ago, and keep their counts; letters go whole."""
        old = self.closed_long_ago()
        old.filter(lane=Lane.NOW).delete()
        for mailout in old.filter(tally={}, prepared__gt=0):
            with transaction.atomic():
                self.filter(pk=mailout.pk).update(tally=mailout.count_states())
                mailout.deliveries.all().delete()

    def erase_words(self) -> None:
        """Take the words out; who got them, and when, stays."""
        self.update(subject="erased", text="", html="")


class Mailout(models.Model):
    """One mail, to one or to many: its words once, frozen, and its Deliveries, one an address.

    The bodies hold marks where links have tokens: as wide and of the same letters as a token, drawn by lot. The sender
    puts each recipient's own token in the place of its mark, so that no token is ever stored.
    """

    State = states.State
    ACTIVE = states.ACTIVE
    UNDER_WAY = states.UNDER_WAY

    kind = models.CharField(max_length=40)
    owner = models.PositiveBigIntegerField(null=True, help_text="Number of the blog that sends it")
    lane = models.PositiveSmallIntegerField(choices=Lane)
    state = models.CharField(max_length=10, choices=State, default=State.PREPARING)
    sender = models.CharField(max_length=1500, help_text="A From header, encoded: three characters a byte")
    subject = models.CharField(max_length=300)
    text = models.TextField()
    html = models.TextField(blank=True)
    marks = models.JSONField(default=dict, help_text="Purpose of a token: the mark that stands for it")
    unsubscribe = models.CharField(max_length=300, blank=True, help_text="Address for one-click, with its mark")
    list_id = models.CharField(max_length=200, blank=True)
    candidates = models.PositiveIntegerField(default=0)
    prepared = models.PositiveIntegerField(default=0)
    suppressed = models.PositiveIntegerField(default=0, help_text="Candidates left out: they asked for no mail")
    repeated = models.PositiveIntegerField(default=0, help_text="Candidates left out: their address stands in already")
    tally = models.JSONField(default=dict, help_text="Deliveries by state, once they are closed and forgotten")
    created_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True)
    held_at = models.DateTimeField(null=True, help_text="When it was paused because too much of it came back")

    objects = MailoutQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["lane", "id"], name="mailout_active", condition=Q(state__in=["ready", "sending"]))
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def sender_words(self) -> str:
        """The From header as people read it."""
        return str(make_header(decode_header(self.sender)))

    def freeze(self, audience: QuerySet[Any]) -> None:
        """Write one pending Delivery for each row of `audience`, in one statement, and be ready.

        `audience` has the fields `address`, `mailbox` and `pk`. Suppressed mailboxes and repeated addresses are left
        out, and counted: candidates = prepared + suppressed + repeated.
        """
        wanted = audience.exclude(mailbox__in=Suppression.objects.values("mailbox"))
        with transaction.atomic():
            everybody, welcome = audience.count(), wanted.count()
            self.prepared = self._insert(wanted)
            # Somebody can join or leave between these statements: the rows decide, and no count is below 0.
            self.suppressed = max(0, everybody - welcome)
            self.repeated = max(0, welcome - self.prepared)
            self.candidates = self.prepared + self.suppressed + self.repeated
            self.state = self.State.READY
            self.save()

    def pause(self) -> bool:
        """Hold it back, from the next sub-batch on. False when it was not on its way."""
        return self._move(self.ACTIVE, state=self.State.PAUSED)

    def hold(self) -> bool:
        """Pause it because too much of it came back: once, then it is a person's choice. False when it cannot be."""
        return self.held_at is None and self._move(self.ACTIVE, state=self.State.PAUSED, held_at=timezone.now())

    def resume(self) -> bool:
        """Go on. False when it was not paused."""
        return self._move([self.State.PAUSED], state=self.State.SENDING)

    def cancel(self) -> bool:
        """Call off what has not left, from the next sub-batch on. False when it was closed already."""
        with transaction.atomic():
            moved = self._move(self.UNDER_WAY, state=self.State.CANCELLED, closed_at=timezone.now())
            if moved:
                self.deliveries.cancel()
        return moved

    def send_again(self, *states: str) -> int:
        """Owe the rejected or uncertain ones once more; a mailout that was done is on its way again."""
        with transaction.atomic():
            Mailout.objects.filter(pk=self.pk).lock().get()  # else it may be closed meanwhile
            again = self.deliveries.filter(state__in=states).exclude(mailbox="")
            count = again.update(state=Delivery.State.PENDING, attempts=0, due_at=timezone.now())
            if count:
                self._move([self.State.DONE], state=self.State.SENDING, closed_at=None)
        return count

    def accept_uncertain(self) -> int:
        """A person has seen that the uncertain ones arrived."""
        uncertain = self.deliveries.filter(state=Delivery.State.UNCERTAIN)
        return uncertain.update(state=Delivery.State.ACCEPTED, settled_at=timezone.now())

    def count_states(self) -> dict[str, int]:
        """Deliveries by state; from the tally when they are forgotten."""
        counted = self.deliveries.values_list("state").annotate(Count("pk")).order_by()
        return dict(counted) or self.tally

    def adds_up(self) -> bool:
        """Whether every candidate is accounted for."""
        return not Mailout.objects.filter(pk=self.pk).unbalanced()

    def _move(self, states: Iterable[str], **to: Any) -> bool:
        """One conditional UPDATE, which says whether it moved."""
        moved = Mailout.objects.filter(pk=self.pk, state__in=states).update(**to)
        self.refresh_from_db()
        return bool(moved)

    def _insert(self, audience: QuerySet[Any]) -> int:
        rows = audience.order_by().values_list("address", "mailbox", "pk")
        sql, params = rows.query.sql_with_params()
        table = connection.ops.quote_name(Delivery._meta.db_table)
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":  # a million rows take longer than a page may; nobody waits for them
                cursor.execute("SET LOCAL statement_timeout = 0")
            cursor.execute(
                f"INSERT INTO {table} (address, mailbox, about, mailout_id, serial, state, due_at, attempts, code)"  # noqa: S608
                f" SELECT audience.*, %s, 0, %s, %s, 0, '' FROM ({sql}) audience WHERE true ON CONFLICT DO NOTHING",
                [self.pk, Delivery.State.PENDING, connection.ops.adapt_datetimefield_value(timezone.now()), *params],
            )
            return cursor.rowcount
