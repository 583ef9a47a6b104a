"""Decisions that a script sends from a card of a list: what comes in the card's place."""

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from blog.models import Blog, Post
from moderation import editing, escalating
from moderation.models import Comment, Decision, Revision
from moderation.reports import Report
from tests.factories import make_comment, make_moderator
from tests.moderation.writer import make_refused, newest_report, now, send

pytestmark = pytest.mark.django_db


def press(desk: Client, comment: Comment, outcome: str, version: int, name: str = "desk-decision") -> HttpResponse:
    """Send the form of one button of the card, by script."""
    data = {"outcome": outcome, "version": version, "newest_report": newest_report(comment)}
    return desk.post(reverse(name, args=[comment.pk]), data, headers={"HX-Request": "true"})


def test_the_second_of_two_is_told_who_was_faster_and_cannot_undo_it(desk: Client, comment: Comment) -> None:
    comment.decide(Decision.Outcome.SPAM, by=make_moderator(comment.post.blog, "mia"), version=1)
    answer = press(desk, comment, "approved", 1)
    assert answer.status_code == 409 and 'role="alert"' in answer.text
    assert "Your decision was not taken" in answer.text and "“Marked as spam” by mia, " in answer.text
    assert "Well said." in answer.text and "Open" in answer.text and "Undo" not in answer.text


def test_the_second_to_decide_an_edit_is_told_too(desk: Client, post: Post, blog: Blog) -> None:
    comment = make_comment(post, "approved")
    editing.edit(comment, Revision.Way.PUBLISHED, "New words")
    version = now(comment).version
    by = make_moderator(blog, "mia")
    editing.decide_edit(now(comment), Decision.Outcome.KEPT, by=by, version=version)
    answer = press(desk, comment, "edited", version, "desk-edit")
    assert answer.status_code == 409 and "“Did not publish the edit” by mia, " in answer.text
    assert "Undo" not in answer.text


def test_an_edit_that_its_writer_replaced_is_shown_with_the_one_that_waits(desk: Client, post: Post) -> None:
    comment = make_comment(post, "approved")
    editing.edit(comment, Revision.Way.PUBLISHED, "First edit.")
    version = now(comment).version
    editing.edit(now(comment), Revision.Way.PUBLISHED, "Second try.")
    answer = press(desk, comment, "edited", version, "desk-edit")
    assert answer.status_code == 409 and "by the writer, " in answer.text
    assert "First edit." in answer.text and "Second try" in answer.text and 'value="edited"' in answer.text


def test_what_the_writer_took_back_is_said_to_be_withdrawn(desk: Client, comment: Comment) -> None:
    comment.withdraw()
    answer = press(desk, comment, "approved", 1)
    assert answer.status_code == 409 and "“Withdrawn” by the writer, " in answer.text


def test_the_words_that_the_writer_changed_meanwhile_are_shown_with_the_new_ones(
    desk: Client, comment: Comment
) -> None:
    editing.edit(now(comment), Revision.Way.IN_PLACE, "Other words")
    answer = press(desk, comment, "approved", 1)
    assert answer.status_code == 409 and "What you read" in answer.text
    assert "Well said." in answer.text and "Other words" in answer.text and 'value="approved"' in answer.text


def test_who_may_not_decide_what_is_with_the_leads_is_told_so(desk: Client, comment: Comment) -> None:
    escalating.escalate(comment, by=make_moderator(comment.post.blog, "mia"), version=1)
    answer = press(desk, comment, "approved", 2)
    assert answer.status_code == 409 and "This comment is with the leads, who decide it." in answer.text


def test_who_was_signed_out_is_led_to_sign_in_and_not_into_a_card(client: Client, comment: Comment) -> None:
    answer = press(client, comment, "approved", 1)
    assert answer.status_code == 204 and not answer.content
    assert answer["HX-Redirect"] == f"/desk/sign-in/?next=/desk/comments/{comment.pk}/"


def test_the_undo_above_the_list_loads_the_list_anew(desk: Client, comment: Comment) -> None:
    decision = comment.decide(Decision.Outcome.SPAM, by=User.objects.get(username="mo"), version=1)
    page = desk.get(f"/desk/?decided={decision.pk}").text
    assert 'value="undone"' in page and "hx-post" not in page, "it stands in no card that could be replaced"


def test_who_refused_a_comment_is_told_why_they_cannot_take_back_the_answer(
    desk: Client, client: Client, post: Post
) -> None:
    priya = make_moderator(post.blog, "priya")
    comment = make_refused(post, priya)
    send(client, comment, "appeal", words="It is on topic.")
    answer = {"outcome": "approved", "version": now(comment).version}
    assert desk.post(reverse("desk-appeal", args=[comment.pk]), answer).status_code == 302
    desk.force_login(priya)
    told = press(desk, comment, "reopened", now(comment).version, "desk-appeal")
    assert told.status_code == 409 and "You had a part in this refusal" in told.text and "Undo" not in told.text


def test_an_undo_of_keep_puts_the_card_with_its_reports_back(desk: Client, post: Post) -> None:
    comment = make_comment(post, "approved")
    Report.objects.make(comment, "192.0.2.1", "abuse", "My home address")
    assert "desk-card--done" in press(desk, comment, "cleared", comment.version).text
    card = press(desk, comment, "undone", now(comment).version).text
    assert "My home address" in card and ">Keep<" in card and "desk-card--done" not in card
