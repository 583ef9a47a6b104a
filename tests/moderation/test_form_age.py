"""How old a comment form is when it comes back: sealed into it, whatever cache its page came from."""

import datetime

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from blog.models import Post
from moderation.models import Comment
from tests.factories import make_post
from tests.moderation.reader import Fields, send_again, send_comment, stamped

pytestmark = pytest.mark.django_db
AGAIN = "Check your comment, then submit it again"


@pytest.fixture(autouse=True)
def real_pace(settings) -> None:
    settings.COMMENT_SECONDS = 3


def assert_comes_back(client: Client, post: Post, stamp: str) -> None:
    """With its words and a stamp of ours; and, sent again after a breath, it is taken."""
    page = send_comment(client, post, comment="Line one\n<b>two</b>", stamp=stamp)
    assert page.status_code == 422 and AGAIN in page.text and not Comment.objects.exists()
    assert Fields(page.text).values["comment"] == "Line one\n<b>two</b>"


@pytest.mark.parametrize("stamp", ["", "x", "a" * 40, "\0", "é" * 40, "A" * 10_000])
def test_a_form_that_is_not_ours_comes_back_with_its_words(client: Client, post: Post, stamp: str) -> None:
    assert_comes_back(client, post, stamp)


def test_the_form_of_another_post_comes_back(client: Client, post: Post) -> None:
    assert_comes_back(client, post, stamped(make_post(post.blog, title="Another")))


def test_a_form_sent_in_a_moment_comes_back_and_is_taken_then(client: Client, post: Post, time_machine) -> None:
    time_machine.move_to(timezone.now(), tick=False)
    page = send_comment(client, post, stamp=stamped(post, seconds=2))
    assert page.status_code == 422 and AGAIN in page.text and not Comment.objects.exists()
    time_machine.shift(datetime.timedelta(seconds=1))
    assert send_again(client, post, page).status_code == 302 and Comment.objects.count() == 1


def test_what_had_no_stamp_is_taken_after_a_breath(client: Client, post: Post, time_machine) -> None:
    time_machine.move_to(timezone.now(), tick=False)
    page = send_comment(client, post, stamp="")
    time_machine.shift(datetime.timedelta(seconds=3))
    assert send_again(client, post, page).status_code == 302


@pytest.mark.parametrize("days", [1, 30, 400])
def test_nobody_writes_too_slowly(client: Client, post: Post, days: int) -> None:
    assert send_comment(client, post, stamp=stamped(post, seconds=days * 86400)).status_code == 302


def test_a_page_from_the_cache_has_a_form_that_is_taken(client: Client, post: Post, time_machine) -> None:
    time_machine.move_to(timezone.now(), tick=False)
    client.get(post.get_absolute_url())
    time_machine.shift(datetime.timedelta(seconds=settings.PAGE_CACHE_SECONDS - 1))
    stamp = Fields(client.get(post.get_absolute_url()).text).values["stamp"]
    assert send_comment(client, post, stamp=stamp).status_code == 302


def test_machines_are_told_no_more_than_people(client: Client, post: Post) -> None:
    trapped, forged = send_comment(client, post, homepage="x"), send_comment(client, post, stamp="")
    for page in [trapped, forged]:
        assert AGAIN in page.text and page.status_code == 422
