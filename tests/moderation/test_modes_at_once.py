"""A regular confirms at the same moment as something else happens to what makes them one."""

import threading

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from blog.models import Blog, Post
from mail.models import Delivery
from moderation.models import Comment, Decision, Event
from tests.at_once import at_once
from tests.factories import make_comment, make_moderator, make_post
from tests.moderation.links import token_for
from tests.moderation.writer import now

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def post(blog: Blog) -> Post:
    """On a blog where two published comments make a regular, and one refusal of many does not end it by its share."""
    blog.mode, blog.regular_after, blog.regular_refusals = Blog.Mode.AFTER, 2, 100
    blog.save()
    return make_post(blog)


def press(comment: Comment) -> HttpResponse:
    return Client().post(f"/comments/confirm/{token_for('comment-confirm', comment.pk)}/")


def in_turn(first, then) -> None:
    """Run `first`, and `then` while the transaction of `first` is still open for a moment."""
    done = threading.Event()

    def begin() -> None:
        with transaction.atomic():
            first()
            done.set()
            threading.Event().wait(1)

    def follow() -> None:
        assert done.wait(10)
        then()

    at_once([begin, follow])


@pytest.fixture
def old(post: Post) -> list[Comment]:
    """What moderators have published of Ann."""
    return [make_comment(post, "approved", text=f"Number {place}.") for place in range(3)]


@pytest.fixture
def mo(blog: Blog) -> User:
    return make_moderator(blog)


def test_a_refusal_that_is_being_taken_counts(post: Post, old: list[Comment], mo: User) -> None:
    new = make_comment(post, "unconfirmed")
    press(make_comment(post, "unconfirmed", address="bob@example.org"))  # the first press of a process takes longer
    refuse = {"by": mo, "version": old[0].version}
    in_turn(lambda: old[0].decide(Decision.Outcome.SPAM, **refuse), lambda: press(new))
    assert now(new).state == "pending" and now(old[0]).state == "spam"


def test_a_change_of_the_mode_counts(post: Post, old: list[Comment]) -> None:
    new = make_comment(post, "unconfirmed")
    Blog.objects.update(mode="before")
    assert press(new).status_code == 302 and now(new).state == "pending"


def test_many_presses_publish_it_once(post: Post, old: list[Comment]) -> None:
    new = make_comment(post, "unconfirmed")
    answers = at_once([lambda: press(new)] * 8)
    assert {answer.status_code for answer in answers} == {302} and now(new).state == "approved"
    assert Event.objects.count() == Delivery.objects.count() == 1


def test_two_of_one_regular_are_both_published(post: Post, old: list[Comment]) -> None:
    news = [make_comment(post, "unconfirmed", text=f"Quite another thing, {what}.") for what in ["otters", "rain"]]
    at_once([lambda new=new: press(new) for new in news])
    assert [now(new).state for new in news] == ["approved", "approved"]
    assert Event.objects.count() == 2


def test_a_look_and_a_refusal_at_once_of_which_one_wins(post: Post, mo: User, blog: Blog) -> None:
    fresh = make_comment(post, "approved", at_once=True, unseen=True, confirmed_at=timezone.now())
    desks = []
    for number in range(6):
        desk = Client()
        desk.force_login(make_moderator(blog, f"mia{number}"))
        desks.append(desk)
    forms = [{"outcome": outcome, "version": fresh.version} for outcome in ["approved", "spam"] * 3]
    url = f"/desk/comments/{fresh.pk}/decision/"
    answers = at_once(
        [lambda desk=desk, form=form: desk.post(url, form) for desk, form in zip(desks, forms, strict=True)]
    )
    assert sorted(answer.status_code for answer in answers) == [302] + [409] * 5
    assert Decision.objects.count() == 1 and now(fresh).unseen is False
