"""/comments/replies/end/<token>/: no more emails about replies in one thread."""

import pytest
from django.test import Client

from blog.models import Post
from moderation.models import Comment
from postbag import tokens
from tests.factories import make_blog, make_comment, make_notice, make_post
from tests.moderation.links import altered, assert_dead, assert_looking_changes_nothing, assert_private

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann(post: Post) -> Comment:
    """Ann's comment; she wants to hear of replies."""
    return make_comment(post, "approved", wants_replies=True)


def end_url(comment: Comment) -> str:
    """The link in the mails about its thread."""
    return f"/comments/replies/end/{tokens.make('replies-end', comment.pk)}/"


def wants(comment: Comment) -> bool:
    return Comment.objects.get(pk=comment.pk).wants_replies


def test_looking_changes_nothing(client: Client, ann: Comment) -> None:
    assert_looking_changes_nothing(client, end_url(ann))
    assert wants(ann)


def test_the_button_ends_them_and_a_second_press_is_the_same_page(client: Client, ann: Comment) -> None:
    page = client.post(end_url(ann))
    assert "No more emails about replies" in page.text and not wants(ann)
    assert_private(page)
    assert client.post(end_url(ann)).content == page.content == client.get(end_url(ann)).content


def test_a_mail_provider_ends_them_with_one_click(ann: Comment) -> None:
    strict = Client(enforce_csrf_checks=True)
    headers = {"Origin": "https://mail.example", "Sec-Fetch-Site": "cross-site"}
    assert strict.post(end_url(ann), {"List-Unsubscribe": "One-Click"}, headers=headers).status_code == 200
    assert not wants(ann)


def test_it_ends_them_for_all_that_its_writer_said_in_the_thread_and_for_nobody_else(
    client: Client, ann: Comment
) -> None:
    mine = make_comment(ann.post, "approved", parent=ann, root=ann, wants_replies=True)
    bobs = make_comment(ann.post, "approved", parent=ann, root=ann, wants_replies=True, address="bob@example.org")
    elsewhere = make_comment(ann.post, "approved", wants_replies=True)
    client.post(end_url(mine))
    assert [wants(comment) for comment in [ann, mine, bobs, elsewhere]] == [False, False, True, True]


def test_the_link_works_when_the_address_is_forgotten(client: Client, ann: Comment) -> None:
    other = make_comment(ann.post, "approved", parent=ann, root=ann, wants_replies=True, address="bob@example.org")
    Comment.objects.update(address="", mailbox="")
    assert client.post(end_url(ann)).status_code == 200
    assert not wants(ann) and wants(other)


def test_altered_links_and_those_of_another_kind_are_dead(client: Client, ann: Comment) -> None:
    assert_dead(client, f"/comments/replies/end/{next(altered(tokens.make('replies-end', ann.pk)))}/")
    for purpose in ["comment-status", "comment-confirm", "unsubscribe", "stop"]:
        assert_dead(client, f"/comments/replies/end/{tokens.make(purpose, ann.pk)}/")


def test_a_link_of_another_blog_is_dead_here(client: Client, post: Post) -> None:
    other = make_blog(address="http://other.example")
    make_notice(other)
    assert_dead(client, end_url(make_comment(make_post(other), wants_replies=True)))
