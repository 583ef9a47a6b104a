"""Mail to one address: whether it is still to be sent, and what became of it."""

from typing import Self

from django.db import models
from django.db.models import Case, F, Q, QuerySet, Value, When
from django.utils import timezone
from django.utils.encoding import punycode
from django.utils.translation import gettext_lazy as _

from mail.states import ACTIVE, Lane
from postbag import tokens

TRIES = 10  # of a Delivery; with the gaps of mail.breakers.retry_gap: for more than four hours
CALLED_OFF = 2 * TRIES  # the attempts of one that was cancelled while a sender held it


class DeliveryQuerySet(QuerySet["Delivery"]):
    def owed(self) -> Self:
        """Due now, of a mailout that is being sent."""
        return self.owed_now().filter(mailout__state__in=ACTIVE)

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
        """Take out what is to be sent: it became unwanted since it was owed."""
        return self.filter(state=Delivery.State.PENDING).update(state=Delivery.State.SUPPRESSED)

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
    mailout = models.ForeignKey("mail.Mailout", models.CASCADE, related_name="deliveries", db_index=False)
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
