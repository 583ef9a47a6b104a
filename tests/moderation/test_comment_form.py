"""POST …/comments/: what is wrong comes back on the same page, with what was typed."""

import datetime
import html
import re

import pytest
from django.conf import settings
from django.core import mail as django_mail
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from blog.models import Blog, Post
from mail.models import Delivery
from moderation.models import Comment
from tests.factories import make_comment, make_notice, make_post
from tests.moderation.reader import Fields, comments_url, send_again, send_comment, written

pytestmark = pytest.mark.django_db


def assert_refused(response: HttpResponse, field: str, message: str) -> str:
    """The page says `message` in a summary that leads to the field, and at the field; nothing is stored."""
    page = html.unescape(response.text)
    assert response.status_code == 422
    assert "<title>Error: " in page
    assert re.search(rf'<a href="#id_{field}">{re.escape(message)}</a>', page), "not in the summary"
    assert re.search(rf'id="id_{field}-error".*?{re.escape(message)}', page, re.DOTALL), "not at the field"
    assert re.search(rf'aria-describedby="[^"]*\bid_{field}-error\b', page)
    assert not Comment.objects.exists() and not Delivery.objects.exists()
    return page


@pytest.mark.django_db(transaction=True)
def test_a_comment_takes_few_statements(client: Client, post: Post, django_assert_num_queries) -> None:
    send_comment(client, post, comment="The first asks what the blog is.")
    form = written(post, email="bob@example.org", comment="This one has words enough to be compared with others.")
    # Which blog, budgets, rules; and what is stored: the comment, its mailbox's two counters, its mail's two rows.
    with django_assert_num_queries(4 if connection.vendor == "postgresql" else 10):  # or one by one in a transaction
        assert client.post(comments_url(post), form).status_code == 302
    assert Delivery.objects.count() == 2


@pytest.mark.parametrize("nothing", ["", " ", "\r\n\t \r\n", "\0\0", "\u200b\u2060\ufeff", "\u202e"])
def test_a_comment_that_shows_nothing_is_refused(client: Client, post: Post, nothing: str) -> None:
    page = assert_refused(send_comment(client, post, comment=nothing), "comment", "Enter your comment")
    assert 'value="Ann"' in page and 'value="ann@example.org"' in page


@pytest.mark.parametrize("nothing", ["", " ", "\u00a0\u3000"])
def test_an_empty_name_is_refused(client: Client, post: Post, nothing: str) -> None:
    page = assert_refused(send_comment(client, post, name=nothing), "name", "Enter your name")
    assert "Well said.</textarea>" in page


@pytest.mark.parametrize("nothing", ["\u200b\u200d", "...", "\u3164\uffa0", "\u115f", "\U000e0041", "\u0301\u0301"])
def test_a_name_that_shows_nothing_is_refused(client: Client, post: Post, nothing: str) -> None:
    assert_refused(send_comment(client, post, name=nothing), "name", "Name must include a letter or a number")


@pytest.mark.parametrize("hidden", ["Ann\u202enimdA", "\u2066Ann", "Ann\u200f", "A\u061cnn"])
def test_a_name_that_hides_something_is_refused(client: Client, post: Post, hidden: str) -> None:
    assert_refused(send_comment(client, post, name=hidden), "name", "Name must not include hidden characters")


@pytest.mark.parametrize("broken", ["Ann\r\nBcc: all@example.org", "Ann\nx", "Ann\0", "Ann\x1b[2J", "Ann\u2028x"])
def test_a_name_on_two_lines_is_refused(client: Client, post: Post, broken: str) -> None:
    message = "Name must be on one line, without control characters"
    assert_refused(send_comment(client, post, name=broken), "name", message)


def test_a_name_that_grows_when_it_is_cleaned_is_refused(client: Client, post: Post) -> None:
    grows = "\ufb2c" * 100  # NFC makes three of each
    assert_refused(send_comment(client, post, name=grows), "name", "Name must be 100 characters or less")


def test_an_empty_address_is_refused(client: Client, post: Post) -> None:
    assert_refused(send_comment(client, post, email=""), "email", "Enter your email address")


@pytest.mark.parametrize(
    "address",
    [
        "ann",
        "ann@",
        "@example.org",
        "ann@example",
        "ann@@example.org",
        "ann@example.org, eve@example.org",
        "ann@example.org\r\nBcc: eve@example.org",
        "Ann <ann@example.org>",
        "ann@example..org",
        "ann@exa mple.org",
        "ann@[127.0.0.1]",
        "ann\u202e@example.org",
        "ann@example.org\0",
        "ann\0@example.org",
        "ann@" + "a" * 70 + ".org",
        "a" * 300 + "@example.org",
    ],
)
def test_an_address_that_cannot_be_one_is_refused(client: Client, post: Post, address: str) -> None:
    message = "Enter an email address in the correct format, like name@example.com"
    assert_refused(send_comment(client, post, email=address), "email", message)


def test_every_error_is_told_at_once(client: Client, post: Post) -> None:
    page = html.unescape(client.post(comments_url(post), written(post, comment="", name="", email="")).text)
    assert re.findall(r'<a href="#id_(\w+)">Enter', page) == ["comment", "name", "email"]


def test_a_megabyte_is_refused_and_kept(client: Client, post: Post) -> None:
    response = send_comment(client, post, comment="a" * 1_000_000, name="Ann O’Neil")
    page = assert_refused(response, "comment", "Comment must be 5000 characters or less")
    assert "a" * 1_000_000 in page and "Ann O’Neil" in page


def test_more_than_we_read_is_refused(client: Client, post: Post) -> None:
    response = send_comment(client, post, comment="a" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1))
    assert response.status_code == 400
    assert not Comment.objects.exists()


@pytest.mark.parametrize("field", ["comment", "name", "email", "parent", "notice", "homepage"])
def test_a_megabyte_in_any_field_is_no_failure_of_ours(client: Client, post: Post, field: str) -> None:
    assert send_comment(client, post, **{field: "9" * 1_000_000}).status_code == 422
    assert not Comment.objects.exists()


@pytest.mark.parametrize("field", ["name", "email", "parent", "notice", "homepage"])
def test_nul_in_any_field_is_no_failure_of_ours(client: Client, post: Post, field: str) -> None:
    assert send_comment(client, post, **{field: "\0"}).status_code == 422
    assert not Comment.objects.exists()


@pytest.mark.parametrize("field", ["comment", "name", "email", "parent", "notice", "homepage"])
def test_lone_surrogates_and_broken_utf8_are_no_failure_of_ours(client: Client, post: Post, field: str) -> None:
    for broken in ["%ED%A0%80", "%FF%FE", "%F4%90%80%80"]:
        fields = [f"{name}={broken if name == field else value}" for name, value in written(post).items()]
        body = "&".join(fields).replace("@", "%40")
        response = client.post(comments_url(post), body, content_type="application/x-www-form-urlencoded")
        assert response.status_code in {302, 422}


PART = b'--x\r\nContent-Disposition: form-data; name="comment"%s\r\n\r\n\xff+ADw-\r\n--x--\r\n'


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data; boundary=x; charset=hex", PART % b""),
        ("multipart/form-data; boundary=x; charset=idna", PART % b""),
        ("multipart/form-data; boundary=x", PART % b"\r\nContent-Transfer-Encoding: base64"),
        ("multipart/form-data; boundary=x", PART % b'; filename="a.html"'),
        ("multipart/form-data", PART % b""),
        ("application/x-www-form-urlencoded; charset=utf-16", b"comment=x"),
        ("application/x-www-form-urlencoded", b"%&==&comment=%zz;name"),
        ("application/x-www-form-urlencoded", b"&".join(b"a%d=1" % number for number in range(300))),
        ("application/json", b'{"comment": "x"}'),
        ("text/plain", b"comment=x"),
        ("", b"comment=x"),
    ],
)
def test_a_form_in_no_shape_of_ours_is_no_failure_of_ours(client: Client, post: Post, kind: str, body: bytes) -> None:
    assert client.generic("POST", comments_url(post), body, content_type=kind).status_code in {400, 422}
    assert not Comment.objects.exists()


def test_control_characters_and_overrides_leave_the_text(client: Client, post: Post) -> None:
    send_comment(client, post, comment="one\0\x0btwo\u202e and\u2028three\r\nfour\x07")
    assert Comment.objects.get().text == "one\ntwo and\nthree\nfour"


def test_a_name_keeps_its_own_letters(client: Client, post: Post) -> None:
    for name in ["Zoë", "محمد", "李小龍", "O’Brien-Łoś", "R2", "क्\u200dष"]:
        assert send_comment(client, post, name=name).status_code == 302
    assert Comment.objects.count() == 6


@pytest.mark.parametrize("closed", ["post", "blog"])
def test_a_closed_post_takes_no_comment(client: Client, post: Post, closed: str) -> None:
    row = post if closed == "post" else post.blog
    row.comments_open = False
    row.save()
    response = send_comment(client, post)
    assert response.status_code == 409
    assert "closed" in response.text and "Well said.</textarea>" in response.text
    assert not Comment.objects.exists()


@pytest.mark.parametrize("state", ["draft", "withdrawn"])
def test_a_post_that_is_not_public_takes_no_comment(client: Client, blog: Blog, state: str) -> None:
    assert send_comment(client, make_post(blog, state=state)).status_code == 404
    assert not Comment.objects.exists()


def no_parent(post: Post, kind: str) -> str:
    """An id that `post` has no public comment with."""
    if kind == "other post's":
        return str(make_comment(make_post(post.blog, title="Another"), "approved").pk)
    if kind in Comment.State.values:
        return str(make_comment(post, kind).pk)
    return kind


@pytest.mark.parametrize(
    "kind",
    ["other post's", "unconfirmed", "pending", "rejected", "spam", "withdrawn", "999", "-1", "1.5", "x", "٣", "9" * 30],
)
def test_a_parent_that_nobody_can_read_is_refused_once(client: Client, post: Post, kind: str) -> None:
    parent = no_parent(post, kind)
    response = send_comment(client, post, parent=parent, comment="I agree.")
    assert response.status_code == 422
    assert "The comment that you are replying to is no longer here" in response.text
    assert "I agree.</textarea>" in response.text
    assert not Comment.objects.filter(text="I agree.").exists()
    assert send_again(client, post, response).status_code == 302
    assert Comment.objects.get(text="I agree.").parent is None


def test_a_reply_knows_its_parent_and_its_errors_stay_on_its_page(client: Client, post: Post) -> None:
    parent = make_comment(post, "approved", name="Priya")
    response = send_comment(client, post, parent=str(parent.pk), name="")
    assert response.status_code == 422 and "Leave a reply to <bdi>Priya</bdi>" in response.text
    assert "<title>Error: " in response.text
    send_comment(client, post, parent=str(parent.pk), email="bob@example.org")
    assert Comment.objects.get(address="bob@example.org").parent == parent


def test_a_machine_that_fills_in_every_field_is_refused(client: Client, post: Post) -> None:
    response = send_comment(client, post, homepage="https://spam.example")
    assert response.status_code == 422 and not Comment.objects.exists()
    assert "Check your comment, then submit it again" in response.text and "Well said." in response.text
    assert send_again(client, post, response).status_code == 302, "a person whose browser filled it in sends again"


def test_a_new_privacy_notice_is_shown_once_and_the_text_kept(client: Client, post: Post) -> None:
    seen = written(post, comment="Line one\r\n<b>line two</b>")
    new = make_notice(post.blog, "We keep it for a year.")
    response = client.post(comments_url(post), seen)
    assert response.status_code == 422 and not Comment.objects.exists()
    assert "Our privacy notice has changed" in response.text and f"(version {new.version})" in response.text
    assert send_again(client, post, response).status_code == 302
    stored = Comment.objects.get()
    assert stored.notice == new and stored.text == "Line one\n<b>line two</b>"


@pytest.mark.parametrize("notice", ["", "0", "-1", "x", "9" * 30, "²"])
def test_a_notice_that_nobody_was_shown_is_refused(client: Client, post: Post, notice: str) -> None:
    assert send_comment(client, post, notice=notice).status_code == 422
    assert not Comment.objects.exists()


def test_the_notice_of_another_blog_does_not_count(client: Client, post: Post) -> None:
    other = Blog.objects.create(name="Other", address="http://other.example", from_email="o@example.org")
    assert send_comment(client, post, notice=str(make_notice(other).pk)).status_code == 422


def test_what_was_typed_comes_back_as_text(client: Client, post: Post) -> None:
    typed = "\n first line</textarea><script>alert(1)</script>"
    response = send_comment(client, post, comment=typed, name='"><img src=x onerror=alert(1)>', email="'><b>")
    assert "<script>alert" not in response.text and "<img src=x" not in response.text and "<b>" not in response.text
    assert Fields(response.text).values["comment"] == typed


def test_a_stranger_cannot_set_what_the_form_does_not_ask(client: Client, post: Post) -> None:
    sneaky = {"state": "approved", "version": "9", "id": "77", "html": "<b>", "post": "0", "submitted_at": "2001-01-01"}
    send_comment(client, post, **sneaky)
    stored = Comment.objects.get()
    assert (stored.state, stored.version, stored.html) == ("unconfirmed", 1, '<p dir="auto">Well said.</p>')
    assert stored.post == post and stored.pk != 77 and stored.submitted_at.year > 2001


def test_a_comment_knows_which_notice_its_author_saw_and_when(client: Client, post: Post, notice) -> None:
    send_comment(client, post)
    stored = Comment.objects.get()
    assert stored.notice == notice and stored.submitted_at


def test_the_confirmation_holds_nothing_that_the_sender_wrote(client: Client, post: Post, send_mail) -> None:
    send_comment(client, post, comment="BUY PILLS https://pills.example", name="Cheap Pills")
    (mail,) = send_mail()
    whole = mail.message().as_string().lower()
    assert "pills" not in whole and mail.to == ["ann@example.org"] and not mail.cc and not mail.bcc
    assert mail.subject == "Confirm your comment on Digital blog"


def test_the_same_words_again_are_one_comment_and_one_mail(client: Client, post: Post) -> None:
    first, second = send_comment(client, post), send_comment(client, post)
    assert first.url == second.url or client.get(first.url).text == client.get(second.url).text
    assert Comment.objects.count() == Delivery.objects.count() == 1


def test_the_same_words_two_minutes_later_are_mailed_again(client: Client, post: Post, time_machine, send_mail) -> None:
    send_comment(client, post)
    assert len(send_mail()) == 1
    time_machine.move_to(timezone.now() + datetime.timedelta(seconds=121))
    send_comment(client, post)
    assert Comment.objects.count() == 1 and len(send_mail()) == 2


def test_two_people_at_one_address_are_two(client: Client, post: Post) -> None:
    send_comment(client, post)
    send_comment(client, post, name="Bob")
    assert Comment.objects.count() == 2


def test_an_address_is_stored_as_it_was_typed(client: Client, post: Post) -> None:
    send_comment(client, post, email=" Ann.B+blog@EXAMPLE.org ")
    assert Comment.objects.get().address == "Ann.B+blog@example.org"


def test_a_get_leads_to_the_comments(client: Client, post: Post) -> None:
    response = client.get(comments_url(post))
    assert response.status_code == 302 and response.url == f"{post.get_absolute_url()}#comments"


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_methods_are_refused(client: Client, post: Post, method: str) -> None:
    assert getattr(client, method)(comments_url(post)).status_code == 405


def test_nothing_is_mailed_for_what_is_refused(client: Client, post: Post, send_mail) -> None:
    send_comment(client, post, name="")
    assert send_mail() == django_mail.outbox == []
