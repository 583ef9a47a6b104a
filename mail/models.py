"""The ledger: what mail is owed, to whom, and what became of it. The database is the queue."""

import datetime
from collections.abc import Iterable
from email.header import decode_header, make_header
from typing import Any, Self

from django.conf import settings
from django.db import connection, models, transaction
from django.db.models import Case, Count, F, Q, QuerySet, Value, When
from django.db.models.functions import Cast, Concat
from django.utils import timezone
from django.utils.encoding import punycode
from django.utils.translation import gettext_lazy as _

from mail.budgets import Spent as Spent
from mail.domains import Domain as Domain
from postbag import tokens

TRIES = 10  # of a Delivery; with the gaps of mail.breakers.retry_gap: for more than four hours
CALLED_OFF = 2 * TRIES  # the attempts of one that was cancelled while a sender held it


class Lane(models.IntegerChoices):
    """Which mail overtakes which: the lower number goes first."""

    NOW = 0, _("Confirmations and decisions")
    ALERT = 1, _("Alerts")
    DIGEST = 2, _("Digests")


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


class Mailout(models.Model):
    """One mail, to one or to many: its words once, frozen, and its Deliveries, one an address.

    The bodies hold marks where links have tokens: as wide and of the same letters as a token, drawn by lot. The sender
    puts each recipient's own token in the place of its mark, so that no token is ever stored.
    """

    class State(models.TextChoices):
        PREPARING = "preparing", _("Preparing")
        READY = "ready", _("Ready")
        SENDING = "sending", _("Sending")
        PAUSED = "paused", _("Paused")
        DONE = "done", _("Done")
        CANCELLED = "cancelled", _("Cancelled")

    ACTIVE = [State.READY, State.SENDING]
    UNDER_WAY = [*ACTIVE, State.PAUSED]

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


class DeliveryQuerySet(QuerySet["Delivery"]):
    def owed(self) -> Self:
        """Due now, of a mailout that is being sent."""
        return self.owed_now().filter(mailout__state__in=Mailout.ACTIVE)

    def owed_now(self) -> Self:
        """Due now, if its mailout is being sent."""
        return self.filter(state=Delivery.State.PENDING, due_at__lte=timezone.now(), attempts__lte=TRIES)

    def lane(self, *lanes: Lane) -> Self:
        return self.filter(mailout__lane__in=lanes)

    def overdue(self) -> Self:
        """Handed to a sender that has not settled within its lease."""
        return self.filter(state=Delivery.State.HANDED, lease_until__lt=timezone.now())

    def returning(self) -> Self:
        """Deferred, and due for another try."""
        return self.filter(state=Delivery.State.DEFERRED, due_at__lte=timezone.now())

    def sent(self) -> Self:
        """Those that have left, or may have; not those that are known to have come back."""
        tried = Q(state=Delivery.State.PENDING, attempts__gt=0)  # its sender died, or it is to be tried again
        return self.filter(Q(state__in=Delivery.SENT) | tried)

    def suppress(self) -> int:
        """Take out what became unwanted since it was owed."""
        unwanted = self.filter(state=Delivery.State.PENDING, mailbox__in=Suppression.objects.values("mailbox"))
        return unwanted.update(state=Delivery.State.SUPPRESSED)

    def called_off(self) -> Self:
        """Cancelled while a sender held it, and back."""
        return self.filter(state__in=[Delivery.State.PENDING, Delivery.State.DEFERRED], attempts__gt=TRIES)

    def cancel(self) -> int:
        """Take out what is still to be sent, or sent again; what a sender holds at this moment gets no other try.

        The state stands beside the subquery, not in it, where PostgreSQL would not look again at a row that it waited
        for: what a sender settles meanwhile stays as it is.
        """
        held = Q(state=Delivery.State.HANDED)
        return Delivery.objects.filter(pk__in=self.values("pk"), state__in=Delivery.OPEN).update(
            state=Case(When(held, then=F("state")), default=Value(Delivery.State.CANCELLED)),
            attempts=Case(
                When(held, then=Value(CALLED_OFF)),
                default=F("attempts"),
                output_field=models.PositiveSmallIntegerField(),
            ),
        )

    def erase(self) -> int:
        """Take the address out of these rows, and the words of letters to it; cancel what is owed."""
        self.cancel()
        Mailout.objects.filter(lane=Lane.NOW, deliveries__in=self).update(subject="erased", text="", html="")
        SoftBounce.objects.filter(mailbox__in=self.values("mailbox")).delete()
        nobody = Concat(Value("erased "), Cast("pk", models.CharField()))
        return self.update(address=nobody, mailbox="", code="")  # a server's answer may quote the address


class Delivery(models.Model):
    """One mail owed to one address. Narrow on purpose: there are a hundred thousand of them in a mailout."""

    class State(models.TextChoices):
        PENDING = "pending", _("Pending")
        HANDED = "handed", _("Handed over")
        ACCEPTED = "accepted", _("Accepted")
        DEFERRED = "deferred", _("Deferred")
        REJECTED = "rejected", _("Rejected")
        UNCERTAIN = "uncertain", _("Uncertain")
        SUPPRESSED = "suppressed", _("Suppressed")
        CANCELLED = "cancelled", _("Cancelled")
        BOUNCED = "bounced", _("Bounced")
        COMPLAINED = "complained", _("Complained")

    OPEN = [State.PENDING, State.HANDED, State.DEFERRED]
    SENT = [State.HANDED, State.ACCEPTED, State.DEFERRED, State.UNCERTAIN]
    RETURNED = [State.BOUNCED, State.COMPLAINED]

    watched = False  # in a sender's hands: whether its success is news to mail.breakers
    canary = ""  # and the domain whose breaker hangs on it

    # The unique constraint has an index that begins with the mailout.
    mailout = models.ForeignKey(Mailout, models.CASCADE, related_name="deliveries", db_index=False)
    address = models.CharField(max_length=254)
    mailbox = models.CharField(max_length=16)
    about = models.PositiveBigIntegerField(help_text="The row that its tokens name: a comment, a subscription")
    serial = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    due_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    lease = models.UUIDField(null=True)
    settled_at = models.DateTimeField(null=True)
    code = models.CharField(max_length=200, default="")

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [models.UniqueConstraint(fields=["mailout", "address"], name="delivery_once")]
        indexes = [
            # A sender asks for the first pending rows of a mailout, the sweep for the handed and the deferred. Each
            # index more is two writes more a mail.
            models.Index(
                fields=["state", "mailout", "id"],
                name="delivery_open",
                condition=Q(state__in=["pending", "handed", "deferred"]),
            ),
            models.Index(fields=["mailbox"], name="delivery_mailbox"),
            models.Index(fields=["mailout"], name="delivery_uncertain", condition=Q(state="uncertain")),
            models.Index(
                fields=["mailout"], name="delivery_returned", condition=Q(state__in=["bounced", "complained"])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.mailout_id}/{self.pk}"

    @property
    def message_id(self) -> str:
        """The same on every try, so that a repeated mail is known as the same one."""
        domain = self.mailout.sender.rpartition("@")[2].rstrip("> ")
        return f"<{self.mailout_id}.{self.pk}@{punycode(domain)}>"

    @property
    def veiled(self) -> str:
        """The address as operators see it: enough to know one's own by, and the domain."""
        name, _at, domain = self.address.rpartition("@")
        return f"{name[:2]}…@{domain}"

    @property
    def veiled_code(self) -> str:
        """The server's answer, which may quote the address."""
        return self.code.replace(self.address, self.veiled)

    def token(self, purpose: str) -> str:
        """This recipient's token for `purpose`; the one for "stop" names the mailbox, others the row it is about.

        The one for "mine" names this row, whose age is its own. A purpose that ends in "-code" is six digits for a
        person to type, shorter than the mark in whose place they go.
        """
        if purpose == "stop":
            return tokens.make(purpose, int(self.mailbox, 16))
        if purpose == "mine":
            return tokens.make(purpose, self.pk)
        if purpose.endswith("-code"):
            return tokens.code(purpose, self.about, self.serial)
        return tokens.make(purpose, self.about, self.serial)


class SuppressionQuerySet(QuerySet["Suppression"]):
    def add_mailbox(self, mailbox: str, reason: str) -> None:
        """Never write to this mailbox again; what is owed to it is taken out."""
        self.get_or_create(mailbox=mailbox, defaults={"reason": reason})
        Delivery.objects.filter(mailbox=mailbox).suppress()

    def lift(self, mailbox: str) -> bool:
        """Write to this mailbox again, when it is asked to. False when it was not suppressed."""
        return bool(self.filter(mailbox=mailbox).delete()[0])


class Suppression(models.Model):
    """A mailbox that gets no mail from us, known only by its keyed hash."""

    class Reason(models.TextChoices):
        ASKED = "asked", _("Asked for no more mail")
        BOUNCED = "bounced", _("Mail came back")
        COMPLAINED = "complained", _("Reported as spam")

    mailbox = models.CharField(max_length=16, unique=True)
    reason = models.CharField(max_length=10, choices=Reason)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = SuppressionQuerySet.as_manager()

    def __str__(self) -> str:
        return self.get_reason_display()


class SoftBounceQuerySet(QuerySet["SoftBounce"]):
    def note(self, mailbox: str) -> bool:
        """Count one of today, once a day. Whether too many came lately."""
        self.get_or_create(mailbox=mailbox, day=_today())
        return self.recent().filter(mailbox=mailbox).count() >= settings.SOFT_BOUNCES

    def recent(self) -> Self:
        """Those that still count."""
        return self.filter(day__gt=_today() - datetime.timedelta(days=settings.SOFT_BOUNCE_DAYS))

    def old(self) -> Self:
        """Those that no longer count."""
        return self.filter(day__lte=_today() - datetime.timedelta(days=settings.SOFT_BOUNCE_DAYS))

    def forget(self) -> None:
        """Delete those that no longer count."""
        self.old().delete()


class SoftBounce(models.Model):
    """A day on which mail to a mailbox came back for a reason that may pass."""

    mailbox = models.CharField(max_length=16)
    day = models.DateField(db_index=True)

    objects = SoftBounceQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["mailbox", "day"], name="softbounce_once")]

    def __str__(self) -> str:
        return f"{self.day:%d %B}"


def _today() -> datetime.date:
    return timezone.now().date()
