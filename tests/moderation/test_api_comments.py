"""/api/v1/posts/<id>/comments/."""

import datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from blog.models import Blog, PrivacyNotice
from mail.models import Delivery
from moderation.models import Comment
from tests.factories import make_blog, make_comment, make_notice, make_post

APPROVED = Comment.State.APPROVED
HIDDEN = [state for state in Comment.State if state != APPROVED]


@pytest.fixture
def written(notice: PrivacyNotice) -> dict[str, Any]:
    """What Ann sends."""
    return {"comment": "Well said.", "name": "Ann", "email": "ann@example.org", "notice": notice.pk}


def submit(client: Client, post_id: int, written: Any) -> Any:
    return client.post(f"/api/v1/posts/{post_id}/comments/", written, content_type="application/json")


def test_approved_comments_are_listed_oldest_first(blog: Blog, client: Client) -> None:
    post = make_post(blog)
    first = make_comment(post, APPROVED, text="One & two")
    reply = make_comment(post, APPROVED, parent=first)
    listed = client.get(f"/api/v1/posts/{post.pk}/comments/").json()["results"]
    assert [(comment["id"], comment["parent"]) for comment in listed] == [(first.pk, None), (reply.pk, first.pk)]
    assert listed[0]["html"] == '<p dir="auto">One &amp; two</p>'
    assert listed[0]["url"] == f"http://testserver/comments/{first.pk}/"
    assert set(listed[0]) == {"id", "parent", "name", "text", "html", "submitted_at", "url"}


@pytest.mark.parametrize("state", HIDDEN)
def test_a_comment_that_is_not_approved_leaves_no_trace(blog: Blog, client: Client, state: str) -> None:
    post = make_post(blog)
    reply = make_comment(post, APPROVED, parent=make_comment(post, state))
    listed = client.get(f"/api/v1/posts/{post.pk}/comments/").json()
    assert len(listed["results"]) == 1 and "count" not in listed
    assert (listed["results"][0]["id"], listed["results"][0]["parent"]) == (reply.pk, None)


def test_nothing_of_an_address_is_public(blog: Blog, client: Client) -> None:
    comment = make_comment(make_post(blog), APPROVED, digest="d" * 32)
    page = client.get(f"/api/v1/posts/{comment.post_id}/comments/").text
    for secret in [comment.address, "ann@", comment.mailbox, comment.digest]:
        assert secret not in page


@pytest.mark.parametrize("comments", [1, 30])
def test_a_list_costs_the_same_however_long(
    blog: Blog, client: Client, comments: int, django_assert_num_queries
) -> None:
    post = make_post(blog)
    parent = make_comment(post, APPROVED)
    for _ in range(comments):
        make_comment(post, APPROVED, parent=parent)
    with django_assert_num_queries(4):  # version, blog, post, comments
        client.get(f"/api/v1/posts/{post.pk}/comments/")


def test_a_comment_waits_for_its_author(blog: Blog, client: Client, written: dict, send_mail) -> None:
    answer = submit(client, make_post(blog).pk, written)
    assert (answer.status_code, answer.json()["detail"]) == (202, "Check your email to confirm the comment")
    assert not answer.cookies
    comment = Comment.objects.get()
    assert (comment.state, comment.text, comment.notice_id) == ("unconfirmed", "Well said.", written["notice"])
    assert [mail.to for mail in send_mail()] == [["ann@example.org"]]


def test_the_same_again_is_one_comment_and_the_same_answer(blog: Blog, client: Client, written: dict) -> None:
    post = make_post(blog)
    once, again = (submit(client, post.pk, written) for _ in range(2))
    assert (once.status_code, once.content) == (again.status_code, again.content)
    assert Comment.objects.count() == Delivery.objects.count() == 1


def test_a_reply_names_its_parent(blog: Blog, client: Client, written: dict) -> None:
    parent = make_comment(make_post(blog), APPROVED)
    assert submit(client, parent.post_id, {**written, "parent": parent.pk}).status_code == 202
    assert Comment.objects.get(parent=parent).text == "Well said."


def test_a_hidden_parent_is_as_good_as_none(blog: Blog, client: Client, written: dict) -> None:
    hidden = make_comment(make_post(blog), Comment.State.PENDING)
    refused, unknown = (submit(client, hidden.post_id, {**written, "parent": pk}) for pk in [hidden.pk, 10**9])
    assert refused.status_code == 422
    assert refused.content == unknown.content


def test_errors_stand_at_their_fields(blog: Blog, client: Client, notice: PrivacyNotice) -> None:
    answer = submit(client, make_post(blog).pk, {"name": " ", "email": "ann", "notice": notice.pk})
    assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")
    assert answer.json() == {
        "type": "about:blank",
        "title": "Unprocessable Entity",
        "status": 422,
        "detail": "There are errors in the fields",
        "errors": {
            "comment": ["Enter your comment"],
            "name": ["Enter your name"],
            "email": ["Enter an email address in the correct format, like name@example.com"],
        },
    }


def test_a_closed_post_says_so(blog: Blog, client: Client, written: dict) -> None:
    answer = submit(client, make_post(blog, comments_open=False).pk, written)
    assert (answer.status_code, answer.json()["code"]) == (409, "comments-closed")
    assert not Comment.objects.exists()


def test_another_notice_is_shown_first(blog: Blog, client: Client, written: dict) -> None:
    make_notice(blog)
    answer = submit(client, make_post(blog).pk, written)
    assert answer.status_code == 422
    assert "Our privacy notice has changed" in answer.json()["detail"]
    assert not Comment.objects.exists()


def test_a_used_up_budget_is_429(blog: Blog, client: Client, written: dict, settings) -> None:
    settings.MAIL_PER_NETWORK = (1, 1)
    post = make_post(blog)
    statuses = [submit(client, post.pk, {**written, "comment": text}).status_code for text in ["One", "Two"]]
    assert statuses == [202, 429]
    assert Comment.objects.get().text == "One"


def test_another_blogs_post_takes_no_comment_here(blog: Blog, client: Client, written: dict) -> None:
    elsewhere = make_post(make_blog(address="http://other.example"))
    assert submit(client, elsewhere.pk, written).status_code == 404


def test_a_post_from_another_site_is_refused(blog: Blog, written: dict) -> None:
    browser = Client(headers={"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"})
    assert submit(browser, make_post(blog).pk, written).status_code == 403
    assert not Comment.objects.exists()


def test_a_list_goes_on_where_it_was_whatever_is_published_meanwhile(blog: Blog, client: Client) -> None:
    post, now = make_post(blog), timezone.now()
    late = [make_comment(post, APPROVED, submitted_at=now + datetime.timedelta(minutes=place)) for place in range(5)]
    first = client.get(f"/api/v1/posts/{post.pk}/comments/?limit=2").json()
    make_comment(post, APPROVED, submitted_at=now - datetime.timedelta(minutes=1), text="Earlier, decided later")
    late[0].delete()
    second = client.get(first["next"]).json()
    third = client.get(second["next"]).json()
    listed = [comment["id"] for page in [first, second, third] for comment in page["results"]]
    assert listed[1:] == [comment.pk for comment in late[1:]] and third["next"] is None


@pytest.mark.parametrize("query", ["cursor=x", "cursor=%00", "cursor=" + "9" * 4000, "limit=0", "limit=x", "limit=-1"])
def test_a_cursor_or_a_limit_that_is_none_is_refused(blog: Blog, client: Client, query: str) -> None:
    answer = client.get(f"/api/v1/posts/{make_post(blog).pk}/comments/?{query}")
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
