"""“Report this comment”: readers tell moderators of a comment that is published, without an account.

A reporter is known only by a keyed hash of the network, for as long as it takes to learn how often it was right.
"""

import datetime
import hashlib
import hmac
import ipaddress
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import Max, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mail import budgets
from moderation.states import REFUSED, State

if TYPE_CHECKING:
    from moderation.models import Comment

LIMIT = 500  # characters of a reporter's own words
PER_SITE = 2  # reports of one comment, a day, from an IPv6 /48: who has one has 65,536 networks
REMEMBERED = 100  # reports of one reporter that count for how much it is believed


class ReportQuerySet(QuerySet["Report"]):
    def open(self) -> Self:
        """Those that nobody has decided."""
        return self.filter(was_right=None)

    def make(self, comment: "Comment", network: str, kind: str, words: str = "") -> bool:
        """Report a published comment: once from one network, until it is decided. False when that was done before.

        The same when others of its site, an IPv6 /48, have done it, or when it was refused or withdrawn meanwhile.

        Raises mail.budgets.BudgetExceeded when the network has reported too many.
        """
        if not budgets.take("reports of network", network, budgets.HOUR, settings.REPORTS_PER_NETWORK):
            raise budgets.BudgetExceeded(budgets.Refusal.NETWORK, settings.REPORTS_PER_NETWORK, budgets.HOUR)
        if ":" in network and not budgets.take("reports of comment", _at_site(comment, network), budgets.DAY, PER_SITE):
            return False
        reporter = _reporter(network)
        with transaction.atomic():
            if not self._await_others(comment):
                return False
            defaults = {"kind": kind, "words": words, "weight": self.weight_of(reporter)}
            _report, is_new = self.get_or_create(comment=comment, reporter=reporter, was_right=None, defaults=defaults)
            if is_new:
                comment.hide_if_reported_enough()
        return is_new

    def _await_others(self, comment: "Comment") -> bool:
        """Lock the comment: what is reported, or decided, at the same moment counts. False when it is gone from there.

        Without that, each of two reports at once would be weighed alone, and one after a refusal be open for ever.
        """
        here = type(comment).objects.filter(pk=comment.pk, state__in=[State.APPROVED, State.PENDING])
        return bool(here.select_for_update(no_key=True).values_list("pk"))

    def weight_of(self, reporter: str) -> int:
        """How much a reporter is believed, in per cent: half at first, then as often as it was right of late."""
        decided = self.filter(reporter=reporter).exclude(was_right=None).order_by("-pk")
        rights = list(decided.values_list("was_right", flat=True)[:REMEMBERED])
        return round(100 * (sum(rights) + 1) / (len(rights) + 2))

    def weight(self, comment: "Comment") -> int:
        """What the open reports of this comment weigh together, in per cent of one that is wholly believed."""
        return self.open().filter(comment=comment).aggregate(models.Sum("weight"))["weight__sum"] or 0

    def follow(self, comment: "Comment", before: str, taken_back: bool = False) -> None:
        """After a decision on `comment`, which stood at `before`: what that says of its reports.

        An undo, an answer that is `taken_back`, and what overrules a refusal take back what was said of them.
        """
        if taken_back or comment.state == State.PENDING or before in REFUSED:
            self.reopen(comment, comment.confirmed_at or comment.submitted_at)  # what is said of its present words
        if comment.state != State.PENDING:
            self.settle(comment, was_right=comment.state in REFUSED)

    def settle(self, comment: "Comment", was_right: bool) -> int:
        """The desk has decided: what its reports said was right, or was not."""
        return self.open().filter(comment=comment).update(was_right=was_right, decided_at=timezone.now())

    def reopen(self, comment: "Comment", since: datetime.datetime) -> None:
        """What was decided `since` then of its reports, nobody has decided; of one reporter's, of the last."""
        here = self.filter(comment=comment)
        newest = here.order_by().values("reporter").annotate(newest=Max("pk")).values_list("newest", flat=True)
        here.filter(pk__in=list(newest), decided_at__gte=since).update(was_right=None, decided_at=None)

    def decided_long_ago(self) -> Self:
        """Those that were decided so long ago that they no longer say who is to be believed."""
        return self.filter(decided_at__lt=timezone.now() - datetime.timedelta(days=settings.REPORT_DAYS))

    def forget(self) -> int:
        """Delete those that were decided long ago."""
        return self.decided_long_ago().delete()[0]


class Report(models.Model):
    """What one reader says is wrong with a published comment."""

    class Kind(models.TextChoices):
        ABUSE = "abuse", _("It is abusive or hateful")
        PERSONAL = "personal", _("It has somebody’s personal details in it")
        SPAM = "spam", _("It advertises something")
        FALSE = "false", _("It pretends to be from somebody else")
        OTHER = "other", _("Something else")

    comment = models.ForeignKey("moderation.Comment", models.CASCADE, related_name="reports")
    kind = models.CharField(max_length=8, choices=Kind)
    words = models.TextField(blank=True)
    reporter = models.CharField(max_length=32)
    weight = models.PositiveSmallIntegerField()
    was_right = models.BooleanField(null=True)
    made_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True)

    objects = ReportQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["comment", "reporter"], name="report_once", condition=Q(was_right__isnull=True)
            )
        ]
        indexes = [models.Index(fields=["reporter"], name="report_reporter")]

    def __str__(self) -> str:
        return self.get_kind_display()


def _at_site(comment: "Comment", network: str) -> str:
    return f"{comment.pk} {ipaddress.ip_network(network).supernet(new_prefix=48)}"


def _reporter(network: str) -> str:
    return hmac.new(settings.SECRET_KEY.encode(), f"report:{network}".encode(), hashlib.sha256).hexdigest()[:32]
