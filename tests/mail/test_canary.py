"""A domain, or the relay, that was left alone is tried with one mail, which decides; and all of it is shown."""

import datetime

import pytest
import time_machine
from django.test import Client

from blog.models import Blog
from mail.domains import RELAY, Domain
from mail.drain import drain, hand_over, settle
from mail.models import Delivery, Lane, Suppression
from mail.smtp import Outcome
from mail.tasks import drain_now, forget
from tests.at_once import at_once
from tests.factories import make_delivery, make_mailout
from tests.mail.breaking import BUSY, ends, handed, open_for, owe, wait
from tests.mail.servers import Postbox

pytestmark = pytest.mark.django_db
State = Delivery.State
NOON = datetime.datetime(2026, 11, 22, 12, tzinfo=datetime.UTC)


# The canary


def test_one_mail_is_tried_and_closes_it(postbox: Postbox, clock) -> None:
    open_for("gmail.com", seconds=-1)
    owe(4, "gmail.com")
    drain()
    assert postbox.sent_to[0] == "reader0@gmail.com"
    assert postbox.connections == 1
    assert (wait("gmail.com"), len(postbox.mails)) == (None, 4)


def test_what_goes_with_a_canary_is_settled_with_it(postbox: Postbox, clock) -> None:
    """They were claimed one after the other; if one of them stayed handed over, it would be sent again."""
    open_for("gmail.com", seconds=-1)
    owe(1, "gmail.com")
    owe(3, "example.org")
    drain()
    assert set(Delivery.objects.values_list("state", flat=True)) == {State.ACCEPTED}
    assert len(postbox.sent_to) == 4


def test_each_failure_doubles_the_wait_up_to_an_hour(clock) -> None:
    open_for("gmail.com", seconds=0)
    owe(20, "gmail.com")
    waits = []
    for _ in range(8):
        clock.shift((wait("gmail.com") or 0) + 1)
        batch = hand_over()
        assert [row.canary for row in batch] == ["gmail.com"]
        settle(Outcome(row, State.DEFERRED, BUSY) for row in batch)
        waits.append(wait("gmail.com"))
    assert waits == [120, 240, 480, 960, 1920, 3600, 3600, 3600]


def test_an_unknown_recipient_closes_it_too(clock) -> None:
    open_for("gmail.com", seconds=-1)
    owe(1, "gmail.com")
    ends(State.REJECTED, "550 5.1.1 unknown")
    assert wait("gmail.com") is None


@pytest.mark.parametrize("end", [(State.REJECTED, "ValueError: no words"), (State.UNCERTAIN, "the line broke")])
def test_a_canary_that_says_nothing_is_followed_by_another(clock, end: tuple[State, str]) -> None:
    open_for("gmail.com", seconds=-1)
    owe(2, "gmail.com")
    ends(*end)
    assert handed() == []
    clock.shift(61)
    assert handed() == ["reader1@gmail.com"]


def test_a_canary_that_was_killed_is_followed_by_another(clock) -> None:
    open_for("gmail.com", seconds=-1)
    owe(2, "gmail.com")
    hand_over()
    assert handed() == []
    clock.shift(61)
    assert handed() == ["reader1@gmail.com"]


def test_it_is_not_sent_to_whom_wants_none(clock) -> None:
    open_for("gmail.com", seconds=-1)
    owe(2, "gmail.com")
    Suppression.objects.create(mailbox=Delivery.objects.earliest("pk").mailbox, reason="asked")
    assert handed() == ["reader1@gmail.com"]


def test_it_travels_with_mail_of_other_domains(clock) -> None:
    open_for("gmail.com", seconds=-1)
    open_for("yahoo.com", seconds=-1)
    owe(2, "gmail.com")
    owe(2, "yahoo.com")
    owe(2, "example.org", Lane.DIGEST)
    batch = hand_over()
    assert sorted((row.address, row.canary) for row in batch) == [
        ("reader0@example.org", ""),
        ("reader0@gmail.com", "gmail.com"),
        ("reader0@yahoo.com", "yahoo.com"),
        ("reader1@example.org", ""),
    ]


@pytest.mark.parametrize("name", ["gmail.com", RELAY])
@pytest.mark.django_db(transaction=True)
def test_workers_send_one_canary_between_them(name: str) -> None:
    open_for(name, seconds=-1)
    owe(12, "gmail.com")
    assert sum(len(batch) for batch in at_once([hand_over] * 6)) == 1


def test_it_respects_the_rate(settings, clock) -> None:
    settings.MAIL_PER_SECOND = 1
    open_for("gmail.com", seconds=-1)
    owe(2, "gmail.com")
    owe(2, "example.org")
    assert [handed(), handed()] == [["reader0@gmail.com"], []]


def test_after_a_canary_that_was_taken_the_rest_is_asked_for(
    postbox: Postbox, settings, hints: list[str], clock
) -> None:
    """The connections that wait for no canary end the slice."""
    settings.MAIL_CONNECTIONS = 4
    open_for(RELAY, seconds=-1)
    owe(3, "example.org", Lane.NOW)
    drain_now()
    assert hints == ["mail.tasks.drain_now"]
    drain_now()
    assert len(postbox.mails) == 3


# What is known of it


def test_what_was_not_heard_of_for_a_day_is_forgotten(clock) -> None:
    open_for("gmail.com")
    clock.shift(90_000)
    open_for("example.org")
    forget()
    assert [domain.name for domain in Domain.objects.all()] == ["example.org"]


def test_one_refusal_somewhere_costs_the_others_one_look(django_assert_max_num_queries) -> None:
    """There is always one somewhere: it may not slow down a mailout to many domains."""
    Domain.objects.create(name="gmail.com", failures=1)
    mailout = make_mailout()
    for number in range(20):
        make_delivery(mailout, f"reader@{number}.example.org")
    with django_assert_max_num_queries(3):
        batch = hand_over()
    with django_assert_max_num_queries(2):
        settle(Outcome(row, State.ACCEPTED) for row in batch)


def test_mail_that_arrives_costs_no_statement_while_nothing_fails(django_assert_num_queries) -> None:
    owe(20, "example.org")
    batch = hand_over()
    with django_assert_num_queries(1):
        settle(Outcome(row, State.ACCEPTED) for row in batch)


def test_operators_see_what_is_put_off_and_until_when(admin_client: Client, blog: Blog) -> None:
    with time_machine.travel(NOON, tick=False):
        open_for(RELAY)
        open_for("gmail.com", seconds=600)
        open_for("example.net", seconds=-1)
        Domain.objects.create(name="example.org", failures=1)
        page = " ".join(admin_client.get("/desk/mail/").text.split())
    assert "All mail, because the mail server is away or refuses us. One will be tried at 12:01." in page
    assert "Mail to gmail.com, which refused the last ones. One will be tried at 12:10." in page
    assert "Mail to example.net, which refused the last ones. The next one is tried now." in page
    assert "example.org" not in page


def test_operators_see_which_sender_is_refused(admin_client: Client, blog: Blog) -> None:
    open_for("from:blog@example.org")
    assert "Mail from blog@example.org, which the mail server refuses" in admin_client.get("/desk/mail/").text


def test_a_breaker_is_information_and_makes_nobody_unready(client: Client) -> None:
    long_ago = datetime.datetime.now(datetime.UTC) - datetime.timedelta(hours=1)
    make_delivery(due_at=long_ago)
    assert not client.get("/readyz").json()["checks"]["owed mail"]["ok"]
    open_for("example.org")
    checks = client.get("/readyz").json()["checks"]
    assert checks["owed mail"]["ok"]
    assert checks["put off"] == {"ok": True, "domains": 1, "senders": 0, "mail server": False}


def test_mail_that_waits_for_its_rate_makes_nobody_unready(client: Client, settings) -> None:
    settings.MAIL_PER_SECOND = 1
    make_delivery(due_at=datetime.datetime.now(datetime.UTC) - datetime.timedelta(hours=1))
    assert not client.get("/readyz").json()["checks"]["owed mail"]["ok"], "nobody sends at all"
    Domain.objects.create(name=RELAY, empty_at=datetime.datetime.now(datetime.UTC))
    assert client.get("/readyz").json()["checks"]["owed mail"]["ok"]
