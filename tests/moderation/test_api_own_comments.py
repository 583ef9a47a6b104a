"""/api/v1/comments/…: what an author's program does: confirm a comment by code, see where it stands, withdraw it."""

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from blog.models import Blog, Post, PrivacyNotice
from mail.models import Delivery
from moderation.models import Comment
from postbag import tokens
from tests.database import whole_database
from tests.factories import make_blog, make_comment, make_notice, make_post, make_reason
from tests.moderation.reader import code_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann(post: Post, notice: PrivacyNotice) -> dict[str, Any]:
    """What Ann sends."""
    return {"comment": "Well said.", "name": "Ann", "email": "ann@example.org", "notice": notice.pk}


def post_json(client: Client, path: str, body: Any = None, **headers: str) -> HttpResponse:
    return client.post(f"/api/v1/{path}", body, content_type="application/json", headers=headers)


def submit(client: Client, post: Post, ann: dict[str, Any], **headers: str) -> HttpResponse:
    return post_json(client, f"posts/{post.pk}/comments/", ann, **headers)


def confirm(client: Client, sent: str, code: str, **headers: str) -> HttpResponse:
    return post_json(client, f"comments/sent/{sent}/confirmation/", {"code": code}, **headers)


def assert_secret(answer: HttpResponse) -> None:
    assert answer["Cache-Control"] == "no-store, private" and answer["Referrer-Policy"] == "no-referrer"
    assert not answer.cookies


def test_from_the_first_word_to_the_last(client: Client, post: Post, ann: dict, send_mail) -> None:
    sent = submit(client, post, ann).json()["sent"]
    confirmed = confirm(client, sent, code_in(send_mail()[0]))
    assert (confirmed.status_code, confirmed.json()["state"]) == (200, "pending")
    assert_secret(confirmed)
    status = confirmed.json()["status"]
    seen = client.get(f"/api/v1/comments/status/{status}/")
    assert_secret(seen)
    assert seen.json() == confirmed.json()
    withdrawn = post_json(client, f"comments/status/{status}/withdrawal/")
    assert (withdrawn.status_code, withdrawn.json()["state"]) == (200, "withdrawn")
    assert_secret(withdrawn)
    assert Comment.objects.get().state == "withdrawn"


def test_to_withdraw_twice_is_to_do_it_once(client: Client, post: Post) -> None:
    url = f"comments/status/{tokens.make('comment-status', make_comment(post).pk)}/withdrawal/"
    first = post_json(client, url).json()
    before = whole_database()
    assert post_json(client, url).json() == first and whole_database() == before


def test_a_published_comment_has_its_page_and_a_refused_one_its_rule(client: Client, post: Post, mo) -> None:
    comment, reason = make_comment(post), make_reason(post.blog, title="Stay on topic")
    url = f"/api/v1/comments/status/{tokens.make('comment-status', comment.pk)}/"
    comment.decide("approved", by=mo, version=1)
    assert client.get(url).json()["url"] == f"http://testserver{comment.get_absolute_url()}"
    comment.decide("rejected", by=mo, version=2, reason=reason, note="Not here.")
    standing = client.get(url).json()
    assert (standing["state"], standing["url"]) == ("rejected", None)
    assert standing["refusal"]["reason"] == "Stay on topic" and standing["refusal"]["note"] == "Not here."


def test_spam_reads_as_a_refusal(client: Client, post: Post) -> None:
    url = f"/api/v1/comments/status/{tokens.make('comment-status', make_comment(post, 'spam').pk)}/"
    assert client.get(url).json()["state"] == "rejected" and "spam" not in client.get(url).text


def test_the_answer_to_a_submission_is_the_same_for_known_words(client: Client, post: Post, ann, send_mail) -> None:
    confirm(client, submit(client, post, ann).json()["sent"], code_in(send_mail()[0]))
    Comment.objects.update(state="approved")
    answers = [submit(client, post, {**ann, "email": f"{name}@example.org"}) for name in ["ann", "bob"]]
    assert len({(answer.status_code, answer.json()["detail"], len(answer.json()["sent"])) for answer in answers}) == 1
    tries = [confirm(client, answer.json()["sent"], "000000") for answer in answers]
    assert len({(answer.status_code, answer.text) for answer in tries}) == 1


@pytest.mark.parametrize("code", ["12345", "", "abcdef", "1234567"])
def test_what_is_no_code_is_said_at_its_field(client: Client, post: Post, ann: dict, code: str) -> None:
    sent = submit(client, post, ann).json()["sent"]
    answer = confirm(client, sent, code)
    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["code"])
    assert Comment.objects.get().code_tries == 0


def test_a_wrong_code_counts(client: Client, post: Post, ann: dict, send_mail) -> None:
    sent = submit(client, post, ann).json()["sent"]
    right = code_in(send_mail()[0])
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"
    assert {confirm(client, sent, wrong).status_code for _ in range(5)} == {422}
    assert confirm(client, sent, right).status_code == 422
    assert Comment.objects.get().state == "unconfirmed"


def test_a_used_up_budget_says_when_to_come_back(client: Client, post: Post, ann: dict, settings) -> None:
    settings.CODES_PER_NETWORK = 0
    answer = confirm(client, submit(client, post, ann).json()["sent"], "000000")
    assert (answer.status_code, answer["Content-Type"]) == (429, "application/problem+json")
    assert 1 <= int(answer["Retry-After"]) <= 3601
    assert answer["RateLimit-Policy"] == '"network-3600s";q=0;w=3600'
    assert answer["RateLimit"] == f'"network-3600s";r=0;t={answer["Retry-After"]}'


def test_a_submission_beyond_the_budget_says_so_too(client: Client, post: Post, ann: dict, settings) -> None:
    settings.MAIL_PER_NETWORK = (0, 9)
    answer = submit(client, post, ann)
    assert answer.status_code == 429 and answer["RateLimit-Policy"] == '"network-3600s";q=0;w=3600'
    assert int(answer["Retry-After"]) > 0


@pytest.mark.parametrize(("keep", "status", "left"), [(True, 200, 1), (False, 409, 0)])
def test_comments_that_closed_meanwhile_end_it_as_the_blog_wants(
    client: Client, post: Post, ann: dict, send_mail, keep: bool, status: int, left: int
) -> None:
    sent = submit(client, post, ann).json()["sent"]
    Post.objects.update(comments_open=False)
    Blog.objects.update(keep_unconfirmed=keep)
    assert confirm(client, sent, "000000").status_code == 422 and Comment.objects.count() == 1
    answer = confirm(client, sent, code_in(send_mail()[0]))
    assert answer.status_code == status and Comment.objects.count() == left
    assert keep or answer.json()["code"] == "comments-closed"


def test_the_same_key_after_what_it_confirmed_was_erased_is_404(client: Client, post: Post, ann, send_mail) -> None:
    confirm(client, submit(client, post, ann).json()["sent"], code_in(send_mail()[0]))
    sent, again = submit(client, post, ann).json()["sent"], {"Idempotency-Key": "k"}
    code = code_in(send_mail()[-1])
    assert confirm(client, sent, code, **again).status_code == 200
    Comment.objects.filter(state="pending").delete()
    assert confirm(client, sent, code, **again).status_code == 404


def test_too_many_confirmations_are_put_off(client: Client, post: Post, ann: dict, send_mail, settings) -> None:
    settings.CONFIRMATIONS = (0, 9)
    answer = confirm(client, submit(client, post, ann).json()["sent"], code_in(send_mail()[0]))
    assert answer.status_code == 429 and answer["RateLimit-Policy"] == '"mailbox-3600s";q=0;w=3600'
    assert Comment.objects.get().state == "unconfirmed"


@pytest.mark.parametrize("path", ["sent/{}/confirmation/", "status/{}/", "status/{}/withdrawal/"])
def test_tokens_of_another_kind_or_blog_are_404(client: Client, post: Post, path: str) -> None:
    purpose = "comment-sent" if "sent" in path else "comment-status"
    other = make_blog(address="http://other.example")
    make_notice(other)
    elsewhere, here = make_comment(make_post(other)), make_comment(post, "unconfirmed")
    before = whole_database()
    for token in [
        tokens.make("comment-confirm", here.pk),
        tokens.make(purpose, elsewhere.pk),
        tokens.make(purpose, 10**9),
        "a" * 40,
    ]:
        url = path.format(token)
        answer = post_json(client, f"comments/{url}", {"code": "000000"})
        if answer.status_code == 405:
            answer = client.get(f"/api/v1/comments/{url}")
        assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
    assert whole_database() == before


def test_a_get_confirms_and_withdraws_nothing(client: Client, post: Post) -> None:
    comment = make_comment(post, "unconfirmed")
    before = whole_database()
    for path in [
        f"sent/{tokens.make('comment-sent', comment.pk)}/confirmation/",
        f"status/{tokens.make('comment-status', comment.pk)}/withdrawal/",
    ]:
        assert client.get(f"/api/v1/comments/{path}").status_code == 405
        assert client.head(f"/api/v1/comments/{path}").status_code == 405
    assert whole_database() == before


def test_nothing_of_the_address_is_shown(client: Client, post: Post) -> None:
    comment = make_comment(post)
    page = client.get(f"/api/v1/comments/status/{tokens.make('comment-status', comment.pk)}/").text
    assert "ann@" not in page and comment.mailbox not in page


def test_the_page_of_the_mails_links_and_the_api_know_the_same_tokens(client: Client, post: Post, ann: dict) -> None:
    sent = submit(client, post, ann).json()["sent"]
    assert "ann@example.org" in client.get(f"/comments/sent/{sent}/").text
    assert Delivery.objects.count() == 1
