"""Who is about to decide what."""

import datetime

import pytest
import time_machine
from django.contrib.auth.models import User
from django.utils import timezone

from blog.models import Blog, Post
from moderation import claims
from moderation.audit import Event
from moderation.models import Comment, Decision
from tests.factories import make_comment, make_moderator

pytestmark = pytest.mark.django_db


@pytest.fixture
def comment(post: Post) -> Comment:
    return make_comment(post)


def test_one_has_it_and_the_others_see_who(comment: Comment, mo: User, blog: Blog) -> None:
    mia = make_moderator(blog, "mia")
    assert claims.claim(comment, mo) and claims.holder(comment) == mo
    assert not claims.claim(comment, mia) and claims.holder(comment) == mo
    assert [str(event.kind) for event in Event.objects.all()] == ["claimed"]


def test_it_ends_by_itself_after_ten_minutes(comment: Comment, mo: User, blog: Blog) -> None:
    claims.claim(comment, mo)
    with time_machine.travel(timezone.now() + datetime.timedelta(minutes=11)):
        assert claims.holder(comment) is None
        assert claims.claim(comment, make_moderator(blog, "mia"))


def test_who_has_it_gives_it_back(comment: Comment, mo: User, blog: Blog) -> None:
    claims.claim(comment, mo)
    assert not claims.release(comment, make_moderator(blog, "mia"))
    assert claims.release(comment, mo) and claims.holder(comment) is None


def test_a_decision_frees_it(comment: Comment, mo: User) -> None:
    claims.claim(comment, mo)
    comment.decide(Decision.Outcome.APPROVED, by=mo, version=comment.version)
    assert claims.holder(comment) is None and not claims.claim(comment, mo)


@pytest.mark.parametrize(("rule", "without"), [("off", True), ("optional", True), ("required", False)])
def test_a_blog_says_whether_it_takes_one_to_decide(comment: Comment, mo: User, rule: str, without: bool) -> None:
    comment.post.blog.claims = rule
    assert claims.may_decide(comment, mo) is without
    claims.claim(comment, mo)
    assert claims.may_decide(comment, mo)
