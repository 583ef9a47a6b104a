"""How a comment comes in: once, whatever is pressed twice, and never without the mail that it owes."""

import datetime
import hmac
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from blog.models import Blog
from mail import budgets
from mail.addresses import mailbox
from mail.models import Suppression
from moderation import mail
from moderation.forgetting import ForgettableQuerySet
from moderation.states import REFUSED, State
from moderation.text import as_html
from postbag import statements

if TYPE_CHECKING:
    from moderation.models import Comment


class SubmittingQuerySet(ForgettableQuerySet):
    """The way in."""

    def submit(self, *, network: str, proved: bool = False, **written: Any) -> "Comment":
        """Store a comment as unconfirmed and owe the mail that proves its address, both or neither.

        `written` has post, parent, name, address, text, notice, and what else the form asks. The same words by the same
        person on the same post are one comment and one mail, however often and at whatever moment they arrive. An
        address that is `proved` needs no mail: the comment goes to the desk at once, unless too many did just now.
        Whoever calls it has asked mail.budgets.admit.
        """
        comment = self._judged(written)
        if not proved and mail.store_and_owe(comment):
            return comment
        with transaction.atomic():
            stored = self._find_or_insert(comment)
            if proved and (known := stored.confirm_at_once(network)):
                return known
            if stored is not comment:
                stored.send_again()
            elif budgets.spend(comment.mailbox):
                mail.owe_standing(comment)
        return stored

    def _judged(self, written: dict[str, Any]) -> "Comment":
        """A comment of these words, with what the rules say of it; not yet saved."""
        if parent := written.pop("parent"):
            written |= {"parent": parent, "root": parent.root or parent, "parent_edition": parent.edition}
        comment = self.model(
            **written,
            mailbox=mailbox(written["address"]),
            html=as_html(written["text"]),
            digest=_digest(written),
            official="",
        )
        for name, value in comment.judged().items():
            setattr(comment, name, value)
        return comment

    def _find_or_insert(self, comment: "Comment", once_more: bool = True) -> "Comment":
        """The stored comment of these words: this one, if it is new. One INSERT decides who was first."""
        if statements.insert(comment, conflict="(digest) DO NOTHING"):
            return comment
        same = self.filter(digest=comment.digest)
        same.stale().delete()
        if stored := same.first():
            return stored
        if once_more:  # it went at this moment: confirmed, or too old
            return self._find_or_insert(comment, once_more=False)
        raise IntegrityError("this comment comes and goes")

    def uphold_proof(self, blog: Blog, address: str, since: datetime.datetime) -> bool:
        """Whether a proof of this address, given at `since`, still spares a mail.

        It does as long as a comment of the mailbox stands on this blog, none of them was refused since, and the mailbox
        wants mail: to be refused, to be erased and to ask for no more mail end it.
        """
        box = mailbox(address)
        mine = self.filter(post__blog=blog, mailbox=box)
        refused = mine.filter(state__in=REFUSED, decided_at__gte=since)
        stands = mine.filter(state__in=[State.PENDING, State.APPROVED])
        return stands.exists() and not refused.exists() and not Suppression.objects.filter(mailbox=box).exists()


def confirm_limit() -> datetime.datetime:
    """Comments submitted before this can no longer be confirmed."""
    return timezone.now() - datetime.timedelta(hours=settings.COMMENT_CONFIRM_HOURS)


def _digest(written: dict[str, Any]) -> str:
    """What makes two submissions the same one: a keyed hash, blanked with the address."""
    post, parent = written["post"], written.get("parent")
    words = "\0".join(
        [str(post.pk), str(parent.pk if parent else ""), written["name"], written["address"], written["text"]]
    )
    return hmac.digest(settings.MAILBOX_KEY.encode(), words.encode(), "sha256").hex()[:32]
