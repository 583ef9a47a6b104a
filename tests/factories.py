"""Rows for tests: only the fields that matter are said."""

import datetime
from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import User
from django.db.models import F
from django.utils import timezone
from django.utils.text import slugify

from blog.models import Author, Blog, Category, Post, PrivacyNotice
from mail.addresses import mailbox
from mail.models import Delivery, Lane, Mailout
from moderation.models import Comment, Moderator, Reason
from moderation.text import as_html
from sharing.models import Subscription


def make_blog(**fields: Any) -> Blog:
    """A blog at the host that Django's test client asks for."""
    blog = Blog(**{"name": "A blog", "address": "http://testserver", "from_email": "blog@example.org", **fields})
    blog.save()
    return blog


def make_author(blog: Blog, name: str = "Priya Nair", **fields: Any) -> Author:
    """Somebody who writes posts."""
    return Author.objects.create(blog=blog, **{"name": name, "slug": slugify(name), **fields})


def make_category(blog: Blog, name: str = "Capability", **fields: Any) -> Category:
    """A subject."""
    return Category.objects.create(blog=blog, **{"name": name, "slug": slugify(name), **fields})


def make_post(blog: Blog, authors: Iterable[Author] = (), categories: Iterable[Category] = (), **fields: Any) -> Post:
    """A public post."""
    post = Post.objects.create(
        blog=blog, **{"title": "A post", "body": "Some words.", "state": Post.State.PUBLISHED, **fields}
    )
    post.authors.set(authors)
    post.categories.set(categories)
    return post


def make_notice(blog: Blog, body: str = "We keep your address for 30 days.") -> PrivacyNotice:
    """The next version of a blog's privacy notice."""
    notice = PrivacyNotice(blog=blog, body=body)
    notice.save()
    return notice


def make_comment(post: Post, state: str = Comment.State.PENDING, **fields: Any) -> Comment:
    """What Ann wrote about a post; unconfirmed ones have no confirmation, undecided ones no decision."""
    undecided = [Comment.State.UNCONFIRMED, Comment.State.PENDING]
    parent = fields.get("parent")
    written = {
        "root": parent and (parent.root or parent),
        "name": "Ann",
        "address": "ann@example.org",
        "text": "Well said.",
        "notice": post.blog.notices.first(),
        "confirmed_at": None if state == Comment.State.UNCONFIRMED else timezone.now(),
        "decided_at": None if state in undecided else timezone.now(),
        **fields,
    }
    stored = {"mailbox": mailbox(written["address"]), "html": as_html(written["text"])}
    return Comment.objects.create(post=post, state=state, **stored, **written)


def make_moderator(blog: Blog, username: str = "mo") -> User:
    """Somebody who decides the comments of one blog."""
    user = User.objects.create_user(username, password="correct horse battery")
    Moderator.objects.create(user=user, blog=blog)
    return user


def make_reason(blog: Blog, **fields: Any) -> Reason:
    """A rule of a blog."""
    return Reason.objects.create(
        blog=blog, **{"title": "Stay on topic", "explanation": "It was not about the post.", **fields}
    )


def make_subscription(blog: Blog, address: str = "sue@example.org", **fields: Any) -> Subscription:
    """A confirmed subscription."""
    state = {"state": Subscription.State.CONFIRMED, "notice": PrivacyNotice.objects.current(blog)}
    return Subscription.objects.create(blog=blog, address=address, **{"mailbox": mailbox(address), **state, **fields})


def make_mailout(lane: Lane = Lane.NOW, **fields: Any) -> Mailout:
    """A mail that is ready to be sent, to nobody yet."""
    words = {"kind": "test", "sender": "A blog <blog@example.org>", "subject": "Hello", "text": "Some words."}
    return Mailout.objects.create(lane=lane, **{"state": Mailout.State.READY, **words, **fields})


def make_delivery(mailout: Mailout | None = None, address: str = "ann@example.org", **fields: Any) -> Delivery:
    """One more mail that is owed, counted in its mailout."""
    mailout = mailout or make_mailout()
    Mailout.objects.filter(pk=mailout.pk).update(candidates=F("candidates") + 1, prepared=F("prepared") + 1)
    known = {"mailbox": mailbox(address), "about": 1, "due_at": timezone.now()}
    return Delivery.objects.create(mailout=mailout, address=address, **{**known, **fields})


def make_comments(post: Post, number: int, **fields: Any) -> list[Comment]:
    """So many public comments, a second apart, in few queries; `parent` makes them replies to it."""
    parent, notice, now = fields.get("parent"), post.blog.notices.first(), timezone.now()
    known = {"notice": notice, "root": parent and (parent.root or parent), "state": Comment.State.APPROVED}
    rows = []
    for place in range(number):
        at, text = now + datetime.timedelta(seconds=place), f"The words with the number {place}."
        written = {"name": f"Ann {place}", "text": text, "html": as_html(text), "submitted_at": at, "decided_at": at}
        rows.append(Comment(post=post, **{**known, **written, **fields}))
    return Comment.objects.bulk_create(rows, batch_size=500)
