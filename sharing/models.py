"""Who wants to hear of new posts, and what they were told."""

import datetime
import logging
from typing import Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from blog.models import Blog, Post, PrivacyNotice
from mail import budgets
from mail.addresses import mailbox
from mail.models import Delivery, Mailout, Suppression
from sharing import mail

log = logging.getLogger(__name__)


class SubscriptionQuerySet(QuerySet["Subscription"]):
    def live(self) -> Self:
        """Those that have not ended."""
        return self.exclude(state=Subscription.State.ENDED)

    def confirmed(self) -> Self:
        """Those that get mail."""
        return self.filter(state=Subscription.State.CONFIRMED)

    def stale(self) -> Self:
        """Never confirmed, and no longer to be."""
        return self.filter(state=Subscription.State.UNCONFIRMED, asked_at__lt=confirm_limit())

    def sign_up(self, *, blog: Blog, address: str, notice: PrivacyNotice, network: str) -> "Subscription":
        """Ask the owner of `address` to confirm a subscription, or say that there is one already: by mail only.

        The mail is owed in the same transaction. Raises mail.budgets.BudgetExceeded, and then nothing is stored.
        """
        budgets.admit(network)
        with transaction.atomic():
            self.stale().filter(blog=blog, address=address).delete()
            # The condition of the unique constraint has no place in get_or_create; live() is that condition.
            subscription, created = self.live().get_or_create(
                blog=blog, address=address, defaults={"mailbox": mailbox(address), "notice": notice}
            )
            if not created:
                subscription.ask_again(notice)
            if (created or subscription.claim_another_mail()) and budgets.spend(subscription.mailbox):
                mail.owe_standing(subscription)
        return subscription

    def end_suppressed(self) -> int:
        """End those whose mailbox gets no more mail, each for the reason that stands there. Returns how many.

        An unconfirmed one is left to its clock, which erases it, address and all, sooner than if it had ended.
        """
        return sum(self._end_suppressed(why, reason) for why, reason in Subscription.ENDED_BY.items())

    def ended_long_ago(self) -> Self:
        """Those that ended so long ago that their address is needed no longer."""
        limit = timezone.now() - datetime.timedelta(days=settings.ENDED_ADDRESS_DAYS)
        return self.filter(state=Subscription.State.ENDED, ended_at__lt=limit).exclude(address="")

    def forget_stale(self) -> int:
        """Delete sign-ups that nobody confirmed in time."""
        return self.stale().delete()[0]

    def forget_addresses(self) -> int:
        """Blank the addresses of subscriptions that ended long enough ago."""
        return self.ended_long_ago().update(address="", mailbox="")

    def erase(self) -> int:
        """End these, and take the address out of them."""
        self.live().update(
            state=Subscription.State.ENDED, ended_at=timezone.now(), ended_reason=Subscription.EndedReason.ERASED
        )
        return self.update(address="", mailbox="")

    def _end_suppressed(self, why: str, reason: str) -> int:
        silent = Suppression.objects.filter(reason=why).values("mailbox")
        state = {"state": Subscription.State.ENDED, "ended_at": timezone.now(), "ended_reason": reason}
        return self.confirmed().filter(mailbox__in=silent).update(**state)


class Subscription(models.Model):
    """An address that asked for alerts of one blog, and what its owner saw and did."""

    class State(models.TextChoices):
        UNCONFIRMED = "unconfirmed", _("Awaiting confirmation")
        CONFIRMED = "confirmed", _("Confirmed")
        ENDED = "ended", _("Ended")

    class EndedReason(models.TextChoices):
        UNSUBSCRIBED = "unsubscribed", _("Unsubscribed")
        BOUNCED = "bounced", _("Mail came back")
        COMPLAINED = "complained", _("Reported as spam")
        ERASED = "erased", _("Erased")

    ENDED_BY = {
        Suppression.Reason.ASKED: EndedReason.UNSUBSCRIBED,
        Suppression.Reason.BOUNCED: EndedReason.BOUNCED,
        Suppression.Reason.COMPLAINED: EndedReason.COMPLAINED,
    }

    blog = models.ForeignKey(Blog, models.CASCADE, related_name="subscriptions")
    address = models.CharField(max_length=254, blank=True)
    mailbox = models.CharField(max_length=16, blank=True)
    state = models.CharField(max_length=11, choices=State, default=State.UNCONFIRMED)
    notice = models.ForeignKey(PrivacyNotice, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    mailed_at = models.DateTimeField(default=timezone.now)
    confirmed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_reason = models.CharField(max_length=12, choices=EndedReason, blank=True)

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["blog", "address"], name="subscription_once", condition=~Q(state="ended"))
        ]
        indexes = [models.Index(fields=["mailbox"], name="subscription_mailbox")]

    def __str__(self) -> str:
        return f"subscription {self.pk}"

    def is_stale(self) -> bool:
        """Whether it was never confirmed, and no longer can be."""
        return self.state == self.State.UNCONFIRMED and self.asked_at < confirm_limit()

    def confirm(self) -> bool:
        """The owner of the address wants it. False when it was confirmed or ended before, or is too old."""
        waiting = Subscription.objects.filter(pk=self.pk, state=self.State.UNCONFIRMED, asked_at__gte=confirm_limit())
        moved = waiting.update(state=self.State.CONFIRMED, confirmed_at=timezone.now())
        self.refresh_from_db()
        return bool(moved)

    def end(self, reason: "Subscription.EndedReason") -> bool:
        """End it, and take out the alerts that have not left. False when it had ended before.

        A link in an old mail ends what its address signed up for later, too: whoever presses it wants no more.
        """
        with transaction.atomic():
            Delivery.objects.filter(about__in=self._mine().values("pk"), mailout__kind=mail.ALERT).cancel()
            moved = self._mine().update(state=self.State.ENDED, ended_at=timezone.now(), ended_reason=reason)
        self.refresh_from_db()
        return bool(moved)

    def ask_again(self, notice: PrivacyNotice) -> None:
        """Asked for once more before it was confirmed: the link works as long as the new mail says."""
        waiting = Subscription.objects.filter(pk=self.pk, state=self.State.UNCONFIRMED)
        waiting.update(asked_at=timezone.now(), notice=notice)

    def is_live(self) -> bool:
        """Whether this address gets alerts of this blog, or is asked whether it wants them."""
        return self._mine().exists()

    def _mine(self) -> QuerySet["Subscription"]:
        """What is live of this address on this blog: this one, or the one that came after it."""
        same = Q(pk=self.pk)
        if self.address:  # not forgotten yet
            same |= Q(blog=self.blog_id, address=self.address)
        return Subscription.objects.live().filter(same)

    def claim_another_mail(self) -> bool:
        """Whether asking again calls for a mail again: once in two minutes, not for a double click."""
        earlier = timezone.now() - datetime.timedelta(minutes=2)
        again = Subscription.objects.filter(pk=self.pk, mailed_at__lt=earlier)
        return bool(again.update(mailed_at=timezone.now()))


class AlertQuerySet(QuerySet["Alert"]):
    def raise_due(self) -> int:
        """Raise an alert for every post that is public, wants one and has none. Returns how many."""
        due = Post.objects.public().filter(send_alert=True, alert=None).select_related("blog")
        return sum(self._raise_safely(post) for post in due)

    def raise_for(self, post: Post) -> bool:
        """Freeze the audience and owe the mail, once a post, whoever else does it now. False if it was done."""
        with transaction.atomic():
            alert, created = self.get_or_create(post=post)
            if created:
                alert.mailout = mail.owe_alert(post, Subscription.objects.confirmed().filter(blog=post.blog))
                alert.save(update_fields=["mailout"])
        return created

    def _raise_safely(self, post: Post) -> bool:
        """A post whose alert cannot be written holds up no other's."""
        try:
            return self.raise_for(post)
        except Exception:
            log.exception("the alert for post %s cannot be raised", post.pk)
            return False

    def call_off(self) -> int:
        """Cancel what has not left of alerts whose post is no longer public. Returns how many.

        A clock that was set back makes no post one that is still to come.
        """
        come = Q(post__published_at__lte=timezone.now()) | Q(post__published_at__lte=F("raised_at"))
        public = self.filter(come, post__state=Post.State.PUBLISHED)
        unwanted = self.filter(mailout__state__in=Mailout.UNDER_WAY).exclude(pk__in=public.values("pk"))
        return sum(alert.mailout.cancel() for alert in unwanted.select_related("mailout") if alert.mailout)


class Alert(models.Model):
    """That the subscribers of a blog were told of a post: once."""

    post = models.OneToOneField(Post, models.CASCADE)
    mailout = models.ForeignKey(Mailout, models.SET_NULL, null=True, related_name="+")
    raised_at = models.DateTimeField(default=timezone.now)

    objects = AlertQuerySet.as_manager()

    def __str__(self) -> str:
        return f"alert for {self.post}"


def confirm_limit() -> datetime.datetime:
    """Sign-ups asked for before this can no longer be confirmed."""
    return timezone.now() - datetime.timedelta(days=settings.SUBSCRIPTION_CONFIRM_DAYS)
