"""Whoever had a part in a refusal neither answers the appeal, nor undoes the answer, nor goes round it."""

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from blog.models import Blog, Post
from moderation.models import Comment, Moderator
from moderation.reports import Report
from tests.factories import make_author, make_moderator, make_reason
from tests.moderation.writer import make_refused, now, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def priya(blog: Blog) -> Client:
    """The browser of who refused."""
    return signed_in(make_moderator(blog, "priya"))


@pytest.fixture
def ann(client: Client, post: Post, priya: Client) -> Comment:
    """Ann's comment, which Priya refused; Ann appealed."""
    comment = make_refused(post, User.objects.get(username="priya"))
    send(client, comment, "appeal", words="It is on topic.")
    return now(comment)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def act(desk: Client, comment: Comment, where: str, outcome: str, **more: object) -> HttpResponse:
    url = reverse(where, args=[comment.pk])
    return desk.post(url, {"outcome": outcome, "version": now(comment).version, "note": "So.", **more})


@pytest.mark.parametrize("outcome", ["approved", "upheld"])
def test_whoever_refused_does_not_take_back_the_answer(desk: Client, priya: Client, ann: Comment, outcome: str) -> None:
    act(desk, ann, "desk-appeal", outcome)
    stands, asked = now(ann).state, now(ann).appeal.state
    refused = act(priya, ann, "desk-appeal", "reopened")
    assert refused.status_code == 403 and "You had a part in this refusal" in refused.text
    assert (now(ann).state, now(ann).appeal.state) == (stands, asked)
    assert act(signed_in(make_moderator(ann.post.blog, "mia")), ann, "desk-appeal", "reopened").status_code == 302


def test_nor_does_an_author_about_their_own_post(desk: Client, blog: Blog, ann: Comment) -> None:
    author, paula = make_author(blog), make_moderator(blog, "paula")
    Moderator.objects.filter(user=paula).update(duty="author", author=author)
    ann.post.authors.add(author)
    act(desk, ann, "desk-appeal", "approved")
    assert act(signed_in(paula), ann, "desk-appeal", "reopened").status_code == 403
    assert now(ann).state == "approved"


def test_nor_does_one_of_several_who_refused_answer(
    client: Client, desk: Client, priya: Client, mo: User, post: Post
) -> None:
    comment = make_refused(post, User.objects.get(username="priya"))
    act(desk, comment, "desk-decision", "spam")
    make_moderator(post.blog, "mia")
    send(client, comment, "appeal", words="It is on topic.")
    for person in [priya, desk]:
        assert act(person, comment, "desk-appeal", "upheld").status_code == 403


def test_who_refused_before_it_was_approved_may_answer(
    client: Client, desk: Client, priya: Client, ann: Comment
) -> None:
    ann.appeal.delete()
    act(desk, ann, "desk-decision", "approved")
    act(desk, ann, "desk-decision", "spam")
    make_moderator(ann.post.blog, "mia")
    send(client, ann, "appeal", words="It is on topic.")
    assert act(desk, ann, "desk-appeal", "approved").status_code == 403
    assert act(priya, ann, "desk-appeal", "approved").status_code == 302


@pytest.mark.parametrize("outcome", ["approved", "spam", "undone", "change"])
def test_what_awaits_an_answer_is_decided_in_no_other_way(
    desk: Client, priya: Client, ann: Comment, outcome: str
) -> None:
    for person in [priya, desk]:
        refused = act(person, ann, "desk-decision", outcome)
        assert refused.status_code == 409 and "Answer the appeal instead." in refused.text
    assert (now(ann).state, now(ann).version, now(ann).appeal.state) == ("rejected", ann.version, "open")


def test_nor_proposed(desk: Client, ann: Comment) -> None:
    reason = make_reason(ann.post.blog, needs_second=True)
    assert act(desk, ann, "desk-decision", "change", reason=reason.pk).status_code == 409
    assert now(ann).version == ann.version


def test_no_undo_is_offered_while_the_appeal_is_open(desk: Client, ann: Comment) -> None:
    for page in [f"/desk/comments/{ann.pk}/", "/desk/decided/"]:
        assert "Well said." in desk.get(page).text and 'value="undone"' not in desk.get(page).text


def test_a_report_is_right_again_when_the_answer_is_taken_back(desk: Client, ann: Comment) -> None:
    Report.objects.create(comment=ann, reporter="r", kind="spam", weight=50, was_right=True, decided_at=timezone.now())
    act(desk, ann, "desk-appeal", "approved")
    assert Report.objects.get().was_right is False
    act(desk, ann, "desk-appeal", "reopened")
    assert Report.objects.get().was_right is True
