"""/desk/ and /desk/decided/: what awaits a decision, and what has one, on the blogs that a person may see."""

import datetime
import html
import re

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from blog.models import Blog, Post
from moderation.models import Comment, Decision, Moderator
from tests.factories import make_blog, make_comment, make_moderator, make_notice, make_post, make_reason

pytestmark = pytest.mark.django_db
LISTS = ["/desk/", "/desk/decided/"]


def names(page: str) -> list[str]:
    """Who wrote the comments on a page of the desk, from the top."""
    return re.findall(r'class="desk-card__name"[^>]*><bdi>([^<]*)', page)


def next_page(page: str) -> str:
    """Where “Next page” leads."""
    return "/desk/" + html.unescape(re.search(r'href="(\?[^"]*after=[^"]*)" rel="next"', page)[1])


@pytest.fixture
def elsewhere(db: None) -> Post:
    """A post on a blog that Mo has no part in."""
    other = make_blog(name="Other blog", address="http://other.example")
    make_notice(other)
    return make_post(other)


def test_the_longest_waiting_is_first(desk: Client, post: Post) -> None:
    for name, hours in [("Bob", 2), ("Ann", 3), ("Cem", 1)]:
        make_comment(post, name=name, confirmed_at=timezone.now() - datetime.timedelta(hours=hours))
    page = desk.get("/desk/").text
    assert names(page) == ["Ann", "Bob", "Cem"] and "Awaiting a decision (3)" in page


def test_only_what_awaits_a_decision_is_in_the_queue(desk: Client, post: Post) -> None:
    for state in Comment.State.values:
        make_comment(post, state, name=state)
    assert names(desk.get("/desk/").text) == ["pending"]
    assert sorted(names(desk.get("/desk/decided/").text)) == ["approved", "rejected", "spam"]


def test_the_latest_decision_is_first_among_the_decided(desk: Client, post: Post) -> None:
    for name, hours in [("Bob", 2), ("Ann", 3), ("Cem", 1)]:
        make_comment(post, "spam", name=name, decided_at=timezone.now() - datetime.timedelta(hours=hours))
    assert names(desk.get("/desk/decided/").text) == ["Cem", "Bob", "Ann"]


@pytest.mark.parametrize("url", LISTS)
def test_another_blogs_comments_are_not_shown_nor_counted(desk: Client, elsewhere: Post, url: str) -> None:
    for state in ["pending", "approved", "rejected", "spam"]:
        make_comment(elsewhere, state, name="Secret", text="Secret words")
    for host in ["testserver", "other.example"]:
        page = desk.get(url, headers={"Host": host}).text
        assert names(page) == [] and "Secret" not in page and "(0)" in page


def test_a_moderator_of_two_blogs_sees_both_and_nothing_twice(
    desk: Client, mo: User, post: Post, elsewhere: Post
) -> None:
    Moderator.objects.create(user=mo, blog=elsewhere.blog)
    make_moderator(post.blog, "another")
    make_comment(post, name="Here")
    make_comment(elsewhere, name="There")
    assert names(desk.get("/desk/").text) == ["Here", "There"]


def test_a_superuser_sees_every_blog(post: Post, elsewhere: Post) -> None:
    make_comment(post, name="Here")
    make_comment(elsewhere, name="There")
    root = Client()
    root.force_login(User.objects.create_superuser("root"))
    assert names(root.get("/desk/").text) == ["Here", "There"]


def test_staff_who_moderate_nothing_see_nothing(post: Post) -> None:
    make_comment(post)
    writer = Client()
    writer.force_login(User.objects.create_user("writer", is_staff=True))
    page = writer.get("/desk/")
    assert page.status_code == 403 and names(page.text) == []


def test_who_is_no_longer_a_moderator_sees_nothing(desk: Client, post: Post) -> None:
    make_comment(post)
    Moderator.objects.all().delete()
    assert names(desk.get("/desk/").text) == []


def test_an_account_that_was_closed_is_out_at_once(desk: Client, post: Post) -> None:
    User.objects.update(is_active=False)
    assert desk.get("/desk/").status_code == 302


def test_no_address_is_shown_and_markup_is_text(desk: Client, post: Post) -> None:
    make_comment(post, name="<b>Ann</b>", text="<script>alert(1)</script>")
    page = desk.get("/desk/").text
    assert "ann@example.org" not in page and "<script>alert" not in page and "<b>Ann" not in page


def test_a_reply_shows_what_it_answers(desk: Client, post: Post) -> None:
    make_comment(post, name="Bob", parent=make_comment(post, "approved", name="Priya", text="First!"))
    page = desk.get("/desk/").text
    assert "A reply to Priya" in page and "First!" in page


def test_twenty_five_are_on_a_page(desk: Client, post: Post) -> None:
    for number in range(26):
        make_comment(post, name=f"N{number}", confirmed_at=timezone.now() + datetime.timedelta(seconds=number))
    first = desk.get("/desk/").text
    assert len(names(first)) == 25
    assert names(desk.get(next_page(first)).text) == ["N25"]


@pytest.mark.parametrize("number", ["0", "-1", "99", "x", "9" * 30, "9" * 5000, "%00", "٣"])
def test_no_page_number_is_a_failure_of_ours(desk: Client, post: Post, number: str) -> None:
    asked = "&".join(f"{name}={number[:200]}" for name in ["after", "blog", "post", "kind", "band", "q"])
    assert desk.get(f"/desk/?{asked}").status_code == 200


def decided_thread(post: Post, mo: User, number: int) -> None:
    """This many pending replies, and as many refusals, each with a history."""
    parent, reason = make_comment(post, "approved"), make_reason(post.blog)
    for _ in range(number):
        make_comment(post, parent=parent)
        comment = make_comment(post, parent=parent)
        comment.decide(Decision.Outcome.APPROVED, by=mo, version=1)
        comment.decide(Decision.Outcome.REJECTED, by=mo, version=2, reason=reason)


@pytest.mark.parametrize("url", LISTS)
def test_fifty_comments_take_as_many_queries_as_five(
    desk: Client, mo: User, blog: Blog, url: str, django_assert_num_queries
) -> None:
    decided_thread(make_post(blog, title="Five"), mo, 5)
    desk.get("/guidelines/")  # whoever comes first asks what the blog is
    with CaptureQueriesContext(connection) as five:
        assert len(names(desk.get(url).text)) >= 5
    asked = len(five)
    for number in range(3):
        decided_thread(make_post(blog, title=f"Many {number}"), mo, 15)
    desk.get("/guidelines/")
    with django_assert_num_queries(asked):
        assert len(names(desk.get(url).text)) == 25


@pytest.mark.parametrize("url", LISTS)
def test_a_list_is_kept_by_nobody(desk: Client, post: Post, url: str) -> None:
    answer = desk.get(url)
    assert answer["Cache-Control"] == "no-store, private" and "noindex" in answer["X-Robots-Tag"]


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
@pytest.mark.parametrize("url", LISTS)
def test_a_list_takes_no_other_method(desk: Client, post: Post, url: str, method: str) -> None:
    assert getattr(desk, method)(url).status_code == 405


def test_a_post_that_moves_to_another_blog_takes_its_comments_along(desk: Client, post: Post, elsewhere: Post) -> None:
    make_comment(elsewhere, name="Comes")
    make_comment(post, name="Goes")
    Post.objects.filter(pk=elsewhere.pk).update(blog=post.blog, slug="moved")
    Post.objects.filter(pk=post.pk).update(blog=elsewhere.blog, slug="moved")
    page = desk.get("/desk/").text
    assert names(page) == ["Comes"] and "Awaiting a decision (1)" in page
