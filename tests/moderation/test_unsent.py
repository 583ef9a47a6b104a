"""Words that could not be taken come back to their writer, whatever the reason."""

import pytest
from django.db import OperationalError
from django.test import Client

from blog.models import Post
from mail import budgets
from moderation.models import Comment
from tests.moderation.reader import Fields, comments_url, send_comment, written

pytestmark = pytest.mark.django_db
TYPED = "\n Line one\n</textarea><script>alert(1)</script>"


def assert_kept(page, status: int) -> None:
    assert page.status_code == status and not Comment.objects.exists()
    assert Fields(page.text).values["comment"] == TYPED and "<script>alert" not in page.text


@pytest.mark.parametrize("state", ["draft", "withdrawn"])
def test_a_post_that_was_taken_down_meanwhile(client: Client, post: Post, state: str) -> None:
    fields = written(post, comment=TYPED)
    Post.objects.update(state=state)
    page = client.post(comments_url(post), fields)
    assert_kept(page, 404)
    assert "not here any more" in page.text and page["Cache-Control"] == "no-store"


def test_a_post_that_was_deleted_meanwhile(client: Client, post: Post) -> None:
    url, fields = comments_url(post), written(post, comment=TYPED)
    post.delete()
    assert_kept(client.post(url, fields), 404)


def test_a_blog_that_lost_its_notice_meanwhile(client: Client, post: Post) -> None:
    fields = written(post, comment=TYPED)
    post.blog.notices.all().delete()
    assert_kept(client.post(comments_url(post), fields), 404)


def test_a_database_that_is_away_for_a_moment(client: Client, post: Post, monkeypatch, caplog) -> None:
    def away(*_args: object) -> None:
        raise OperationalError(TYPED)

    with monkeypatch.context() as patched:
        patched.setattr(budgets, "admit", away)
        page = send_comment(client, post, comment=TYPED, wants_replies="on")
    assert_kept(page, 503)
    assert "alert" not in caplog.text
    assert client.post(comments_url(post), Fields(page.text).values).status_code == 302
    assert Comment.objects.get().wants_replies


def test_a_network_that_sent_too_much(client: Client, post: Post, settings) -> None:
    settings.MAIL_PER_NETWORK = (0, 0)
    assert_kept(send_comment(client, post, comment=TYPED), 429)


def test_comments_that_closed_meanwhile(client: Client, post: Post) -> None:
    fields = written(post, comment=TYPED)
    post.comments_open = False
    post.save()
    assert_kept(client.post(comments_url(post), fields), 409)


def test_a_reply_whose_comment_went_meanwhile(client: Client, post: Post) -> None:
    assert_kept(send_comment(client, post, comment=TYPED, parent="77"), 422)


def test_a_get_of_what_is_gone_is_an_ordinary_404(client: Client, blog) -> None:
    page = client.get("/comments/new/77/")
    assert page.status_code == 404 and "was not sent" not in page.text
