"""POST /desk/comments/<id>/decision/: one decision, on the version that its moderator saw."""

import datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from blog.models import Post
from mail.models import Delivery, Mailout
from moderation.models import Comment, Decision, NotPossible, Overtaken
from tests.database import whole_database
from tests.factories import make_blog, make_comment, make_moderator, make_notice, make_post, make_reason

pytestmark = pytest.mark.django_db


def decide(desk: Client, comment: Comment, outcome: str, version: int | str = 1, **more: Any) -> HttpResponse:
    """Send the form of one button."""
    url = reverse("desk-decision", args=[comment.pk])
    return desk.post(url, {"outcome": outcome, "version": version, **more})


@pytest.fixture
def ann(post: Post) -> Comment:
    """Ann's comment, in the queue."""
    return make_comment(post)


@pytest.fixture
def later(time_machine):
    """Moves the clock on, past the time for an undo."""
    return lambda: time_machine.move_to(timezone.now() + datetime.timedelta(seconds=121))


@pytest.mark.parametrize("outcome", ["approved", "rejected", "spam"])
def test_a_decision_moves_it_and_is_written_down(
    desk: Client, mo: User, ann: Comment, outcome: str, django_assert_max_num_queries
) -> None:
    reason = make_reason(ann.post.blog)
    with django_assert_max_num_queries(30):
        answer = decide(desk, ann, outcome, reason=reason.pk)
    assert answer.status_code == 302 and answer.url.startswith("/desk/?decided=")
    ann.refresh_from_db()
    made = Decision.objects.get()
    assert ann.state == made.outcome == outcome and ann.version == 2 and ann.decided_at
    assert (made.moderator, made.version) == (mo, 1)
    assert made.reason == (reason if outcome == "rejected" else None)


def test_an_approved_comment_is_on_the_page_at_the_next_request(desk: Client, client: Client, ann: Comment) -> None:
    url = ann.post.get_absolute_url()
    assert "Well said." not in client.get(url).text
    decide(desk, ann, "approved")
    assert "Well said." in client.get(url).text
    decide(desk, ann, "undone", 2)
    assert "Well said." not in client.get(url).text


def test_its_author_is_told_after_the_time_for_an_undo(desk: Client, ann: Comment, send_mail, later) -> None:
    decide(desk, ann, "approved")
    assert not send_mail()
    later()
    (mail,) = send_mail()
    assert mail.to == ["ann@example.org"] and mail.subject == "Your comment on “A new bridge” is published"
    assert f"http://testserver{ann.get_absolute_url()}" in mail.body


def test_a_refusal_is_explained_as_text(desk: Client, ann: Comment, send_mail, later) -> None:
    reason = make_reason(ann.post.blog, explanation="Not about <bridges>.")
    decide(desk, ann, "rejected", reason=reason.pk, note="Try <b>again</b>,\r\nAnn\0.")
    later()
    (mail,) = send_mail()
    html = mail.alternatives[0][0]
    assert "Not about <bridges>." in mail.body and "Try <b>again</b>,\nAnn." in mail.body
    assert "Not about &lt;bridges&gt;." in html and "&lt;b&gt;again" in html and "<b>again" not in html
    assert "Well said." not in mail.body, "the mail does not quote"


def test_spam_is_told_to_nobody(desk: Client, ann: Comment) -> None:
    decide(desk, ann, "spam")
    assert not Delivery.objects.exists()


def test_an_undo_in_time_cancels_the_mail(desk: Client, ann: Comment, send_mail, later) -> None:
    decide(desk, ann, "approved")
    assert decide(desk, ann, "undone", 2).status_code == 302
    later()
    assert not send_mail() and Delivery.objects.get().state == "cancelled"
    ann.refresh_from_db()
    assert ann.state == "pending" and ann.decided_at is None
    assert [made.outcome for made in ann.decisions.order_by("pk")] == ["approved", "undone"]


def test_an_undo_cancels_a_mail_that_the_server_put_off(desk: Client, ann: Comment, send_mail, later) -> None:
    decide(desk, ann, "approved")
    Delivery.objects.update(state="deferred")
    decide(desk, ann, "undone", 2)
    assert Delivery.objects.get().state == "cancelled"


def test_deciding_again_sends_one_mail_the_last(desk: Client, ann: Comment, send_mail, later) -> None:
    decide(desk, ann, "approved")
    decide(desk, ann, "undone", 2)
    decide(desk, ann, "rejected", 3, reason=make_reason(ann.post.blog).pk)
    later()
    assert [mail.subject for mail in send_mail()] == ["Your comment on “A new bridge” was not published"]


def test_an_undone_decision_goes_back_to_its_place_in_the_queue(desk: Client, ann: Comment) -> None:
    make_comment(ann.post, name="Bob")
    decide(desk, ann, "spam")
    decide(desk, ann, "undone", 2)
    assert list(Comment.objects.queue()) == [ann, Comment.objects.get(name="Bob")]


def test_the_desk_offers_the_undo_while_it_is_the_newest_decision(desk: Client, ann: Comment) -> None:
    offered = decide(desk, ann, "approved").url
    assert 'value="undone"' in desk.get(offered).text
    assert 'value="undone"' not in desk.get("/desk/").text
    decide(desk, ann, "spam", 2)
    assert 'value="undone"' not in desk.get(offered).text


@pytest.mark.parametrize("number", ["", "x", "²", "9" * 30, "999999"])
def test_a_made_up_decision_shows_nothing(desk: Client, ann: Comment, number: str) -> None:
    assert desk.get(f"/desk/?decided={number}").status_code == 200


def test_a_blog_without_rules_refuses_in_the_moderators_words(desk: Client, ann: Comment) -> None:
    assert "Enter a message to the writer" in decide(desk, ann, "rejected").text
    assert decide(desk, ann, "rejected", note="It is about boats.").status_code == 302
    told = Mailout.objects.get(kind="comment-decision")
    assert "It is about boats." in told.text and "It is about boats." in told.html
    assert "The rule is" not in told.text + told.html


def test_a_slow_moderator_is_told_who_did_what_and_when(desk: Client, ann: Comment, time_machine) -> None:
    time_machine.move_to("2030-06-20 12:34:56 +0000", tick=False)
    ann.decide(Decision.Outcome.SPAM, by=make_moderator(ann.post.blog, "priya"), version=1)
    desk.force_login(User.objects.get(username="mo"))
    before = whole_database()
    answer = decide(desk, ann, "approved")
    assert answer.status_code == 409 and "<title>Error: " in answer.text
    assert "“Marked as spam” by priya, 20 June 2030, 13:34:56" in answer.text
    assert whole_database() == before


def test_the_same_decision_again_is_refused_and_mails_nobody(desk: Client, ann: Comment) -> None:
    for version, status in [(1, 302), (1, 409), (2, 409)]:
        assert decide(desk, ann, "approved", version).status_code == status
    assert Decision.objects.count() == Delivery.objects.count() == 1


@pytest.mark.parametrize("version", [2, 99, 2**31, 2**63, 10**30])
def test_a_version_that_never_was_wins_nothing(desk: Client, ann: Comment, version: int) -> None:
    assert decide(desk, ann, "approved", version).status_code == 409
    assert not Decision.objects.exists()


@pytest.mark.parametrize("version", ["", "0", "-1", "x", "1.5", "\0", "9" * 5000])
def test_what_is_no_version_is_an_error(desk: Client, ann: Comment, version: str) -> None:
    assert decide(desk, ann, "approved", version).status_code == 422
    assert not Decision.objects.exists()


def test_a_refusal_needs_a_reason(desk: Client, ann: Comment) -> None:
    make_reason(ann.post.blog)
    answer = decide(desk, ann, "rejected", note="Because <i>.")
    assert answer.status_code == 422 and "<title>Error: " in answer.text
    assert '<a href="#id_reason">Select the rule that the comment breaks</a>' in answer.text
    assert "Because &lt;i&gt;.</textarea>" in answer.text and not Decision.objects.exists()


@pytest.mark.parametrize("reason", ["999", "x", "\0", "9" * 30])
def test_a_reason_that_there_is_not_is_an_error(desk: Client, ann: Comment, reason: str) -> None:
    assert decide(desk, ann, "rejected", reason=reason).status_code == 422
    assert not Decision.objects.exists()


def test_another_blogs_reason_is_an_error(desk: Client, ann: Comment) -> None:
    theirs = make_reason(make_blog(address="http://other.example"))
    assert decide(desk, ann, "rejected", reason=theirs.pk).status_code == 422


def test_a_message_that_is_too_long_is_an_error_and_kept(desk: Client, ann: Comment) -> None:
    reason = make_reason(ann.post.blog)
    answer = decide(desk, ann, "rejected", reason=reason.pk, note="a" * 1001)
    assert answer.status_code == 422 and "Message must be 1000 characters or less" in answer.text
    assert "a" * 1001 in answer.text


@pytest.mark.parametrize(
    "outcome",
    ["", "pending", "unconfirmed", "withdrawn", "Approved", "edited", "kept", "upheld", "reopened", "\0", "x" * 1000],
)
def test_what_is_no_decision_is_an_error(desk: Client, ann: Comment, outcome: str) -> None:
    assert decide(desk, ann, outcome).status_code == 422
    ann.refresh_from_db()
    assert ann.state == "pending"


def test_an_unconfirmed_comment_cannot_be_decided(desk: Client, mo: User, post: Post) -> None:
    comment = make_comment(post, "unconfirmed")
    assert decide(desk, comment, "approved").status_code == 404
    with pytest.raises(NotPossible):
        comment.decide(Decision.Outcome.APPROVED, by=mo, version=1)
    comment.refresh_from_db()
    assert comment.state == "unconfirmed" and not Decision.objects.exists()


def test_a_comment_that_its_author_took_back_cannot_be_decided(desk: Client, post: Post) -> None:
    assert decide(desk, make_comment(post, "withdrawn"), "approved").status_code == 409


def test_what_awaits_a_decision_cannot_be_undone(desk: Client, ann: Comment) -> None:
    assert decide(desk, ann, "undone").status_code == 409
    assert not Decision.objects.exists()


def test_another_blogs_comment_cannot_be_decided(desk: Client, post: Post) -> None:
    other = make_blog(address="http://other.example")
    make_notice(other)
    comment = make_comment(make_post(other))
    assert decide(desk, comment, "approved").status_code == 404
    comment.refresh_from_db()
    assert comment.state == "pending"


@pytest.mark.parametrize("method", ["get", "head", "put", "patch", "delete"])
def test_only_a_post_decides(desk: Client, ann: Comment, method: str) -> None:
    before = whole_database()
    url = reverse("desk-decision", args=[ann.pk])
    answer = getattr(desk, method)(f"{url}?outcome=approved&version=1")
    assert answer.status_code == 405 and answer["Cache-Control"] == "no-store, private"
    assert whole_database() == before


def test_a_decision_needs_djangos_own_token_too(mo: User, ann: Comment) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(mo)
    answer = decide(strict, ann, "approved")
    assert answer.status_code == 403 and "We could not check that this was you" in answer.text
    strict.get("/desk/")
    assert decide(strict, ann, "approved", csrfmiddlewaretoken="x" * 64).status_code == 403
    assert not Decision.objects.exists()
    assert decide(strict, ann, "approved", csrfmiddlewaretoken=strict.cookies["csrf"].value).status_code == 302


def test_another_site_decides_nothing(desk: Client, ann: Comment) -> None:
    headers = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    url = reverse("desk-decision", args=[ann.pk])
    assert desk.post(url, {"outcome": "approved", "version": 1}, headers=headers).status_code == 403
    assert not Decision.objects.exists()


def test_a_forgotten_address_gets_no_mail(desk: Client, ann: Comment) -> None:
    Comment.objects.update(address="", mailbox="")
    decide(desk, ann, "approved")
    assert Decision.objects.exists() and not Delivery.objects.exists()


def test_the_loser_of_a_race_is_told_which(mo: User, ann: Comment) -> None:
    ann.decide(Decision.Outcome.SPAM, by=mo, version=1)
    with pytest.raises(Overtaken):
        ann.decide(Decision.Outcome.APPROVED, by=mo, version=1)
    with pytest.raises(NotPossible):
        ann.decide(Decision.Outcome.SPAM, by=mo, version=2)


def test_a_decision_that_fails_leaves_nothing_behind(mo: User, ann: Comment) -> None:
    before = whole_database()
    with pytest.raises(ValueError, match='must be a "User"'):
        ann.decide(Decision.Outcome.APPROVED, by="nobody", version=1)  # type: ignore[arg-type]
    assert whole_database() == before
