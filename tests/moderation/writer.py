"""What the writer of a comment does behind the link of its status page."""

import datetime
from typing import Any

from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client

from blog.models import Post
from moderation.models import Comment, Decision
from postbag import tokens
from tests.factories import make_comment, make_reason
from tests.moderation.reader import Fields

LONG_AGO = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)


def status_url(comment: Comment, act: str = "") -> str:
    """Its writer's own link, or that of one act."""
    return f"/comments/status/{tokens.make('comment-status', comment.pk)}/{act and f'{act}/'}"


def send(client: Client, comment: Comment, act: str, /, **typed: Any) -> HttpResponse:
    """Open the page of an act and send its form, with what is typed in it."""
    page = client.get(status_url(comment, act))
    return client.post(status_url(comment, act), {**Fields(page.text).values, **typed})


def edit(client: Client, comment: Comment, text: str) -> HttpResponse:
    """Change the comment."""
    return send(client, comment, "edit", comment=text)


def make_refused(post: Post, by: User, **fields: Any) -> Comment:
    """A comment that `by` refused for being off topic."""
    comment = make_comment(post, **fields)
    reason = post.blog.reasons.first() or make_reason(post.blog)
    comment.decide(Decision.Outcome.REJECTED, by=by, version=comment.version, reason=reason)
    return comment


def newest_report(comment: Comment) -> int | str:
    """What the desk's forms say of the reports that they stand beside."""
    return comment.reports.values_list("pk", flat=True).last() or ""


def now(comment: Comment) -> Comment:
    """The comment as it is in the database."""
    return Comment.objects.get(pk=comment.pk)
