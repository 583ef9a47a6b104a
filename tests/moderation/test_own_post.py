"""An author takes no comment off their own post alone, by whatever way."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from blog.models import Author, Blog
from moderation import editing
from moderation.models import Comment, Decision, Moderator, Proposal, Revision
from tests.factories import make_author, make_comment, make_moderator, make_post, make_reason
from tests.moderation.writer import now

pytestmark = pytest.mark.django_db


@pytest.fixture
def author(blog: Blog) -> Author:
    return make_author(blog)


@pytest.fixture
def priya(blog: Blog, author: Author) -> Client:
    """The author's browser."""
    return signed_in(blog, "priya", "author", author=author)


@pytest.fixture
def critic(blog: Blog, author: Author) -> Comment:
    """A published comment on the author's post."""
    return make_comment(make_post(blog, [author]), "approved", text="This is a bad plan")


def signed_in(blog: Blog, name: str, duty: str, **fields: object) -> Client:
    client, user = Client(), make_moderator(blog, name)
    Moderator.objects.filter(user=user).update(duty=duty, **fields)
    client.force_login(user)
    return client


def act(desk: Client, comment: Comment, where: str, **sent: object) -> HttpResponse:
    return desk.post(reverse(where, args=[comment.pk]), {"version": now(comment).version, **sent})


def test_to_put_a_published_one_back_takes_two(desk: Client, priya: Client, critic: Comment) -> None:
    act(priya, critic, "desk-decision", outcome="undone")
    assert now(critic).state == "approved" and Proposal.objects.get().outcome == "undone"
    act(desk, critic, "desk-proposal", act="confirm")
    assert now(critic).state == "pending" and Decision.objects.get().outcome == "undone"


def test_to_take_back_a_published_edit_takes_two(desk: Client, priya: Client, critic: Comment) -> None:
    editing.edit(critic, Revision.Way.PUBLISHED, "Harsher words")
    act(desk, critic, "desk-edit", outcome="edited")
    act(priya, critic, "desk-edit", outcome="reopened")
    assert now(critic).text == "Harsher words"
    act(desk, critic, "desk-proposal", act="confirm")
    assert now(critic).text == "This is a bad plan" and editing.waiting(now(critic))


def test_one_that_goes_to_the_leads_stays_published_till_then(blog: Blog, priya: Client, critic: Comment) -> None:
    lead = signed_in(blog, "lena", "lead")
    act(priya, critic, "desk-decision", outcome="escalated")
    assert now(critic).state == "approved" and "This is a bad plan" in lead.get("/desk/escalated/").text
    page = lead.get(f"/desk/comments/{critic.pk}/").text
    assert 'value="cleared"' in page and 'value="spam"' in page and 'value="rejected"' in page
    act(lead, critic, "desk-decision", outcome="cleared")
    assert now(critic).state == "approved" and "This is a bad plan" not in lead.get("/desk/escalated/").text


def test_an_undo_of_that_changes_nothing_for_readers(priya: Client, critic: Comment) -> None:
    act(priya, critic, "desk-decision", outcome="escalated")
    assert act(priya, critic, "desk-decision", outcome="undone").status_code == 302
    assert now(critic).state == "approved" and now(critic).escalated_at is None


@pytest.mark.parametrize("then", ["cleared", "undone"])
def test_its_writer_is_told_of_the_publication_all_the_same(
    blog: Blog, desk: Client, priya: Client, critic: Comment, then: str, send_mail, settings, time_machine
) -> None:
    lead = signed_in(blog, "lena", "lead")
    Comment.objects.update(state="pending", decided_at=None)
    act(desk, critic, "desk-decision", outcome="approved")
    act(priya, critic, "desk-decision", outcome="escalated"), act(lead, critic, "desk-decision", outcome=then)
    time_machine.move_to(timezone.now() + datetime.timedelta(seconds=settings.UNDO_SECONDS + 1))
    assert [mail.subject for mail in send_mail()] == ["Your comment on “A post” is published"]


def test_a_second_author_of_the_post_is_no_second_person(
    blog: Blog, desk: Client, priya: Client, critic: Comment
) -> None:
    ravi = make_author(blog, "Ravi Shah")
    critic.post.authors.add(ravi)
    second = signed_in(blog, "ravi", "author", author=ravi)
    act(priya, critic, "desk-decision", outcome="spam")
    assert 'value="confirm"' not in second.get(f"/desk/comments/{critic.pk}/").text
    refused = act(second, critic, "desk-proposal", act="confirm")
    assert refused.status_code == 403 and "somebody who did not write it" in refused.text
    act(second, critic, "desk-decision", outcome="spam")
    assert now(critic).state == "approved" and Proposal.objects.get().moderator.username == "ravi"
    act(desk, critic, "desk-proposal", act="confirm")
    assert now(critic).state == "spam"


def test_in_its_place_nothing_of_the_earlier_proposal_is_left(blog: Blog, desk: Client, priya: Client, critic) -> None:
    act(desk, critic, "desk-decision", outcome="rejected", reason=make_reason(blog, needs_second=True).pk, note="No.")
    act(priya, critic, "desk-decision", outcome="spam")
    proposal = Proposal.objects.get()
    assert (proposal.outcome, proposal.reason, proposal.note) == ("spam", None, "")


def test_others_remove_words(desk: Client, priya: Client, critic: Comment) -> None:
    Comment.objects.update(state="pending")
    assert "/redaction/" not in priya.get(f"/desk/comments/{critic.pk}/").text
    refused = act(priya, critic, "desk-redaction", words="This is a bad plan")
    assert refused.status_code == 403 and "on your own post" in refused.text
    assert now(critic).text == "This is a bad plan"
    assert act(desk, critic, "desk-redaction", words="bad").status_code == 302


def test_the_duty_of_an_author_says_whose_posts(blog: Blog) -> None:
    person = Moderator.objects.get(user=make_moderator(blog), blog=blog)
    person.duty = "author"
    with pytest.raises(ValidationError, match="Select whose posts"):
        person.full_clean()
