"""What the clock forgets of people, by kind: the same rows and the same acts as its tasks, counted or done by hand."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from mail.models import Mailout, SoftBounce
from moderation.models import Comment, Note
from moderation.reports import Report
from sharing.models import Subscription


@dataclass(frozen=True)
class Kind:
    """Rows that are due, and the act that forgets them."""

    name: str
    due: Callable[[], QuerySet[Any]]
    forget: Callable[[], Any]


KINDS = [
    Kind("comments that nobody confirmed", Comment.objects.stale, Comment.objects.forget_stale),
    Kind("comments that nobody decided", Comment.objects.long_undecided, Comment.objects.forget_undecided),
    Kind("addresses of refused comments", Comment.objects.refused_long_ago, Comment.objects.forget_refused),
    Kind("addresses of published comments", Comment.objects.approved_long_ago, Comment.objects.forget_approved),
    Kind("words of withdrawn comments", Comment.objects.withdrawn_long_ago, Comment.objects.forget_withdrawn),
    Kind("reports that were decided", Report.objects.decided_long_ago, Report.objects.forget),
    Kind("notes about writers", Note.objects.about_writers_long_ago, Note.objects.forget),
    Kind("sign-ups that nobody confirmed", Subscription.objects.stale, Subscription.objects.forget_stale),
    Kind("addresses of ended alerts", Subscription.objects.ended_long_ago, Subscription.objects.forget_addresses),
    Kind("recipients of mail", Mailout.objects.recipients_long_ago, Mailout.objects.forget),
    Kind("days on which mail came back", SoftBounce.objects.old, SoftBounce.objects.forget),
]
