"""What was written before comments closed, and is confirmed after: told kindly, kept or dropped as the blog wants."""

import datetime
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from blog.closures import Closure
from blog.models import Blog, Post
from moderation.models import Comment
from tests.database import where_in_database, whole_database
from tests.factories import make_comment
from tests.moderation.links import assert_looking_changes_nothing, assert_private
from tests.moderation.reader import code_in, send_comment
from tests.moderation.test_confirm import confirm_url

pytestmark = pytest.mark.django_db
HOUR = datetime.timedelta(hours=1)


def close(blog: Blog, keep: bool) -> None:
    """An election begins, and lasts for a day."""
    Blog.objects.update(keep_unconfirmed=keep)
    now = timezone.now()
    Closure.objects.create(blog=None, starts_at=now, ends_at=now + 24 * HOUR, notice="There is an election.")


def press(client: Client, url: str, **typed: str) -> str:
    """The page that the button leads to."""
    return client.post(url, typed, follow=True).text


@pytest.fixture
def ann(post: Post) -> Comment:
    """Ann's comment, not yet confirmed."""
    return make_comment(post, "unconfirmed", text="My dear words", name="Ann Unlikely")


def test_where_a_blog_keeps_it_it_goes_to_the_desk(client: Client, blog: Blog, ann: Comment) -> None:
    close(blog, keep=True)
    page = client.get(confirm_url(ann)).text
    assert "There is an election." in page and "so you can still send it" in page
    assert "Awaiting moderation" in press(client, confirm_url(ann))
    ann.refresh_from_db()
    assert ann.state == "pending"


def test_where_a_blog_drops_it_looking_changes_nothing(client: Client, blog: Blog, ann: Comment) -> None:
    close(blog, keep=False)
    assert_looking_changes_nothing(client, confirm_url(ann))
    page = client.get(confirm_url(ann))
    assert "Your comment was not sent" in page.text and "My dear words" in page.text
    assert "There is an election." in page.text and "Comments open again on" in page.text
    assert "Confirm comment" not in page.text


def test_where_a_blog_drops_it_the_button_erases_it(client: Client, blog: Blog, ann: Comment) -> None:
    close(blog, keep=False)
    answer = client.post(confirm_url(ann))
    assert_private(answer)
    assert "Your comment was not sent" in answer.text and "My dear words" in answer.text
    for words in ["My dear words", "Ann Unlikely", "ann@example.org"]:
        assert where_in_database(words) == []


def test_a_page_opened_before_it_closed_is_answered_too(client: Client, blog: Blog, ann: Comment, time_machine) -> None:
    """The minute decides, not the page."""
    client.get(confirm_url(ann))
    blog.close_after_days, blog.keep_unconfirmed = 0, False
    blog.save()
    assert "Comments on this post closed on" in press(client, confirm_url(ann))
    assert not Comment.objects.exists()


def test_the_code_is_answered_like_the_link(client: Client, blog: Blog, post: Post, send_mail) -> None:
    sent = send_comment(client, post).url
    code = code_in(send_mail()[0])
    close(blog, keep=False)
    assert "Your comment was not sent" in press(client, f"{sent}code/", code=code)
    assert not Comment.objects.exists()


def test_a_dropped_comment_cannot_be_confirmed_later(client: Client, blog: Blog, ann: Comment, time_machine) -> None:
    close(blog, keep=False)
    client.post(confirm_url(ann))
    before = whole_database()
    time_machine.move_to(timezone.now() + 25 * HOUR)
    assert client.post(confirm_url(ann)).status_code == 410
    assert whole_database() == before


def test_one_that_was_not_dropped_can_be_confirmed_when_comments_open_again(
    client: Client, blog: Blog, ann: Comment, time_machine
) -> None:
    close(blog, keep=False)
    client.get(confirm_url(ann))
    time_machine.move_to(timezone.now() + 25 * HOUR)
    assert "Awaiting moderation" in press(client, confirm_url(ann))


@pytest.mark.parametrize("state", ["pending", "approved", "rejected", "withdrawn"])
def test_what_was_confirmed_in_time_is_not_dropped(client: Client, blog: Blog, post: Post, state: str) -> None:
    comment = make_comment(post, state)
    close(blog, keep=False)
    press(client, confirm_url(comment))
    assert Comment.objects.get().state == state


def test_a_post_that_was_taken_down_is_a_closed_one(client: Client, blog: Blog, post: Post, ann: Comment) -> None:
    post.state = Post.State.WITHDRAWN
    post.save()
    page = client.get(confirm_url(ann)).text
    assert "This post has been taken down for now." in page and "Confirm comment" in page
    Blog.objects.update(keep_unconfirmed=False)
    assert "Your comment was not sent" in press(client, confirm_url(ann))


def test_the_status_page_names_the_day_of_the_promise(client: Client, blog: Blog, post: Post, time_machine) -> None:
    time_machine.move_to(datetime.datetime(2026, 11, 22, 14, tzinfo=ZoneInfo("Europe/London")))
    ann = make_comment(post, "unconfirmed", submitted_at=timezone.now())
    words = "We aim to read every comment within 2 working days, yours by Tuesday 24 November."
    assert words in client.get(confirm_url(ann)).text
    assert words in press(client, confirm_url(ann))
