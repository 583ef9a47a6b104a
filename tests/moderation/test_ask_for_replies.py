"""POST /comments/status/<token>/replies/: “Email me about replies”, on and off."""

import pytest
from django.test import Client

from blog.models import Post
from tests.factories import make_comment
from tests.moderation.links import assert_dead, token_for
from tests.moderation.writer import now, status_url

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("state", ["unconfirmed", "pending", "approved", "rejected", "spam"])
def test_it_is_turned_on_and_off_on_the_status_page(client: Client, post: Post, state: str) -> None:
    comment = make_comment(post, state)
    assert "Email me about replies" in client.get(status_url(comment)).text
    page = client.post(status_url(comment, "replies"), {"on": "1"}, follow=True)
    assert "We will email you about replies" in page.text and "Stop emails about replies" in page.text
    assert now(comment).wants_replies
    page = client.post(status_url(comment, "replies"), {"off": "1"}, follow=True)
    assert "We will not email you about replies" in page.text and not now(comment).wants_replies


def test_a_withdrawn_comment_asks_for_nothing(client: Client, post: Post) -> None:
    comment = make_comment(post, "withdrawn")
    client.post(status_url(comment, "replies"), {"on": "1"})
    assert not now(comment).wants_replies


@pytest.mark.parametrize("method", ["get", "head", "put", "patch", "delete"])
def test_only_a_post_turns_it(client: Client, post: Post, method: str) -> None:
    comment = make_comment(post)
    assert getattr(client, method)(f"{status_url(comment, 'replies')}?on=1").status_code == 405
    assert not now(comment).wants_replies


def test_links_of_another_kind_are_dead(client: Client, post: Post) -> None:
    assert_dead(client, f"/comments/status/{token_for('replies-end', make_comment(post).pk)}/replies/")
