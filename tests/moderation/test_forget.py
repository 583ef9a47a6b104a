"""What the clock erases, and what erasing a person leaves: the address nowhere, in no table."""

import datetime

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from blog.models import Blog, Post
from mail import tasks as mail_tasks
from mail.models import Delivery, Mailout, Suppression
from moderation import tasks
from moderation.models import Comment, Decision
from moderation.reports import Report
from tests.at_once import at_once
from tests.database import where_in_database
from tests.factories import make_blog, make_comment, make_moderator, make_notice, make_post, make_reason
from tests.moderation.reader import link, send_comment

pytestmark = pytest.mark.django_db
HOUR, DAY = datetime.timedelta(hours=1), datetime.timedelta(days=1)


def ago(time: datetime.timedelta) -> datetime.datetime:
    return timezone.now() - time


@pytest.mark.parametrize(("age", "left"), [(47 * HOUR, 1), (49 * HOUR, 0)])
def test_what_nobody_confirmed_goes_after_two_days(post: Post, age: datetime.timedelta, left: int) -> None:
    make_comment(post, "unconfirmed", submitted_at=ago(age))
    tasks.forget()
    assert Comment.objects.count() == left


@pytest.mark.parametrize("state", ["pending", "approved", "rejected", "spam", "withdrawn"])
def test_what_was_confirmed_stays(post: Post, state: str) -> None:
    make_comment(post, state, submitted_at=ago(400 * DAY))
    tasks.forget()
    assert Comment.objects.get().address == "ann@example.org"


@pytest.mark.parametrize("state", ["approved", "rejected", "spam"])
@pytest.mark.parametrize(("age", "address"), [(29 * DAY, "ann@example.org"), (31 * DAY, "")])
def test_addresses_are_forgotten_thirty_days_after_the_decision(
    post: Post, state: str, age: datetime.timedelta, address: str
) -> None:
    make_comment(post, state, decided_at=ago(age), digest="x")
    tasks.forget()
    comment = Comment.objects.get()
    assert (comment.address, comment.text, comment.name) == (address, "Well said.", "Ann")
    assert bool(comment.mailbox) == bool(comment.digest) == bool(address)


@pytest.mark.parametrize(("age", "left"), [(179 * DAY, 1), (181 * DAY, 0)])
def test_what_nobody_decides_goes_after_half_a_year(post: Post, age: datetime.timedelta, left: int) -> None:
    make_comment(post, "pending", confirmed_at=ago(age))
    tasks.forget()
    assert Comment.objects.count() == left


@pytest.mark.parametrize("way", ["undone", "reported"])
@pytest.mark.parametrize(("days", "left"), [(179, 2), (181, 1)])
def test_what_was_put_back_in_the_queue_has_half_a_year_from_then(
    post: Post, mo: User, time_machine, way: str, days: int, left: int
) -> None:
    comment = make_comment(post, "approved", confirmed_at=ago(400 * DAY), name="Ann")
    if way == "undone":
        comment.decide(Decision.Outcome.UNDONE, by=mo, version=1)
    else:
        Blog.objects.update(hide_reported_at=1)
        Report.objects.make(Comment.objects.get(), "192.0.2.0/24", "abuse")
    assert Comment.objects.get().state == "pending"
    make_comment(post, "approved", name="Bob")
    time_machine.move_to(ago(-days * DAY))
    tasks.forget()
    assert Comment.objects.count() == left


def test_what_nobody_decides_keeps_its_place_when_it_was_answered(post: Post) -> None:
    comment = make_comment(post, "pending", confirmed_at=ago(181 * DAY))
    reply = make_comment(post, "approved", parent=comment)
    tasks.forget()
    comment.refresh_from_db()
    reply.refresh_from_db()
    assert (comment.state, comment.text, comment.address) == ("withdrawn", "", "") and reply.parent == comment


def test_forgetting_twice_is_forgetting_once(post: Post) -> None:
    for number in range(3):
        make_comment(post, "approved", decided_at=ago(31 * DAY), digest=str(number))
    tasks.forget()
    assert Comment.objects.forget_addresses() == 0 and Comment.objects.count() == 3


def test_the_ledger_forgets_a_week_after_the_comment_did(client: Client, post: Post, send_mail, time_machine) -> None:
    """The comment is erased after 48 hours; what mails went where is kept for a week more, to answer for bounces."""
    send_comment(client, post)
    send_mail()
    start = timezone.now()
    time_machine.move_to(start + 49 * HOUR)
    tasks.forget()
    mail_tasks.forget()
    assert where_in_database("ann@example.org") == ["mail_delivery"]
    time_machine.move_to(start + 8 * DAY)
    mail_tasks.forget()
    assert where_in_database("ann@example.org") == [] and not Mailout.objects.exists()


def whole_life(client: Client, post: Post, send_mail, text: str, **changed: str) -> Comment:
    """A comment that was confirmed, refused with a reason, taken back into the queue and approved."""
    send_comment(client, post, comment=text, **changed)
    client.post(link(send_mail()[-1], "confirm"))
    comment = Comment.objects.get(text=text)
    mo = make_moderator(post.blog)
    comment.decide(Decision.Outcome.REJECTED, by=mo, version=2, reason=make_reason(post.blog), note="Dear Annabel")
    send_mail()
    comment.decide(Decision.Outcome.UNDONE, by=mo, version=3)
    comment.decide(Decision.Outcome.APPROVED, by=mo, version=4)
    return comment


def test_erasing_a_person_leaves_nothing_of_them_anywhere(client: Client, post: Post, send_mail, settings) -> None:
    settings.UNDO_SECONDS = 0
    ann = {"name": "Annabel Unlikely", "email": "Ann.Abel+blog@Example.org"}
    comment = whole_life(client, post, send_mail, "Unlikelywords one", **ann)
    send_comment(client, post, comment="Unlikelywords two", name="Annabel Unlikely", email="ann.abel@example.org")
    Delivery.objects.update(code="550 5.1.1 <Ann.Abel+blog@example.org>: unknown")
    reply = make_comment(post, "approved", parent=comment, name="Bob", address="bob@example.org")

    call_command("erase_person", "ANN.ABEL@example.org")
    for words in ["ann.abel", "Unlikely", "Dear Annabel"]:
        assert where_in_database(words) == []
    reply.refresh_from_db()
    assert reply.parent == comment and reply.address == "bob@example.org"
    assert Comment.objects.count() == 2, "the answered one leaves an empty place, the other goes"
    assert "Unlikelywords" not in client.get(post.get_absolute_url()).text


@pytest.mark.parametrize("state", Delivery.State.values)
def test_no_mail_goes_to_a_person_who_was_erased(client: Client, post: Post, send_mail, state: str) -> None:
    send_comment(client, post)
    Delivery.objects.update(state=state)
    call_command("erase_person", "ann@example.org")
    mail_tasks.sweep()
    assert not send_mail() and where_in_database("ann@example.org") == []


def test_erasing_spares_everybody_else(client: Client, post: Post, send_mail) -> None:
    send_comment(client, post, name="Bob", email="bob@example.org", comment="Mine.")
    send_comment(client, post)
    call_command("erase_person", "ann@example.org")
    assert Comment.objects.get().name == "Bob"
    assert [mail.to for mail in send_mail()] == [["bob@example.org"]]


def test_erasing_holds_on_all_blogs(post: Post) -> None:
    other = make_blog(address="http://other.example")
    make_notice(other)
    for place in [post, make_post(other)]:
        make_comment(place, "approved")
    call_command("erase_person", "ann@example.org")
    assert not Comment.objects.exists()


def test_erasing_keeps_the_wish_for_no_mail(client: Client, post: Post, send_mail) -> None:
    send_comment(client, post)
    client.post(link(send_mail()[0], "stop"))
    call_command("erase_person", "ann@example.org")
    assert Suppression.objects.exists() and where_in_database("ann@example.org") == []


def test_what_is_no_address_erases_nothing(post: Post) -> None:
    make_comment(post, "approved")
    for wrong in ["", "ann", "%", "@example.org"]:
        with pytest.raises(CommandError):
            call_command("erase_person", wrong)


@pytest.mark.django_db(transaction=True)
def test_erasing_and_sending_at_once_leave_nothing(blog, send_mail) -> None:
    post = make_post(blog)
    for number in range(10):
        send_comment(Client(), post, comment=f"Comment {number}")
    at_once([lambda: call_command("erase_person", "ann@example.org"), send_mail, send_mail])
    assert where_in_database("ann@example.org") == []


def test_a_mail_that_asks_to_confirm_what_is_gone_does_not_leave(client: Client, post: Post, send_mail) -> None:
    send_comment(client, post)
    Comment.objects.update(submitted_at=ago(49 * HOUR))
    tasks.forget()
    assert not Comment.objects.exists()
    assert not send_mail()
