"""Idempotency-Key: a request that is sent again is done once, and answered alike."""

import datetime
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from blog.models import Blog, Post, PrivacyNotice
from mail.models import Delivery
from moderation.models import Comment, DoneRequest
from moderation.tasks import forget
from postbag import tokens
from tests.at_once import at_once
from tests.database import where_in_database
from tests.factories import make_comment, make_post

pytestmark = pytest.mark.django_db
KEY = "8e03978e-40d5-43dd-bc93-6894a57f9324"


@pytest.fixture
def ann(post: Post, notice: PrivacyNotice) -> dict[str, Any]:
    """What Ann sends."""
    return {"comment": "Well said.", "name": "Ann", "email": "ann@example.org", "notice": notice.pk}


def submit(client: Client, post: Post, body: Any, key: str = KEY) -> HttpResponse:
    url, headers = f"/api/v1/posts/{post.pk}/comments/", {"Idempotency-Key": key}
    return client.post(url, body, content_type="application/json", headers=headers)


def test_sent_again_it_is_one_comment_and_the_same_answer(client: Client, post: Post, ann: dict) -> None:
    first, second = submit(client, post, ann), submit(client, post, ann)
    assert first.status_code == second.status_code == 202 and first.content == second.content
    assert Comment.objects.count() == Delivery.objects.count() == 1


def test_sent_again_it_costs_nothing_of_a_budget(client: Client, post: Post, ann: dict, settings) -> None:
    settings.MAIL_PER_NETWORK = (1, 1)
    assert [submit(client, post, ann).status_code for _ in range(3)] == [202] * 3
    assert submit(client, post, ann, key="another").status_code == 429


def test_sent_again_after_the_comment_was_confirmed_it_makes_no_other(client: Client, post: Post, ann: dict) -> None:
    first = submit(client, post, ann)
    Comment.objects.get().confirm()
    assert submit(client, post, ann).content == first.content
    assert Comment.objects.count() == 1


def test_the_same_key_with_another_body_is_422(client: Client, post: Post, ann: dict) -> None:
    submit(client, post, ann)
    answer = submit(client, post, {**ann, "comment": "Other words."})
    assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")
    assert "used for another request" in answer.json()["detail"] and Comment.objects.count() == 1


def test_while_the_first_is_under_way_the_second_is_409(client: Client, post: Post, ann: dict) -> None:
    submit(client, post, ann)
    DoneRequest.objects.update(about=None)
    assert submit(client, post, ann).status_code == 409
    DoneRequest.objects.update(created_at=timezone.now() - datetime.timedelta(seconds=61))
    assert submit(client, post, ann).status_code == 202, "who began it has died"


def test_what_was_refused_can_be_sent_again(client: Client, post: Post, ann: dict) -> None:
    assert submit(client, post, {**ann, "comment": ""}).status_code == 422
    assert not DoneRequest.objects.exists()
    assert submit(client, post, ann).status_code == 202


def test_another_key_another_post_and_no_key_are_other_requests(client: Client, post: Post, ann: dict) -> None:
    other = make_post(post.blog, title="Another")
    tokens = {submit(client, post, ann).json()["sent"], submit(client, other, ann).json()["sent"]}
    assert len(tokens) == 2 and DoneRequest.objects.count() == 2
    client.post(f"/api/v1/posts/{post.pk}/comments/", ann, content_type="application/json")
    assert DoneRequest.objects.count() == 2


def test_a_key_may_stand_in_quotes(client: Client, post: Post, ann: dict) -> None:
    assert submit(client, post, ann).content == submit(client, post, ann, key=f'"{KEY}"').content
    assert DoneRequest.objects.count() == 1


@pytest.mark.parametrize("key", ["", " ", '""', "x" * 256, "a b", "é", "a\x7f"])
def test_a_malformed_key_is_400(client: Client, post: Post, ann: dict, key: str) -> None:
    assert submit(client, post, ann, key=key).status_code == 400
    assert not Comment.objects.exists() and not DoneRequest.objects.exists()


def test_it_is_kept_for_a_day_and_the_clock_deletes_it(client: Client, post: Post, ann: dict, time_machine) -> None:
    begun = timezone.now()
    submit(client, post, ann)
    time_machine.move_to(begun + datetime.timedelta(hours=23, minutes=59))
    forget()
    assert DoneRequest.objects.exists()
    time_machine.move_to(begun + datetime.timedelta(hours=24, seconds=1))
    assert submit(client, post, {**ann, "comment": "Other words."}).status_code == 202
    time_machine.move_to(begun + datetime.timedelta(hours=49))
    forget()
    assert not DoneRequest.objects.exists()


def test_neither_key_nor_body_are_stored(client: Client, post: Post, ann: dict) -> None:
    submit(client, post, ann)
    assert not where_in_database(KEY) and "moderation_donerequest" not in where_in_database("ann@example.org")


def test_a_withdrawal_and_a_confirmation_keep_it_too(client: Client, post: Post) -> None:
    comment = make_comment(post)
    url = f"/api/v1/comments/status/{tokens.make('comment-status', comment.pk)}/withdrawal/"
    answers = [client.post(url, headers={"Idempotency-Key": KEY}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert DoneRequest.objects.get().about == comment.pk


@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_are_one_comment(blog: Blog) -> None:
    post = make_post(blog)
    ann = {"comment": "Well said.", "name": "Ann", "email": "ann@example.org", "notice": blog.notices.first().pk}
    answers = at_once([lambda: submit(Client(), post, ann)] * 20)
    assert {answer.status_code for answer in answers} <= {202, 409}
    assert len({answer.content for answer in answers if answer.status_code == 202}) == 1
    assert Comment.objects.count() == Delivery.objects.count() == DoneRequest.objects.count() == 1
