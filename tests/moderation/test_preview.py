"""The button “Preview”: the comment as it will be shown, and nothing else happens."""

import pytest
from django.test import Client

from blog.models import Post
from mail.budgets import Spent
from mail.models import Delivery
from moderation.models import Comment
from tests.database import whole_database
from tests.factories import make_comment
from tests.moderation.reader import Fields, comments_url, send_again, send_comment, written

pytestmark = pytest.mark.django_db


def test_it_shows_the_comment_above_the_form_that_keeps_everything(client: Client, post: Post) -> None:
    page = send_comment(client, post, comment="One\n\n<b>two</b> http://example.org", name="Ann", preview="1")
    assert page.status_code == 200 and "<title>Error" not in page.text
    preview, form = page.text.split('id="preview"')[1].split("<form", 1)
    assert '<p dir="auto">One</p><p dir="auto">&lt;b&gt;two&lt;/b&gt; <a ' in preview and "Ann" in preview
    assert 'id="id_comment"' in form
    fields = Fields(page.text).values
    assert (fields["comment"], fields["name"]) == ("One\n\n<b>two</b> http://example.org", "Ann")
    assert fields["email"] == "ann@example.org" and send_again(client, post, page).status_code == 302


def test_it_stores_sends_and_counts_nothing(client: Client, post: Post) -> None:
    before = whole_database()
    send_comment(client, post, preview="1")
    assert whole_database() == before
    assert not (Comment.objects.exists() or Delivery.objects.exists() or Spent.objects.exists())


def test_it_needs_neither_name_nor_address_yet(client: Client, post: Post) -> None:
    page = send_comment(client, post, name="", email="nowhere", preview="1")
    assert page.status_code == 200 and "There is a problem" not in page.text


def test_nothing_to_preview_is_an_error(client: Client, post: Post) -> None:
    page = send_comment(client, post, comment=" ", preview="1")
    assert page.status_code == 422 and "Enter your comment" in page.text and 'id="preview"' not in page.text


def test_it_asks_about_personal_details_already(client: Client, post: Post) -> None:
    page = send_comment(client, post, comment="Call 07700 900123", preview="1")
    assert "personal details" in page.text and "Submit it as it is" in page.text


def test_the_preview_of_a_reply_is_on_its_page(client: Client, post: Post) -> None:
    parent = make_comment(post, Comment.State.APPROVED, name="Priya")
    page = send_comment(client, post, parent=str(parent.pk), preview="1")
    assert "Leave a reply to <bdi>Priya</bdi>" in page.text and 'id="preview"' in page.text


def test_enter_submits_and_does_not_preview(client: Client, post: Post) -> None:
    page = client.get(post.get_absolute_url()).text
    form = page[page.index(comments_url(post)) :]
    assert form.index("Submit comment") < form.index('name="preview"')


def test_a_closed_post_says_so_at_once(client: Client, post: Post) -> None:
    fields = written(post, preview="1")
    post.comments_open = False
    post.save()
    page = client.post(comments_url(post), fields)
    assert "closed" in page.text and "Well said." in page.text and page.status_code == 409
