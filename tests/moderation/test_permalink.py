"""/comments/<id>/: to a comment, on whichever page it stands."""

import datetime

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from blog.models import Post
from moderation.models import Comment, Decision
from tests.factories import make_blog, make_comment, make_comments, make_notice, make_post

pytestmark = pytest.mark.django_db


def followed(client: Client, comment: Comment) -> str:
    """Where its permalink leads; it must be there."""
    answer = client.get(comment.get_absolute_url())
    assert answer.status_code == 302
    page = client.get(answer["Location"].partition("#")[0])
    assert page.status_code == 200 and f'<li id="comment-{comment.pk}"' in page.text
    assert answer["Location"].endswith(f"#comment-{comment.pk}")
    return answer["Location"].partition("#")[0].removeprefix(comment.post.get_absolute_url())


def test_it_leads_to_the_page_that_a_comment_is_on(client: Client, post: Post) -> None:
    comments = make_comments(post, 110)
    pages = {0: "", 49: "", 50: "?comments=2", 99: "?comments=2", 100: "?comments=3", 109: "?comments=3"}
    assert {place: followed(client, comments[place]) for place in pages} == pages


def test_it_leads_to_replies_on_the_page_or_in_their_thread(client: Client, post: Post) -> None:
    make_comments(post, 50)
    root = make_comment(post, "approved", submitted_at=timezone.now() + datetime.timedelta(days=1))
    answers = make_comments(post, 120, parent=root)
    thread = f"comments/{root.pk}/"
    pages = {0: "?comments=2", 49: "?comments=2", 50: f"{thread}?comments=2", 119: f"{thread}?comments=3"}
    assert {place: followed(client, answers[place]) for place in pages} == pages


def test_it_knows_how_much_room_the_threads_of_a_page_have(client: Client, post: Post) -> None:
    threads = [make_comments(post, 40, parent=root) for root in make_comments(post, 10)]
    for thread in threads:
        followed(client, thread[14])
        assert followed(client, thread[15]) == f"comments/{thread[15].root_id}/"


def test_it_stays_when_a_comment_moves_to_another_page(client: Client, mo: User, post: Post) -> None:
    comments = make_comments(post, 51)
    assert followed(client, comments[50]) == "?comments=2"
    comments[0].decide(Decision.Outcome.REJECTED, by=mo, version=1)
    assert followed(client, comments[50]) == ""


def test_comments_of_one_moment_have_one_order(client: Client, post: Post) -> None:
    at = make_comment(post, "approved").submitted_at
    for comment in make_comments(post, 60, submitted_at=at)[45:55]:
        followed(client, comment)


@pytest.mark.parametrize("state", [state for state in Comment.State if state != "approved"])
def test_one_that_is_not_public_is_not_found(client: Client, post: Post, state: str) -> None:
    comment = make_comment(post, state)
    make_comment(post, "approved", parent=comment)
    assert client.get(comment.get_absolute_url()).status_code == 404


def test_one_on_a_post_that_is_not_public_is_not_found(client: Client, post: Post) -> None:
    comment = make_comment(post, "approved")
    post.state = Post.State.WITHDRAWN
    post.save()
    assert client.get(comment.get_absolute_url()).status_code == 404


def test_another_blogs_comment_is_not_found(client: Client, post: Post) -> None:
    other = make_blog(address="http://other.example")
    make_notice(other)
    url = make_comment(make_post(other), "approved").get_absolute_url()
    assert client.get(url).status_code == 404
    assert client.get(url, headers={"Host": "other.example"}).status_code == 302


@pytest.mark.parametrize("number", ["0", "01", "999", "x", "9" * 30, "-1"])
def test_no_number_is_a_failure_of_ours(client: Client, post: Post, number: str) -> None:
    make_comment(post, "approved", pk=1)
    assert client.get(f"/comments/{number}/").status_code == 404


def test_it_costs_the_same_however_many_comments_there_are(
    client: Client, post: Post, django_assert_max_num_queries
) -> None:
    last = make_comments(post, 200, parent=make_comments(post, 200)[150])[-1]
    with django_assert_max_num_queries(6):
        client.get(last.get_absolute_url())


def test_the_page_shows_it(client: Client, post: Post) -> None:
    comment = make_comment(post, "approved")
    assert f'href="{comment.get_absolute_url()}"' in client.get(post.get_absolute_url()).text
