"""All that we hold about one person, over all blogs: to show it, to hand it over, to erase it."""

import datetime
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.db.models import Prefetch, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from mail.addresses import mailbox, owned_by
from mail.deliveries import DeliveryQuerySet
from mail.erasing import erase
from mail.models import Delivery
from moderation.models import Comment, Decision
from postbag import tokens
from sharing.models import Subscription

KIND = "mine"  # of the mail with the link, and what its token is for


@dataclass(frozen=True)
class Erased:
    """How much was erased."""

    comments: int
    subscriptions: int
    mails: int


class Person:
    """Whoever reads the mail to an address."""

    def __init__(self, rows: Q) -> None:
        """`rows` says which rows, with `address` and `mailbox`, are theirs."""
        self._rows = rows

    @classmethod
    def at(cls, address: str) -> "Person":
        """The owner of this clean address."""
        return cls(owned_by(address))

    @classmethod
    def with_mailbox_of(cls, address: str) -> "Person":
        """Everybody whose address is a spelling of this clean one."""
        return cls(Q(mailbox=mailbox(address)))

    @classmethod
    def named_by(cls, token: str) -> "Person | None":
        """Who holds the link that we mailed less than MINE_MINUTES ago. None for any other link, and after erasing."""
        found = tokens.read(KIND, token)
        since = timezone.now() - datetime.timedelta(minutes=settings.MINE_MINUTES)
        sent = Delivery.objects.filter(mailout__kind=KIND).exclude(mailbox="")
        fresh = sent.annotate(sent_at=Coalesce("settled_at", "due_at")).filter(sent_at__gte=since)
        delivery = fresh.filter(pk=found[0]).first() if found else None
        return cls.at(delivery.address) if delivery else None

    def comments(self) -> QuerySet[Comment]:
        """The newest first, with all that their pages and files say."""
        decisions = Decision.objects.select_related("reason")
        mine = Comment.objects.filter(self._rows).select_related("post__blog", "notice", "appeal")
        return mine.prefetch_related(Prefetch("decisions", decisions), "revisions").order_by("-submitted_at", "-pk")

    def subscriptions(self) -> QuerySet[Subscription]:
        """The newest first."""
        mine = Subscription.objects.filter(self._rows).select_related("blog", "notice")
        return mine.order_by("-asked_at", "-pk")

    def mails(self) -> DeliveryQuerySet:
        """What we still know of mails to this person, the newest first."""
        return Delivery.objects.filter(self._rows).select_related("mailout").order_by("-pk")

    def is_known(self) -> bool:
        """Whether we hold a comment or a subscription. It asks for both, so that it takes the same time."""
        return any([self.comments().exists(), self.subscriptions().exists()])

    def erase(self) -> Erased:
        """Erase everything; what stays is the keyed hash of a mailbox that wants no mail."""
        with transaction.atomic():
            return Erased(self.comments().erase(), self.subscriptions().erase(), erase(self.mails()))  # type: ignore[attr-defined]
