"""A report at the same moment as another one, or as a decision."""

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client

from blog.models import Blog, Post
from moderation.models import Comment, Decision
from moderation.reports import Report
from tests.factories import make_comment
from tests.moderation.writer import now
from tests.overtaking import overtake

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


@pytest.fixture
def comment(post: Post) -> Comment:
    """On a blog that hides what two unknown readers have reported."""
    Blog.objects.update(hide_reported_at=100)
    return make_comment(Post.objects.get(), "approved")


def report(comment: Comment, network: int) -> HttpResponse:
    data = {"kind": "abuse", "words": "Rude", "homepage": ""}
    return Client().post(f"/comments/{comment.pk}/report/", data, REMOTE_ADDR=f"192.0.{network}.1")


def test_the_second_of_two_at_once_weighs_the_first(comment: Comment) -> None:
    overtake(lambda: report(comment, 1), lambda: report(comment, 2))
    assert now(comment).state == "pending" and Report.objects.open().count() == 2


@pytest.mark.parametrize("taken_off", ["spam", "withdrawn"])
def test_one_after_it_has_left_the_page_is_not_open_for_ever(comment: Comment, mo: User, taken_off: str) -> None:
    refuse = {"by": mo, "version": comment.version}
    acts = {"spam": lambda: comment.decide(Decision.Outcome.SPAM, **refuse), "withdrawn": comment.withdraw}
    overtake(lambda: report(comment, 1), acts[taken_off])
    assert not Report.objects.open().exists()
