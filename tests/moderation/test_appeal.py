"""/comments/status/<token>/appeal/: its writer asks, once, that somebody else look at a refusal."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from blog.models import Blog, Post
from moderation.models import Appeal, Decision
from tests.at_once import at_once
from tests.factories import make_comment, make_moderator, make_post
from tests.moderation.links import assert_dead, assert_looking_changes_nothing, assert_private, token_for
from tests.moderation.writer import make_refused, now, send, status_url

pytestmark = pytest.mark.django_db


def test_looking_changes_nothing(client: Client, post: Post, mo: User) -> None:
    assert_looking_changes_nothing(client, status_url(make_refused(post, mo), "appeal"))


@pytest.mark.parametrize("outcome", ["rejected", "spam"])
def test_a_refusal_is_appealed_from_the_status_page(client: Client, post: Post, mo: User, outcome: str) -> None:
    comment = make_comment(post)
    comment.decide(Decision.Outcome(outcome), by=mo, version=1)
    assert f'href="{status_url(comment, "appeal")}"' in client.get(status_url(comment)).text
    page = client.get(status_url(comment, "appeal"))
    assert "You can appeal once" in page.text and "spam" not in page.text.lower()
    assert_private(page)
    answer = client.get(send(client, comment, "appeal", words="It is\0 about <bridges>.").url).text
    assert "Awaiting an answer" in answer and "It is about &lt;bridges&gt;." in answer
    assert Appeal.objects.get().words == "It is about <bridges>." and now(comment).version == 3
    assert now(comment).state == outcome


def test_there_is_no_second_appeal(client: Client, post: Post, mo: User) -> None:
    comment = make_refused(post, mo)
    send(client, comment, "appeal", words="One.")
    answer = client.post(status_url(comment, "appeal"), {"words": "My second try."})
    assert answer.status_code == 409 and "which is possible once" in answer.text and "My second try." in answer.text
    Appeal.objects.update(state="upheld")
    assert client.post(status_url(comment, "appeal"), {"words": "Two."}).status_code == 409
    assert Appeal.objects.get().words == "One."


@pytest.mark.parametrize("state", ["unconfirmed", "pending", "approved", "withdrawn"])
def test_what_is_not_refused_is_not_appealed(client: Client, post: Post, state: str) -> None:
    comment = make_comment(post, state)
    assert "Appeal" not in client.get(status_url(comment)).text
    assert client.post(status_url(comment, "appeal"), {"words": "Why?"}).status_code == 409
    assert not Appeal.objects.exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("", "Enter why we should publish your comment"),
        (" \u200b", "Enter why we should publish your comment"),
        ("x" * 1001, "Your reasons must be 1000 characters or less"),
    ],
)
def test_it_needs_reasons_of_some_length(client: Client, post: Post, mo: User, words: str, message: str) -> None:
    answer = send(client, make_refused(post, mo), "appeal", words=words)
    assert answer.status_code == 422 and message in answer.text and words in answer.text
    assert not Appeal.objects.exists()


def test_its_characters_are_counted_as_its_writer_sees_them(client: Client, post: Post, mo: User) -> None:
    comment = make_refused(post, mo)
    assert send(client, comment, "appeal", words="👩‍👩‍👧‍👦" * 1001).status_code == 422
    assert send(client, comment, "appeal", words="👩‍👩‍👧‍👦" * 1000).status_code == 302


def test_to_withdraw_the_comment_drops_the_appeal(client: Client, post: Post, mo: User) -> None:
    comment = make_refused(post, mo)
    send(client, comment, "appeal", words="One.")
    client.post(status_url(comment, "withdraw"))
    assert Appeal.objects.get().state == "dropped"


def test_links_of_another_kind_are_dead(client: Client, post: Post) -> None:
    assert_dead(client, f"/comments/status/{token_for('comment-confirm', make_comment(post).pk)}/appeal/")


@pytest.mark.django_db(transaction=True)
def test_of_ten_presses_at_once_one_appeals(blog: Blog) -> None:
    comment = make_refused(make_post(blog), make_moderator(blog))
    url = status_url(comment, "appeal")
    answers = at_once([lambda: Client().post(url, {"words": "One."}).status_code] * 10)
    assert sorted(answers) == [302] + [409] * 9 and Appeal.objects.count() == 1
