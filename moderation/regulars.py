"""Regulars: writers whose comments a blog publishes when they are confirmed, and reads afterwards.

Nothing else is published without a person's decision, so everything has to speak for it:
the blog wants it, no rule found anything, it does not look like spam, and its mailbox is proved. Whatever fails holds.
"""

import datetime
import logging
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Count, F, Max, Q
from django.utils import timezone

from blog.models import Blog, Post
from moderation import mail, rules, spam
from moderation.audit import Event
from moderation.decisions import Proposal
from moderation.replies import ReplyNotice
from moderation.reports import Report
from moderation.states import REFUSED, State

if TYPE_CHECKING:
    from moderation.models import Comment

log = logging.getLogger(__name__)


def place(comment: "Comment", known: dict[str, Any]) -> dict[str, Any]:
    """Where `comment` stands once it is confirmed, `known` being what the rules found: fields, not yet saved.

    Call it in the transaction that confirms it, before its row is changed: it locks the writer's other rows.
    """
    if not _is_clean(known) or not _may_publish_safely(comment):
        return {"state": State.PENDING}
    return {"state": State.APPROVED, "decided_at": timezone.now(), "at_once": True, "unseen": True}


def publish(comment: "Comment") -> None:
    """What follows when it was published at once: the page, the record, its writer's mail and notices of a reply."""
    blog = comment.post.blog
    blog.raise_page_version()
    Event.objects.note_down(Event.Kind.PUBLISHED, blog, None, comment, mode=str(blog.mode))
    mail.owe_published(comment)
    ReplyNotice.objects.follow(comment)


def is_regular(blog: Blog, mailbox: str, comments: Any) -> bool:
    """Whether moderators have published enough of this mailbox on this blog, lately, and refused little.

    Neither what nobody has looked at yet counts, nor what was decided too long ago. After a refusal, a proposed one, a
    report that nobody has decided, or an escalation, moderators read first.
    """
    theirs = comments.filter(post__blog=blog, mailbox=mailbox, confirmed_at__isnull=False)
    lately = Q(decided_at__gte=timezone.now() - datetime.timedelta(days=blog.regular_days))
    approved, refused = lately & Q(state=State.APPROVED, unseen=False), lately & Q(state__in=REFUSED)
    found = theirs.aggregate(
        approved=Count("pk", filter=approved),
        refused=Count("pk", filter=refused),
        newest=Max("decided_at", filter=approved),
        refused_at=Max("decided_at", filter=refused),
        escalated=Count("pk", filter=Q(escalated_at__isnull=False)),
    )
    if found["approved"] < blog.regular_after or found["escalated"]:
        return False
    if found["refused_at"] and found["refused_at"] >= found["newest"]:
        return False
    decided = found["approved"] + found["refused"]
    few_refused = 100 * found["refused"] <= blog.regular_refusals * decided
    return few_refused and not _is_doubted(theirs)


def _is_doubted(theirs: Any) -> bool:
    """Whether somebody has reported one of these, or proposed to refuse it, and nobody has decided about that."""
    proposed = Proposal.objects.filter(comment__in=theirs, version=F("comment__version"))
    return Report.objects.open().filter(comment__in=theirs).exists() or proposed.exists()


def _is_clean(known: dict[str, Any]) -> bool:
    """No rule holds it; and it does not look like spam, even where that guess has not proved itself yet."""
    likely = (known.get("spam_percent") or 0) >= spam.LIKELY
    return bool(known) and not rules.holds(known["held"]) and not likely


def _may_publish_safely(comment: "Comment") -> bool:
    """The same as below: what fails holds the comment."""
    if comment.post.blog.mode != Blog.Mode.AFTER:
        return False
    try:
        with transaction.atomic():
            return _may_publish(comment)
    except Exception as error:
        log.error("whether a writer is a regular cannot be told: %s", type(error).__name__)
        return False


def _may_publish(comment: "Comment") -> bool:
    """Whether blog, post and writer are such that it is published at once.

    The writer's other comments are locked first, and asked about in a second query. So a decision that is being taken
    about one of them is waited for, and counts: a condition within one query would not be looked at again after the
    wait, because it is about other rows.
    """
    comments = type(comment).objects
    theirs = comments.filter(mailbox=comment.mailbox, post__blog=comment.post.blog_id, confirmed_at__isnull=False)
    list(theirs.select_for_update(of=("self",), no_key=True).order_by("pk").values_list("pk"))
    post = Post.objects.select_related("blog").get(pk=comment.post_id)
    wanted = post.blog.mode == Blog.Mode.AFTER and not post.read_first and post.closure() is None
    return wanted and is_regular(post.blog, comment.mailbox, comments)
