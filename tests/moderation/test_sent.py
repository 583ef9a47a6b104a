"""/comments/sent/<token>/: “check your email”, the same whatever we know."""

import re

import pytest
from django.test import Client

from blog.models import Post
from mail.addresses import mailbox
from mail.models import Delivery, Suppression
from moderation.models import Comment
from postbag import tokens
from tests.factories import make_blog, make_comment, make_notice, make_post
from tests.moderation.links import altered, assert_dead, assert_looking_changes_nothing, assert_private
from tests.moderation.reader import send_comment

pytestmark = pytest.mark.django_db


def sent_page(client: Client, post: Post, **changed: str) -> str:
    """What the sender of a form reads next."""
    answer = send_comment(client, post, **changed)
    assert answer.status_code == 302 and not answer.cookies
    page = client.get(answer.url)
    assert page.status_code == 200
    assert_private(page)
    return page.text


def test_it_tells_where_the_mail_went_and_what_to_do(client: Client, post: Post) -> None:
    page = sent_page(client, post)
    assert "<h1" in page and "Check your email" in page and "ann@example.org" in page


def test_looking_changes_nothing(client: Client, post: Post) -> None:
    assert_looking_changes_nothing(client, send_comment(client, post).url)


def test_it_reads_the_same_for_a_new_a_known_and_a_blocked_address(client: Client, post: Post) -> None:
    make_comment(post, "approved", address="known@example.org")
    Suppression.objects.add_mailbox(mailbox("blocked@example.org"), Suppression.Reason.ASKED)
    pages = [
        sent_page(client, post, email=f"{name}@example.org").replace(f"{name}@", "@")
        for name in ["new", "known", "blocked"]
    ]
    assert pages[0] == pages[1] == pages[2]


def test_it_reads_the_same_whatever_became_of_the_same_words(client: Client, post: Post) -> None:
    pages = set()
    for state in Comment.State.values:
        Comment.objects.update(state=state)
        pages.add(sent_page(client, post))
    assert len(pages) == 1


def test_it_reads_the_same_when_a_mailbox_has_had_enough(client: Client, post: Post, settings) -> None:
    settings.MAIL_PER_MAILBOX = (1, 1)
    pages = {sent_page(client, post, comment=f"Comment {number}") for number in range(3)}
    assert len(pages) == 1 and Delivery.objects.count() == 1


def test_the_whole_budget_is_told_and_the_text_kept(client: Client, post: Post, settings) -> None:
    settings.MAIL_PER_HOUR = 0
    answer = send_comment(client, post)
    assert answer.status_code == 429 and "<title>Error: " in answer.text
    assert "submit again in an hour" in answer.text and "Well said.</textarea>" in answer.text
    assert not Comment.objects.exists()


def test_a_blocked_address_gets_no_mail(client: Client, post: Post, send_mail) -> None:
    Suppression.objects.add_mailbox(mailbox("ann@example.org"), Suppression.Reason.ASKED)
    sent_page(client, post, email="Ann+again@example.org")
    assert not send_mail()


def test_altered_links_and_those_of_another_kind_are_dead(client: Client, post: Post) -> None:
    comment = make_comment(post, "unconfirmed")
    for token in altered(tokens.make("comment-sent", comment.pk)):
        assert client.get(f"/comments/sent/{token}/").status_code == 410
    for purpose in ["comment-confirm", "comment-status", "stop"]:
        assert_dead(client, f"/comments/sent/{tokens.make(purpose, comment.pk)}/")


def test_a_link_of_another_blog_is_dead_here(client: Client, post: Post) -> None:
    other = make_blog(address="http://other.example")
    make_notice(other)
    comment = make_comment(make_post(other), "unconfirmed")
    assert_dead(client, f"/comments/sent/{tokens.make('comment-sent', comment.pk)}/")


def test_once_the_address_is_forgotten_the_page_does_not_pretend(client: Client, post: Post) -> None:
    comment = make_comment(post, "approved")
    Comment.objects.update(address="", mailbox="")
    page = client.get(f"/comments/sent/{tokens.make('comment-sent', comment.pk)}/").text
    assert not re.search(r'<strong class="address">\s*</strong>', page)
