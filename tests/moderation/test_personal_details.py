"""The form asks before it sends personal details, once, and the desk sees what was let stand."""

import html

import pytest
from django.test import Client

from blog.models import Post
from mail.models import Delivery
from moderation.models import Comment
from tests.moderation.reader import Fields, comments_url, send_comment, written

pytestmark = pytest.mark.django_db
TEXT = "Call me at 07700 900123, or write to ann@example.net."


def as_it_is(client: Client, post: Post, page, **changed: str):
    """Press “Submit it as it is” on the page that asks."""
    fields = Fields(page.text).values | {"accepted": page.text.split('name="accepted" value="')[-1].split('"')[0]}
    return client.post(comments_url(post), fields | changed)


def test_the_form_comes_back_with_a_question_and_the_words(client: Client, post: Post) -> None:
    page = send_comment(client, post, comment=TEXT)
    text = html.unescape(page.text)
    assert page.status_code == 422 and not Comment.objects.exists() and not Delivery.objects.exists()
    assert "a phone number: <bdi>07700 900123</bdi>" in text and "an email address: <bdi>ann@example.net</bdi>" in text
    assert "There is a problem" not in text and 'role="alert"' in text
    assert Fields(page.text).values["comment"] == TEXT
    assert "<title>Important: " in page.text


def test_the_writer_can_let_them_stand(client: Client, post: Post) -> None:
    page = send_comment(client, post, comment=TEXT)
    assert as_it_is(client, post, page).status_code == 302
    held = Comment.objects.get().held
    assert {"kind": "phone", "start": 11, "end": 23} in held and [entry["kind"] for entry in held] == ["phone", "email"]


def test_what_was_let_stand_is_not_asked_again_after_an_error(client: Client, post: Post) -> None:
    page = as_it_is(client, post, send_comment(client, post, comment=TEXT), name="")
    assert "There is a problem" in page.text and "personal details" not in page.text
    assert client.post(comments_url(post), Fields(page.text).values | {"name": "Ann"}).status_code == 302


def test_another_kind_is_asked_about(client: Client, post: Post) -> None:
    page = send_comment(client, post, comment=f"{TEXT} SW1A 1AA", accepted="phone email")
    assert page.status_code == 422 and "a postcode" in page.text


def test_an_error_comes_before_the_question(client: Client, post: Post) -> None:
    page = send_comment(client, post, comment=TEXT, name="")
    assert "There is a problem" in page.text and "personal details" not in page.text


@pytest.mark.parametrize("accepted", ["all", "*", "\0", "phone,email", "x" * 10_000])
def test_nothing_else_accepts_them(client: Client, post: Post, accepted: str) -> None:
    assert send_comment(client, post, comment=TEXT, accepted=accepted).status_code == 422
    assert not Comment.objects.exists()


def test_programs_are_asked_with_a_code(client: Client, post: Post, notice) -> None:
    url, body = f"/api/v1/posts/{post.pk}/comments/", {**written(post), "notice": notice.pk, "comment": TEXT}
    asked = {name: body[name] for name in ["comment", "name", "email", "notice"]}
    answer = client.post(url, asked, content_type="application/json")
    assert answer.status_code == 422 and answer.json()["code"] == "personal-details"
    assert answer.json()["errors"] == {"email": ["ann@example.net"], "phone": ["07700 900123"]}
    accepted = {**asked, "accepted": ["email", "phone"], "wants_replies": True}
    assert client.post(url, accepted, content_type="application/json").status_code == 202
    assert Comment.objects.get().wants_replies


def test_programs_accept_only_what_there_is(client: Client, post: Post, notice) -> None:
    body = {"comment": "Hi", "name": "Ann", "email": "a@example.org", "notice": notice.pk}
    for wrong in [["all"], "phone", [1], None]:
        answer = client.post(f"/api/v1/posts/{post.pk}/comments/", {**body, "accepted": wrong}, "application/json")
        assert answer.status_code == 422 and "accepted" in answer.json()["errors"]


def test_the_desk_sees_them_marked(client: Client, desk: Client, post: Post) -> None:
    send_comment(client, post, comment="<b>Call</b> 07700 900123", accepted="phone")
    comment = Comment.objects.get()
    comment.confirm()
    for page in [desk.get("/desk/").text, desk.get(f"/desk/comments/{comment.pk}/").text]:
        assert "&lt;b&gt;Call&lt;/b&gt; <mark>07700 900123</mark>" in page and "Phone number" in page


def test_readers_see_no_marks(client: Client, post: Post) -> None:
    send_comment(client, post, comment="Call 07700 900123", accepted="phone")
    Comment.objects.update(state=Comment.State.APPROVED)
    post.blog.raise_page_version()
    page = client.get(post.get_absolute_url()).text
    assert "Call 07700 900123" in page and "<mark>" not in page
