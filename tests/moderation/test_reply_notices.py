"""“Email me about replies”: after the reply is approved, once, and only while it still holds."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from blog.models import Blog, Post
from mail.models import Delivery, Mailout, Suppression
from moderation import tasks
from moderation.models import Comment, Decision
from moderation.replies import ReplyNotice
from tests.at_once import at_once
from tests.database import where_in_database
from tests.factories import make_comment, make_moderator, make_post
from tests.moderation.reader import link

pytestmark = pytest.mark.django_db
MINUTE, HOUR = datetime.timedelta(minutes=1), datetime.timedelta(hours=1)
Told = Callable[..., list[Any]]


@pytest.fixture
def ann(post: Post) -> Comment:
    """Ann's published comment; she wants to hear of replies."""
    return make_comment(post, "approved", wants_replies=True)


def reply_to(comment: Comment, name: str = "Bob", **fields: Any) -> Comment:
    """A reply that awaits a decision."""
    written = {"name": name, "address": f"{name.lower()}@example.org", "text": f"{name} disagrees with all of that."}
    return make_comment(comment.post, parent=comment, root=comment.root or comment, **{**written, **fields})


def decide(comment: Comment, outcome: Decision.Outcome, by: User) -> None:
    comment.refresh_from_db()
    comment.decide(outcome, by=by, version=comment.version)


def approve(comment: Comment, by: User) -> None:
    decide(comment, Decision.Outcome.APPROVED, by)


@pytest.fixture
def told_after(send_mail, time_machine) -> Told:
    """The notices that have gone out when this much time has passed since it was asked last."""

    def after(passed: datetime.timedelta = 11 * MINUTE) -> list[Any]:
        time_machine.move_to(timezone.now() + passed)
        tasks.raise_reply_notices()
        return [mail for mail in send_mail() if "/replies/end/" in mail.body]

    return after


def test_a_reply_is_told_ten_minutes_after_its_approval(ann: Comment, mo: User, told_after: Told) -> None:
    reply = reply_to(ann)
    assert told_after() == [], "nobody hears of what is not published"
    approve(reply, mo)
    assert told_after(9 * MINUTE) == []
    (mail,) = told_after(2 * MINUTE)
    assert mail.to == ["ann@example.org"] and mail.subject == "A reply to your comment on “A new bridge”"
    assert f"http://testserver{reply.get_absolute_url()}" in mail.body and "By Bob, " in mail.body


def test_the_mail_quotes_nobody(ann: Comment, mo: User, told_after: Told) -> None:
    approve(reply_to(ann), mo)
    (mail,) = told_after()
    for words in ["disagrees", "Well said"]:
        assert words not in mail.body + mail.alternatives[0][0]


def test_one_click_ends_it_and_machines_do_not_answer_it(ann: Comment, mo: User, told_after: Told) -> None:
    approve(reply_to(ann), mo)
    (mail,) = told_after()
    raw = mail.message()
    assert raw["List-Unsubscribe"] == f"<http://testserver{link(mail, '/replies/end/')}>"
    assert raw["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click" and raw["List-Id"] == "<replies.testserver>"
    assert raw["Auto-Submitted"] == "auto-generated" and raw["X-Auto-Response-Suppress"] == "All"


@pytest.mark.parametrize(
    "fields",
    [
        {"wants_replies": False},
        {"wants_replies": True, "state": "unconfirmed", "confirmed_at": None},
        {"wants_replies": True, "address": "bob@example.org"},
        {"wants_replies": True, "address": "Bob+blog@example.org"},
    ],
    ids=["not asked for", "not proved", "one's own", "one's own by another name"],
)
def test_nobody_else_is_told(post: Post, mo: User, told_after: Told, fields: dict[str, Any]) -> None:
    written = {"state": "approved", **fields}
    approve(reply_to(make_comment(post, **written)), mo)
    assert told_after() == [] and not ReplyNotice.objects.exists()


@pytest.mark.parametrize("state", ["pending", "rejected", "spam", "withdrawn"])
@pytest.mark.parametrize("which", ["the reply", "the comment"])
def test_it_is_checked_again_when_it_is_sent(ann: Comment, mo: User, told_after: Told, which: str, state: str) -> None:
    reply = reply_to(ann)
    approve(reply, mo)
    Comment.objects.filter(pk={"the reply": reply, "the comment": ann}[which].pk).update(state=state)
    assert told_after() == [] and ReplyNotice.objects.get().state == "cancelled"


def test_a_post_that_was_taken_down_is_told_of_no_more(ann: Comment, mo: User, told_after: Told) -> None:
    approve(reply_to(ann), mo)
    ann.post.state = Post.State.WITHDRAWN
    ann.post.save()
    assert told_after() == []


def test_whoever_wants_no_more_or_no_mail_at_all_is_not_told(ann: Comment, mo: User, told_after: Told) -> None:
    approve(reply_to(ann), mo)
    Comment.objects.filter(pk=ann.pk).update(wants_replies=False)
    approve(reply_to(make_comment(ann.post, "approved", address="sue@example.org", wants_replies=True)), mo)
    Suppression.objects.create(mailbox=Comment.objects.get(address="sue@example.org").mailbox, reason="asked")
    assert told_after() == []


def test_an_undo_in_time_calls_it_off_and_approving_again_mails_once(ann: Comment, mo: User, told_after: Told) -> None:
    reply = reply_to(ann)
    approve(reply, mo)
    decide(reply, Decision.Outcome.UNDONE, mo)
    assert told_after() == []
    approve(reply, mo)
    assert len(told_after()) == 1
    decide(reply, Decision.Outcome.UNDONE, mo)
    approve(reply, mo)
    assert len(told_after(2 * HOUR)) == 1


def test_what_waits_for_the_mail_server_is_called_off_and_the_other_replies_told(
    ann: Comment, mo: User, told_after: Told, time_machine
) -> None:
    bob, cy = reply_to(ann), reply_to(ann, "Cy")
    approve(bob, mo)
    approve(cy, mo)
    time_machine.move_to(timezone.now() + 11 * MINUTE)
    tasks.raise_reply_notices()
    decide(bob, Decision.Outcome.SPAM, mo)
    (mail,) = told_after(MINUTE)
    assert "By Cy" in mail.body and "Bob" not in mail.body


def test_a_reply_deep_in_a_thread_is_told_to_whom_it_answers_and_to_who_began(
    ann: Comment, mo: User, told_after: Told
) -> None:
    bob = reply_to(ann, state="approved", wants_replies=True)
    passer_by = reply_to(ann, "Dee", state="approved", wants_replies=True)
    approve(reply_to(bob, "Cy"), mo)
    assert sorted(mail.to[0] for mail in told_after()) == ["ann@example.org", "bob@example.org"]
    assert not passer_by.notices.exists()


def test_who_wrote_both_is_told_once(ann: Comment, mo: User, told_after: Told) -> None:
    approve(reply_to(reply_to(ann, "Ann", state="approved", wants_replies=True)), mo)
    assert len(told_after()) == 1


def test_a_busy_thread_is_one_mail_an_hour_with_all_that_is_new(ann: Comment, mo: User, told_after: Told) -> None:
    approve(reply_to(ann), mo)
    assert len(told_after()) == 1
    for name in ["Cy", "Dee"]:
        approve(reply_to(ann, name), mo)
    assert len(told_after(30 * MINUTE)) == 1
    mail = told_after(31 * MINUTE)[-1]
    assert mail.subject == "2 replies to your comment on “A new bridge”"
    assert "By Cy" in mail.body and "By Dee" in mail.body and "Bob" not in mail.body
    assert len(told_after(2 * HOUR)) == 2


def test_another_thread_need_not_wait(ann: Comment, mo: User, told_after: Told) -> None:
    approve(reply_to(ann), mo)
    assert len(told_after()) == 1
    approve(reply_to(make_comment(ann.post, "approved", wants_replies=True)), mo)
    assert len(told_after()) == 2


def test_the_page_behind_the_mail_asks_and_its_button_ends_them(
    client: Client, ann: Comment, mo: User, told_after: Told
) -> None:
    approve(reply_to(ann), mo)
    url = link(told_after()[0], "/replies/end/")
    assert "End emails about replies?" in client.get(url).text
    approve(reply_to(ann, "Cy"), mo)
    assert "No more emails about replies" in client.post(url).text
    assert len(told_after(2 * HOUR)) == 1


def test_erasing_whoever_replied_takes_their_name_out_of_the_mails(ann: Comment, mo: User, told_after: Told) -> None:
    approve(reply_to(ann, "Unlikelyname", text="x"), mo)
    told_after()
    call_command("erase_person", "unlikelyname@example.org")
    assert where_in_database("Unlikelyname") == []


@pytest.mark.django_db(transaction=True)
def test_clocks_that_run_at_once_and_twice_mail_once(blog: Blog, time_machine) -> None:
    ann, mo = make_comment(make_post(blog), "approved", wants_replies=True), make_moderator(blog)
    replies = [reply_to(ann, f"Reader{number}") for number in range(6)]
    for reply in replies:
        approve(reply, mo)
    time_machine.move_to(timezone.now() + 11 * MINUTE)
    assert sum(at_once([ReplyNotice.objects.raise_due] * 8)) == 1
    mailout = Mailout.objects.get(kind="comment-replies")
    assert all(f"Reader{number}" in mailout.text for number in range(6))
    assert Delivery.objects.filter(mailout=mailout).count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_undo_and_the_clock_at_once_leave_no_mail_of_what_is_not_public(blog: Blog, time_machine) -> None:
    ann, mo = make_comment(make_post(blog), "approved", wants_replies=True), make_moderator(blog)
    for number in range(5):
        reply = reply_to(ann, f"Reader{number}")
        approve(reply, mo)
        time_machine.move_to(timezone.now() + 2 * HOUR)
        at_once([ReplyNotice.objects.raise_due, lambda reply=reply: decide(reply, Decision.Outcome.UNDONE, mo)])
        owed = Delivery.objects.filter(mailout__kind="comment-replies", state="pending")
        assert not owed.exists() and ReplyNotice.objects.get(reply=reply).state == "cancelled"


@pytest.mark.django_db(transaction=True)
def test_two_approvals_at_once_owe_one_notice(blog: Blog) -> None:
    ann = make_comment(make_post(blog), "approved", wants_replies=True)
    reply = reply_to(ann)
    mos = [make_moderator(blog, f"mo{number}") for number in range(4)]

    def act(mo: User) -> bool:
        try:
            Comment.objects.get(pk=reply.pk).decide(Decision.Outcome.APPROVED, by=mo, version=1)
        except Exception:
            return False
        return True

    assert sum(at_once([lambda mo=mo: act(mo) for mo in mos])) == 1
    assert ReplyNotice.objects.count() == 1
