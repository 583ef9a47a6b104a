"""/desk/bulk/: many decisions in one go, each on the version that was seen."""

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client

from blog.models import Post
from moderation.models import Comment, Decision, Moderator
from tests.factories import make_blog, make_comment, make_notice, make_post

pytestmark = pytest.mark.django_db


def pick(*comments: Comment) -> list[str]:
    return [f"{comment.pk}:{comment.version}" for comment in comments]


def send(desk: Client, picked: list[str], outcome: str = "approved") -> HttpResponse:
    return desk.post("/desk/bulk/", {"pick": picked, "outcome": outcome})


def states() -> list[str]:
    return list(Comment.objects.order_by("pk").values_list("state", flat=True))


@pytest.mark.parametrize(("outcome", "state"), [("approved", "approved"), ("spam", "spam")])
def test_all_that_are_ticked_are_decided(desk: Client, post: Post, outcome: str, state: str) -> None:
    comments = [make_comment(post) for _ in range(3)]
    page = send(desk, pick(*comments[:2]), outcome)
    assert states() == [state, state, "pending"] and "2 comments" in page.text
    assert Decision.objects.count() == 2


def test_what_changed_is_skipped_and_named(desk: Client, post: Post, mo: User) -> None:
    changed, still = make_comment(post, name="Cem"), make_comment(post, name="Ann")
    picked = pick(changed, still)
    changed.decide(Decision.Outcome.SPAM, by=mo, version=1)
    page = send(desk, picked)
    assert states() == ["spam", "approved"]
    assert "Not decided" in page.text and "the comment by Cem" in page.text and "1 comment<" in page.text


@pytest.mark.parametrize(("picked", "outcome"), [([], "approved"), (["x"], "approved"), (["1"], "approved"),
    (["9" * 40 + ":1"], "approved"), (["1:1"], "rejected"), (["1:1"], ""), (["1:1"], "undone")])  # fmt: skip
def test_nothing_that_can_be_understood_decides_nothing(desk: Client, post: Post, picked, outcome: str) -> None:
    make_comment(post)
    answer = send(desk, picked, outcome)
    assert answer.status_code == 200 and states() == ["pending"]


def test_comments_of_other_blogs_are_not_decided(desk: Client, post: Post) -> None:
    other = make_blog(address="http://other.example")
    make_notice(other)
    page = send(desk, pick(make_comment(make_post(other), name="Secret")))
    assert states() == ["pending"] and "Secret" not in page.text


def test_who_only_looks_decides_nothing(desk: Client, post: Post) -> None:
    Moderator.objects.update(duty="viewer")
    comment = make_comment(post)
    send(desk, pick(comment))
    assert states() == ["pending"] and "by Ann" in desk.get("/desk/").text


def test_a_get_decides_nothing(desk: Client, post: Post) -> None:
    assert desk.get("/desk/bulk/", {"pick": pick(make_comment(post)), "outcome": "spam"}).status_code == 405
