"""/comments/N/report/: a reader reports a published comment."""

import datetime

import pytest
import time_machine
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from blog.models import Blog, Post
from mail.models import Delivery
from moderation import editing, promise
from moderation.models import Comment, Decision, Event, Revision
from moderation.replies import ReplyNotice
from moderation.reports import Report
from moderation.tasks import forget
from tests.database import whole_database
from tests.factories import make_comment
from tests.moderation.writer import status_url

pytestmark = pytest.mark.django_db
OUTCOME = Decision.Outcome


@pytest.fixture
def comment(post: Post) -> Comment:
    return make_comment(post, "approved")


def report(client: Client, comment: Comment, network: int = 1, **changed: str) -> HttpResponse:
    data = {"kind": "abuse", "words": "Rude", "homepage": "", **changed}
    return client.post(f"/comments/{comment.pk}/report/", data, REMOTE_ADDR=f"192.0.{network}.1")


def decide(comment: Comment, outcome: str, mo: User) -> None:
    comment.refresh_from_db()
    comment.decide(OUTCOME(outcome), by=mo, version=comment.version)


def test_the_page_leads_to_the_form(client: Client, post: Post, comment: Comment) -> None:
    assert f'href="/comments/{comment.pk}/report/"' in client.get(post.get_absolute_url()).text
    page = client.get(f"/comments/{comment.pk}/report/")
    assert "Well said." in page.text and not page.cookies


def test_a_report_is_thanked_and_the_comment_stays(client: Client, comment: Comment) -> None:
    thanks = client.get(report(client, comment).url)
    assert "Thank you for your report" in thanks.text
    comment.refresh_from_db()
    assert comment.state == "approved" and Report.objects.get().words == "Rude"


@pytest.mark.parametrize(("changed", "error"), [
    ({"kind": ""}, "Select what is wrong with the comment"), ({"kind": "x"}, "Select what is wrong with the comment"),
    ({"words": "a" * 501}, "must be 500 characters or less"),
])  # fmt: skip
def test_an_error_stands_beside_its_field_and_the_words_stay(client: Client, comment: Comment, changed, error) -> None:
    answer = report(client, comment, **{"words": "Keep this", **changed})
    assert answer.status_code == 422 and error in answer.text and "<title>Error: " in answer.text
    assert changed.get("words", "Keep this") in answer.text and not Report.objects.exists()


@pytest.mark.parametrize("state", ["pending", "rejected", "spam", "withdrawn", "unconfirmed"])
def test_what_is_not_published_cannot_be_reported(client: Client, post: Post, state: str) -> None:
    hidden = make_comment(post, state)
    assert report(client, hidden).status_code == 404
    assert client.get(f"/comments/{hidden.pk}/report/").status_code == 404


def test_looking_changes_nothing(client: Client, comment: Comment) -> None:
    before = whole_database()
    client.get(f"/comments/{comment.pk}/report/"), client.head(f"/comments/{comment.pk}/reported/")
    assert whole_database() == before


def test_one_network_reports_a_comment_once_and_is_not_told(client: Client, comment: Comment) -> None:
    first, second = report(client, comment), report(client, comment, words="Again")
    assert (first.status_code, first.url) == (second.status_code, second.url)
    assert Report.objects.count() == 1


def test_a_robot_is_thanked_and_nothing_is_stored(client: Client, comment: Comment) -> None:
    assert report(client, comment, homepage="http://spam.example").status_code == 302
    assert not Report.objects.exists()


def test_too_many_from_one_network_are_told_to_wait(client: Client, post: Post, settings) -> None:
    settings.REPORTS_PER_NETWORK = 2
    answers = [report(client, make_comment(post, "approved", text=f"{n}")) for n in range(3)]
    assert [answer.status_code for answer in answers] == [302, 302, 429]
    assert "send it in an hour" in answers[2].text and "Rude" in answers[2].text


def test_no_address_of_the_network_is_stored(client: Client, comment: Comment) -> None:
    report(client, comment, network=77)
    assert "192.0.77" not in str(whole_database())


def test_who_was_right_is_believed_more(client: Client, post: Post, mo: User) -> None:
    for number in range(4):
        reported = make_comment(post, "approved", text=f"{number}")
        report(client, reported, network=1)
        report(client, make_comment(post, "approved", text=f"b{number}"), network=2)
        decide(reported, "rejected", mo)
    for honest in Comment.objects.filter(text__startswith="b"):
        Report.objects.settle(honest, was_right=False)
    last = make_comment(post, "approved", text="last")
    report(client, last, network=1), report(client, last, network=2), report(client, last, network=3)
    assert list(Report.objects.open().values_list("weight", flat=True)) == [83, 17, 50]


@pytest.mark.parametrize(("limit", "state"), [(None, "approved"), (100, "pending"), (101, "approved")])
def test_a_blog_may_have_reported_comments_back_on_the_desk(client: Client, comment, limit, state: str) -> None:
    blog = comment.post.blog
    blog.hide_reported_at = limit
    blog.save()
    report(client, comment, network=1), report(client, comment, network=2)
    comment.refresh_from_db()
    assert comment.state == state
    assert ("Well said." in client.get(comment.post.get_absolute_url()).text) == (state == "approved")


def test_a_reported_comment_on_the_desk_is_promised_anew(client: Client, comment: Comment) -> None:
    Blog.objects.update(hide_reported_at=1)
    Comment.objects.update(due_at=timezone.now() - datetime.timedelta(days=30))
    report(client, comment)
    comment.refresh_from_db()
    assert comment.due_at == promise.due_at(comment.post.blog, timezone.now())


def test_whoever_decides_it_reads_what_was_reported(client: Client, comment, hiding, desk: Client) -> None:
    report(client, comment, words="It names my neighbour")
    card = desk.get("/desk/").text
    assert "It is abusive or hateful" in card and "It names my neighbour" in card


def test_a_card_shows_the_newest_of_many_reports(post: Post, desk: Client) -> None:
    comment = make_comment(post, "approved")
    for number in range(7):
        words = f"Report no {number}"
        Report.objects.create(comment=comment, reporter=str(number), kind="abuse", words=words, weight=50)
    card = desk.get("/desk/reported/").text
    assert "Report no 1" not in card and "Report no 2" in card and "Report no 6" in card and "newest 5 of 7" in card
    assert f'value="{Report.objects.latest("pk").pk}"' in card


def test_its_writer_is_told_the_new_promise(client: Client, comment: Comment) -> None:
    Blog.objects.update(hide_reported_at=1)
    Comment.objects.update(confirmed_at=timezone.now() - datetime.timedelta(days=30))
    report(client, comment)
    page = client.get(status_url(comment)).text
    assert "Awaiting moderation" in page and "it is late" not in page and "yours by" in page


@pytest.fixture
def hiding() -> None:
    Blog.objects.update(hide_reported_at=1)


def test_that_reports_hid_it_stands_in_the_record_and_its_history(client, comment, desk: Client, hiding) -> None:
    report(client, comment)
    event = Event.objects.get()
    assert (event.get_kind_display(), event.who, event.comment_number) == (
        "Put back in the queue", "readers’ reports", comment.pk)  # fmt: skip
    assert "Put back in the queue, readers’ reports" in desk.get(f"/desk/comments/{comment.pk}/").text


def test_mails_that_it_is_published_do_not_leave_once_reports_hid_it(client, comment, mo: User, hiding) -> None:
    Comment.objects.update(wants_replies=True)
    reply = make_comment(comment.post, parent=comment, address="bob@example.org")
    decide(reply, "approved", mo)
    report(client, reply)
    assert Delivery.objects.get().state == "cancelled" and ReplyNotice.objects.get().state == "cancelled"


def test_a_claim_ends_when_reports_hide_the_comment(client: Client, comment: Comment, mo: User, hiding) -> None:
    Comment.objects.update(claimed_by=mo, claimed_until=timezone.now() + datetime.timedelta(minutes=5), unseen=True)
    report(client, comment)
    comment.refresh_from_db()
    assert (comment.state, comment.claimed_by, comment.claimed_until) == ("pending", None, None)


def test_a_moderator_is_told_that_reports_were_faster(client: Client, comment: Comment, desk: Client, hiding) -> None:
    version = comment.version
    report(client, comment)
    late = desk.post(f"/desk/comments/{comment.pk}/decision/", {"outcome": "spam", "version": version})
    assert late.status_code == 409 and "“Put back in the queue” by readers’ reports" in late.text


@pytest.mark.parametrize("between", [["undone"], []])
def test_a_report_is_as_right_as_the_decision_that_stands(client, comment, mo: User, between: list[str]) -> None:
    report(client, comment)
    for outcome, was_right in [("spam", True), *((undone, None) for undone in between), ("approved", False)]:
        decide(comment, outcome, mo)
        assert Report.objects.get().was_right is was_right


def test_an_undo_opens_one_report_of_each_reporter(client: Client, comment: Comment, mo: User) -> None:
    report(client, comment)
    decide(comment, "spam", mo), decide(comment, "approved", mo)
    report(client, comment)
    decide(comment, "undone", mo)
    assert list(Report.objects.values_list("was_right", flat=True)) == [False, None]


def test_a_report_of_words_that_were_changed_since_stays_right(client, comment: Comment, mo: User) -> None:
    report(client, comment)
    decide(comment, "rejected", mo)
    editing.edit(comment, Revision.Way.AGAIN, "Kinder words")
    decide(comment, "approved", mo), decide(comment, "undone", mo)
    assert Report.objects.get().was_right


def test_one_site_of_many_networks_reports_a_comment_twice_a_day(client: Client, comment: Comment) -> None:
    data = {"kind": "abuse", "words": "", "homepage": ""}
    for site, number in [("a", 1), ("a", 2), ("a", 3), ("b", 1)]:
        address = f"2001:db8:{site}:{number}::1"
        assert client.post(f"/comments/{comment.pk}/report/", data, REMOTE_ADDR=address).status_code == 302
    assert Report.objects.count() == 3


def test_the_desk_sees_the_most_believed_first(client: Client, post: Post) -> None:
    one, two = (make_comment(post, "approved", text=f"{n}") for n in range(2))
    report(client, one, network=1), report(client, two, network=1), report(client, two, network=2)
    assert list(Comment.objects.reported()) == [two, one]


def test_decided_reports_are_forgotten_after_ninety_days(client: Client, comment: Comment, mo: User) -> None:
    report(client, comment)
    decide(comment, "spam", mo)
    forget()
    assert Report.objects.get().was_right
    with time_machine.travel(timezone.now() + datetime.timedelta(days=91)):
        forget()
    assert not Report.objects.exists()
