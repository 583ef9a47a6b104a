"""/desk/proposed/: what takes two people, and was proposed by one of them."""

import datetime

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from blog.models import Blog, Post
from moderation.models import Comment, Proposal
from tests.factories import make_blog, make_comment, make_moderator, make_notice, make_post, make_reason
from tests.moderation.test_own_post import act, signed_in
from tests.moderation.writer import now

pytestmark = pytest.mark.django_db
URL = "/desk/proposed/"


@pytest.fixture
def mia(blog: Blog) -> Client:
    """Who agrees."""
    return signed_in(blog, "mia", "moderator")


def propose(desk: Client, blog: Blog, comment: Comment) -> None:
    reason = make_reason(blog, title=f"Rule {comment.pk}", needs_second=True)
    act(desk, comment, "desk-decision", outcome="rejected", reason=reason.pk)
    assert Proposal.objects.get(comment=comment).stands


@pytest.mark.parametrize("state", ["pending", "approved"])
def test_a_proposal_stands_there_until_somebody_agrees(
    desk: Client, mia: Client, blog: Blog, post: Post, state: str
) -> None:
    comment = make_comment(post, state, name="Nan", text="A rude word")
    propose(desk, blog, comment)
    page = mia.get(URL).text
    assert "For a second person (1)" in page and "A rude word" in page and "proposed by mo" in page
    assert f'{reverse("desk-comment", args=[comment.pk])}#proposal-title"' in page
    assert 'name="pick"' not in page, "there is nothing to do with ticked ones"
    act(mia, comment, "desk-proposal", act="confirm")
    assert now(comment).state == "rejected" and "For a second person (0)" in mia.get(URL).text


def test_whatever_happens_to_the_comment_takes_it_off(desk: Client, mia: Client, blog: Blog, post: Post) -> None:
    dropped, withdrawn, decided = (make_comment(post, name=name) for name in ["Dee", "Wil", "Abe"])
    for comment in [dropped, withdrawn, decided]:
        propose(desk, blog, comment)
    act(mia, dropped, "desk-proposal", act="drop")
    now(withdrawn).withdraw()
    act(mia, decided, "desk-decision", outcome="approved")
    assert "Nothing awaits a second person." in mia.get(URL).text


def test_what_the_leads_decide_is_on_their_list_alone(desk: Client, blog: Blog, post: Post) -> None:
    threat = make_comment(post, text="A threat", escalated_at=timezone.now())
    lead = signed_in(blog, "lena", "lead")
    propose(lead, blog, threat)
    assert "A threat" not in desk.get(URL).text + lead.get(URL).text
    assert "A threat" in lead.get("/desk/escalated/").text


def test_what_was_proposed_first_comes_first(desk: Client, blog: Blog, post: Post) -> None:
    old, new, again = (make_comment(post, "approved", name=name) for name in ["Old", "New", "Again"])
    for comment in [again, old, new]:
        propose(desk, blog, comment)
    an_hour_ago = timezone.now() - datetime.timedelta(hours=1)
    Proposal.objects.exclude(comment=new).update(made_at=an_hour_ago)
    act(desk, again, "desk-proposal", act="drop")
    propose(desk, blog, again)
    page = desk.get(URL).text
    assert page.index(">Old<") < page.index(">New<") < page.index(">Again<")


def test_others_blogs_are_not_on_it(desk: Client, blog: Blog) -> None:
    other_blog = make_blog(name="Other", address="http://other.example")
    theirs = make_comment(make_post(other_blog), notice=make_notice(other_blog), text="Not for Mo")
    other = make_moderator(other_blog, "olu")
    Proposal.objects.create(comment=theirs, version=1, outcome="rejected", moderator=other)
    assert "Not for Mo" not in desk.get(URL).text
