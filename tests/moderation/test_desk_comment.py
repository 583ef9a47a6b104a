"""/desk/comments/<id>/: one comment, its context and its history."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from blog.models import Post
from moderation.models import Decision
from tests.database import whole_database
from tests.factories import make_blog, make_comment, make_notice, make_post, make_reason

pytestmark = pytest.mark.django_db


def test_it_shows_the_words_the_post_and_the_history(desk: Client, mo: User, post: Post) -> None:
    comment, reason = make_comment(post, name="Ann"), make_reason(post.blog)
    comment.decide(Decision.Outcome.REJECTED, by=mo, version=1, reason=reason, note="See <b>us</b>.")
    page = desk.get(reverse("desk-comment", args=[comment.pk])).text
    assert "Comment by <bdi>Ann</bdi>" in page and "Well said." in page and "A new bridge" in page
    assert "Rejected, mo: Stay on topic" in page and "See &lt;b&gt;us&lt;/b&gt;." in page
    assert "ann@example.org" not in page


@pytest.mark.parametrize(
    ("state", "buttons"),
    [
        ("pending", ["approved", "spam", "escalated", "rejected", "rejected", "change"]),
        ("approved", ["undone", "escalated"]),
        ("rejected", ["undone"]),
        ("spam", ["undone"]),
        ("withdrawn", []),
    ],
)
def test_it_offers_what_its_state_allows(desk: Client, post: Post, state: str, buttons: list[str]) -> None:
    page = desk.get(reverse("desk-comment", args=[make_comment(post, state).pk])).text
    assert [value for value in page.split('"') if value in Decision.Outcome.values] == buttons


def test_an_unconfirmed_comment_is_not_there(desk: Client, post: Post) -> None:
    comment = make_comment(post, "unconfirmed")
    assert desk.get(reverse("desk-comment", args=[comment.pk])).status_code == 404


def test_another_blogs_comment_is_not_there_on_any_host(desk: Client, post: Post) -> None:
    other = make_blog(address="http://other.example")
    make_notice(other)
    url = reverse("desk-comment", args=[make_comment(make_post(other)).pk])
    assert desk.get(url).status_code == desk.get(url, headers={"Host": "other.example"}).status_code == 404


def test_only_the_reasons_of_its_own_blog_are_offered(desk: Client, mo: User, post: Post) -> None:
    other = make_blog(address="http://other.example")
    make_reason(other, title="Their rule")
    make_reason(post.blog, title="Our rule")
    page = desk.get(reverse("desk-comment", args=[make_comment(post).pk])).text
    assert "Our rule" in page and "Their rule" not in page


@pytest.mark.parametrize("number", ["999", "9" * 30, "9" * 5000, "0", "-1", "x"])
def test_no_number_is_a_failure_of_ours(desk: Client, post: Post, number: str) -> None:
    assert desk.get(f"/desk/comments/{number}/").status_code == 404
    assert desk.post(f"/desk/comments/{number}/decision/", {"outcome": "approved", "version": 1}).status_code == 404


def test_looking_changes_nothing(desk: Client, post: Post) -> None:
    url = reverse("desk-comment", args=[make_comment(post).pk])
    before = whole_database()
    for ask in [desk.head, desk.get, desk.options]:
        assert ask(url)["Cache-Control"] == "no-store, private"
    assert whole_database() == before


def test_it_takes_few_queries_whatever_its_history(
    desk: Client, mo: User, post: Post, django_assert_max_num_queries
) -> None:
    comment = make_comment(post, parent=make_comment(post, "approved"))
    for version in range(1, 20, 2):
        comment.decide(Decision.Outcome.SPAM, by=mo, version=version)
        comment.decide(Decision.Outcome.UNDONE, by=mo, version=version + 1)
    with django_assert_max_num_queries(22):  # two of them: whether the post still takes a changed comment
        desk.get(reverse("desk-comment", args=[comment.pk]))
