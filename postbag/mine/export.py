"""What we hold about a person, as files to take away: JSON for programs, CSV for spreadsheets."""

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any

from django.urls import reverse

from mail.models import Delivery
from moderation.models import Comment, Decision
from postbag.mine.person import Person
from postbag.spreadsheets import plain
from sharing.models import Subscription

COLUMNS = [
    "kind",
    "blog",
    "post",
    "url",
    "email",
    "name",
    "text",
    "state",
    "written_at",
    "confirmed_at",
    "decided_at",
    "decision",
    "explanation",
    "privacy_notice",
]


def everything(person: Person) -> dict[str, list[dict[str, Any]]]:
    """Comments, alerts, and the mails that we remember sending."""
    return {
        "comments": [_comment(comment) for comment in person.comments()],
        "alerts": [_subscription(subscription) for subscription in person.subscriptions()],
        "emails": [_mail(delivery) for delivery in person.mails()],
    }


def as_csv(person: Person) -> str:
    """Comments and alerts, a row each, with a byte order mark: spreadsheets take it for UTF-8 then."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows(_row(found) for found in _lines(everything(person)))
    return "\ufeff" + file.getvalue()


def _lines(found: dict[str, list[dict[str, Any]]]) -> Iterator[dict[str, Any]]:
    for kind in ["comment", "alert"]:
        for row in found[f"{kind}s"]:
            decisions = row.get("decisions") or [{}]
            yield {"kind": kind, **row, **decisions[-1]}


def _row(found: dict[str, Any]) -> Iterable[str]:
    return (plain(found.get(column)) for column in COLUMNS)


def _comment(comment: Comment) -> dict[str, Any]:
    blog, appeal = comment.post.blog, getattr(comment, "appeal", None)
    return {
        "blog": blog.name,
        "post": comment.post.title,
        "url": blog.url(comment.get_absolute_url()) if comment.state == comment.State.APPROVED else None,
        "email": comment.address,
        "name": comment.name,
        "text": comment.text,
        "state": state_for_writer(comment),
        "email_about_replies": comment.wants_replies,
        "written_at": comment.submitted_at,
        "confirmed_at": comment.confirmed_at,
        "decided_at": comment.decided_at,
        "decisions": [_decision(decision) for decision in comment.decisions.all()],
        "edits": [_edit(revision) for revision in comment.revisions.all()],
        "appeal": {"words": appeal.words, "made_at": appeal.made_at, "state": appeal.state} if appeal else None,
        "privacy_notice": _notice(comment),
        "privacy_notice_url": blog.url(reverse("privacy")),
    }


def state_for_writer(comment: Comment) -> str:
    """The state as its writer is told of it: spam is not published, and no more is said."""
    return str(comment.State.REJECTED if comment.state == comment.State.SPAM else comment.state)


def _decision(decision: Decision) -> dict[str, Any]:
    """What the writer was told: neither who decided, nor of spam."""
    spam = decision.outcome == Decision.Outcome.SPAM
    told = [decision.explanation, decision.note]
    return {
        "decision": Decision.Outcome.REJECTED.value if spam else decision.outcome,
        "made_at": decision.made_at,
        "explanation": " ".join(filter(None, told)),
    }


def _edit(revision: Any) -> dict[str, Any]:
    return {"text": revision.text, "before": revision.before, "made_at": revision.made_at, "state": revision.state}


def _subscription(subscription: Subscription) -> dict[str, Any]:
    return {
        "blog": subscription.blog.name,
        "url": subscription.blog.address,
        "email": subscription.address,
        "state": subscription.state,
        "written_at": subscription.asked_at,
        "confirmed_at": subscription.confirmed_at,
        "ended_at": subscription.ended_at,
        "ended_reason": subscription.ended_reason,
        "privacy_notice": _notice(subscription),
    }


def _mail(delivery: Delivery) -> dict[str, Any]:
    return {
        "email": delivery.address,
        "subject": delivery.mailout.subject,
        "state": delivery.state,
        "sent_at": delivery.settled_at,
    }


def _notice(row: Comment | Subscription) -> str:
    return f"version {row.notice.version}, in force since {row.notice.published_at:%Y-%m-%d}"
