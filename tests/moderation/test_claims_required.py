"""Where a blog requires a claim, only who has it decides: comments, edits, appeals, whatever comes to a decision."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from blog.models import Blog, Post
from moderation.models import Comment, Moderator
from moderation.reports import Report
from tests.factories import make_comment, make_moderator, make_reason
from tests.moderation.writer import edit, make_refused, newest_report, now, send

pytestmark = pytest.mark.django_db
CLAIMED = "Claim this comment before you decide it."


@pytest.fixture(autouse=True)
def _required(blog: Blog, post: Post) -> None:
    blog.claims = Blog.Claims.REQUIRED
    blog.save()


@pytest.fixture
def mia(blog: Blog) -> Client:
    """Another moderator's browser."""
    return signed_in(make_moderator(blog, "mia"))


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def waiting(client: Client, post: Post, mo: User) -> Comment:
    return make_comment(post)


def unseen(client: Client, post: Post, mo: User) -> Comment:
    return make_comment(post, "approved", at_once=True, unseen=True)


def edited(client: Client, post: Post, mo: User) -> Comment:
    comment = make_comment(post, "approved")
    edit(client, comment, "Quite other words.")
    return comment


def appealed(client: Client, post: Post, mo: User) -> Comment:
    comment = make_refused(post, make_moderator(post.blog, "priya"))
    send(client, comment, "appeal", words="It is on topic.")
    return comment


def reported(client: Client, post: Post, mo: User) -> Comment:
    comment = make_comment(post, "approved")
    Report.objects.make(comment, "192.0.2.0/24", "abuse")
    return comment


KINDS = [
    (waiting, "desk-decision", "approved"),
    (waiting, "desk-decision", "spam"),
    (waiting, "desk-decision", "escalated"),
    (unseen, "desk-decision", "approved"),
    (unseen, "desk-decision", "spam"),
    (reported, "desk-decision", "cleared"),
    (reported, "desk-decision", "spam"),
    (edited, "desk-edit", "edited"),
    (edited, "desk-decision", "spam"),
    (appealed, "desk-appeal", "approved"),
    (appealed, "desk-appeal", "upheld"),
]


def claim(desk: Client, comment: Comment, act: str = "claim") -> HttpResponse:
    return desk.post(reverse("desk-claim", args=[comment.pk]), {"act": act})


def decide(desk: Client, comment: Comment, where: str, outcome: str) -> HttpResponse:
    seen = {"version": now(comment).version, "newest_report": newest_report(comment)}
    return desk.post(reverse(where, args=[comment.pk]), {"outcome": outcome, "note": "Why not.", **seen})


@pytest.mark.parametrize(("made", "where", "outcome"), KINDS)
def test_only_who_has_it_decides(
    client: Client,
    desk: Client,
    mia: Client,
    mo: User,
    post: Post,
    made: Callable[..., Comment],
    where: str,
    outcome: str,
) -> None:
    comment = made(client, post, mo)
    without = decide(desk, comment, where, outcome)
    assert without.status_code == 409 and CLAIMED in without.text
    assert ">Claim<" in desk.get(reverse("desk-comment", args=[comment.pk])).text
    assert claim(mia, comment).status_code == 302
    others = decide(desk, comment, where, outcome)
    assert others.status_code == 409 and "mia has had this comment since" in others.text
    version = now(comment).version
    assert decide(mia, comment, where, outcome).status_code == 302
    assert now(comment).version == version + 1 and now(comment).claimed_by is None


def test_what_was_decided_is_undone_without_one(client: Client, desk: Client, mo: User, post: Post) -> None:
    for made, where, outcome, undo in [(waiting, "desk-decision", "approved", "undone"),
                                       (edited, "desk-edit", "edited", "reopened"),
                                       (appealed, "desk-appeal", "upheld", "reopened")]:  # fmt: skip
        comment = made(client, post, mo)
        claim(desk, comment)
        assert decide(desk, comment, where, outcome).status_code == 302
        assert decide(desk, comment, where, undo).status_code == 302


def test_in_bulk_what_is_not_claimed_is_skipped(client: Client, desk: Client, mo: User, post: Post) -> None:
    mine, free, seen = waiting(client, post, mo), waiting(client, post, mo), unseen(client, post, mo)
    claim(desk, mine)
    picked = [f"{one.pk}:{one.version}" for one in [mine, free, seen]]
    desk.post("/desk/", {"pick": picked, "outcome": "spam"})
    assert [now(one).state for one in [mine, free, seen]] == ["spam", "pending", "approved"]


def test_words_are_removed_by_who_has_it(client: Client, desk: Client, mo: User, post: Post) -> None:
    comment = waiting(client, post, mo)
    url = reverse("desk-redaction", args=[comment.pk])
    refused = desk.post(url, {"words": "Well", "version": comment.version})
    assert refused.status_code == 409 and CLAIMED in refused.text and now(comment).text == "Well said."
    claim(desk, comment)
    assert desk.post(url, {"words": "Well", "version": comment.version}).status_code == 302


def test_a_second_person_claims_it_too(client: Client, desk: Client, mia: Client, mo: User, post: Post) -> None:
    comment, reason = waiting(client, post, mo), make_reason(post.blog, needs_second=True)
    claim(desk, comment)
    url = reverse("desk-decision", args=[comment.pk])
    desk.post(url, {"outcome": "rejected", "version": comment.version, "reason": reason.pk})
    confirm = {"act": "confirm", "version": now(comment).version}
    assert mia.post(reverse("desk-proposal", args=[comment.pk]), confirm).status_code == 409
    assert claim(mia, comment).status_code == 302, "the proposal has freed it"
    assert mia.post(reverse("desk-proposal", args=[comment.pk]), confirm).status_code == 302
    assert now(comment).state == "rejected"


def test_an_official_reply_approves_what_one_has(client: Client, desk: Client, mo: User, post: Post) -> None:
    comment = waiting(client, post, mo)
    Moderator.objects.filter(user=mo).update(name="Mo Day")
    url, said = reverse("desk-official-reply", args=[comment.pk]), {"reply": "Thanks.", "version": comment.version}
    refused = desk.post(url, said)
    assert refused.status_code == 409 and "Claim this comment before you answer it" in refused.text
    assert "Thanks." in refused.text and now(comment).state == "pending"
    claim(desk, comment)
    assert desk.post(url, said).status_code == 302 and now(comment).state == "approved"


def test_nor_does_one_approve_what_is_with_the_leads(client: Client, desk: Client, mo: User, post: Post) -> None:
    comment = make_comment(post, escalated_at=timezone.now())
    Moderator.objects.filter(user=mo).update(name="Mo Day")
    claim(desk, comment)
    url = reverse("desk-official-reply", args=[comment.pk])
    refused = desk.post(url, {"reply": "Thanks.", "version": comment.version})
    assert refused.status_code == 403 and "with the leads" in refused.text and now(comment).state == "pending"


def test_without_claims_nothing_is_claimed(desk: Client, post: Post) -> None:
    Blog.objects.update(claims=Blog.Claims.OFF)
    comment = make_comment(post)
    refused = claim(desk, comment)
    assert refused.status_code == 409 and "Comments on this blog are not claimed." in refused.text
    assert now(comment).claimed_by is None
