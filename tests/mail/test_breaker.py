"""A domain that fails again and again is left alone for a while, and then tried with one mail; so is the relay."""

import datetime

import pytest
import time_machine
from django.test import Client

from blog.models import Blog
from mail.breakers import FAILURES
from mail.domains import RELAY, Domain
from mail.drain import drain, hand_over, settle, sweep
from mail.models import Delivery, Lane, Suppression
from mail.smtp import About, Outcome
from mail.tasks import drain_now, forget
from tests.at_once import at_once
from tests.factories import make_delivery, make_mailout
from tests.mail.servers import Postbox
from tests.sink import Sink

pytestmark = pytest.mark.django_db
State = Delivery.State
NOON = datetime.datetime(2026, 11, 22, 12, tzinfo=datetime.UTC)
BUSY = "450 4.2.1 busy"


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def owe(count: int, domain: str, lane: Lane = Lane.ALERT) -> None:
    mailout = make_mailout(lane)
    for number in range(count):
        make_delivery(mailout, f"reader{number}@{domain}")


def open_for(name: str, seconds: int = 60, failures: int = FAILURES) -> Domain:
    until = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=seconds)
    return Domain.objects.create(name=name, failures=failures, open_until=until)


def handed(*lanes: Lane) -> list[str]:
    return [delivery.address for delivery in hand_over(*lanes)]


def ends(state: State, code: str = "", about: About = About.RECIPIENT) -> None:
    """All of the next sub-batch ends so."""
    settle(Outcome(row, state, code, about) for row in hand_over())


def wait(name: str) -> float | None:
    """Seconds until its breaker lets one through; None when it is closed."""
    until = Domain.objects.get(name=name).open_until
    return until and (until - datetime.datetime.now(datetime.UTC)).total_seconds()


# Opening


@pytest.mark.parametrize(("refusals", "opens"), [(FAILURES - 1, False), (FAILURES, True)])
def test_so_many_refusals_in_a_row_open_it(clock, refusals: int, opens: bool) -> None:
    owe(refusals, "gmail.com")
    ends(State.DEFERRED, BUSY)
    assert wait("gmail.com") == (60 if opens else None)


def test_they_count_over_sub_batches(settings, clock) -> None:
    settings.MAIL_BATCH = 1
    owe(FAILURES, "gmail.com")
    for _ in range(FAILURES):
        ends(State.DEFERRED, BUSY)
    assert wait("gmail.com") == 60


@pytest.mark.parametrize("answer", [(State.ACCEPTED, ""), (State.REJECTED, "550 5.1.1 unknown")])
def test_a_clear_answer_in_between_begins_the_count_again(clock, answer: tuple[State, str]) -> None:
    owe(2 * FAILURES - 1, "gmail.com")
    answers = [(State.DEFERRED, BUSY)] * (2 * FAILURES - 1)
    answers[FAILURES - 1] = answer
    settle(Outcome(row, *words) for row, words in zip(hand_over(), answers, strict=True))
    assert wait("gmail.com") is None
    make_delivery(address="one@gmail.com")
    ends(*answer)
    assert Domain.objects.get().failures == 0


@pytest.mark.parametrize("code", ["ConnectionResetError: ", "ValueError: no address", ""])
def test_what_is_no_answer_says_nothing_of_a_domain(clock, code: str) -> None:
    owe(2 * FAILURES, "gmail.com")
    ends(State.DEFERRED, code)
    assert not Domain.objects.exists()


def test_one_domains_refusals_say_nothing_of_another_nor_of_the_relay(postbox: Postbox, clock) -> None:
    owe(FAILURES, "gmail.com")
    owe(3, "example.org")
    postbox.refuse = {f"reader{number}@gmail.com": BUSY for number in range(FAILURES)}
    drain()
    assert [domain.name for domain in Domain.objects.all()] == ["gmail.com"]
    assert len(postbox.sent_to) == 3


@pytest.mark.parametrize("answer", ["450 4.7.1 slower", "421 4.3.2 busy"])
def test_a_relay_that_refuses_us_again_and_again_is_left_alone(postbox: Postbox, clock, answer: str) -> None:
    owe(FAILURES, "example.org")
    postbox.refuse = {"MAIL": answer}
    drain()
    assert [domain.name for domain in Domain.objects.put_off()] == [RELAY]


def test_a_sender_that_is_refused_for_ever_stops_no_other(postbox: Postbox, clock) -> None:
    owe(2 * FAILURES, "example.org")
    postbox.refuse = {"MAIL": "550 5.7.1 not you"}
    drain()
    assert not Domain.objects.exists()


def test_a_relay_that_fails_one_in_ten_is_not_left_alone(tmp_path, settings, clock) -> None:
    owe(60, "example.org")
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    with Sink("mail=421/10", "rcpt=450/9", folder=tmp_path) as sink:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
        drain()
        assert not Domain.objects.put_off().exists()
        assert Delivery.objects.filter(state=State.ACCEPTED).count() == len(sink.mails) > 40


# Open


def test_other_domains_go_on_and_its_own_are_not_tried(clock) -> None:
    open_for("gmail.com")
    owe(3, "gmail.com", Lane.NOW)
    owe(2, "gmail.com")
    owe(1, "example.org")
    assert handed() == ["reader0@example.org"]
    assert handed() == []
    assert set(Delivery.objects.filter(state=State.PENDING).values_list("attempts")) == {(0,)}


def test_only_its_canary_decides_not_what_was_under_way(clock) -> None:
    owe(8, "gmail.com")
    under_way = hand_over()
    open_for("gmail.com")
    settle(Outcome(row, State.DEFERRED, BUSY) for row in under_way[:4])
    settle(Outcome(row, State.ACCEPTED) for row in under_way[4:])
    assert (wait("gmail.com"), Domain.objects.get().failures) == (60, FAILURES)


def test_a_relay_that_is_away_uses_up_no_tries(settings, free_port: int, clock) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.MAIL_BATCH = "127.0.0.1", free_port, 2
    owe(9, "example.org")
    drain()
    drain()
    assert wait(RELAY) == 60
    rows = Delivery.objects.values_list("state", "attempts").order_by("pk")
    assert list(rows) == [(State.DEFERRED, 0)] * 2 + [(State.PENDING, 0)] * 7


def test_it_goes_on_when_the_relay_is_back(settings, postbox: Postbox, clock) -> None:
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1  # nobody listens
    owe(3, "example.org")
    drain()
    settings.EMAIL_PORT = port
    owe(2, "example.net", Lane.NOW)
    assert drain() == 0
    clock.shift(61)
    sweep()
    batches = [hand_over()]
    assert [row.address for row in batches[0]] == ["reader0@example.net"], "one mail to try, the most urgent"
    assert hand_over() == []
    settle(Outcome(row, State.ACCEPTED) for row in batches[0])
    assert drain() == 4
    assert wait(RELAY) is None


# The canary


def test_one_mail_is_tried_and_closes_it(postbox: Postbox, clock) -> None:
    open_for("gmail.com", seconds=-1)
    owe(4, "gmail.com")
    drain()
    assert postbox.sent_to[0] == "reader0@gmail.com"
    assert postbox.connections == 1
    assert (wait("gmail.com"), len(postbox.mails)) == (None, 4)


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


def test_a_breaker_is_information_and_makes_nobody_unready(client: Client) -> None:
    long_ago = datetime.datetime.now(datetime.UTC) - datetime.timedelta(hours=1)
    make_delivery(due_at=long_ago)
    assert not client.get("/readyz").json()["checks"]["owed mail"]["ok"]
    open_for("example.org")
    checks = client.get("/readyz").json()["checks"]
    assert checks["owed mail"]["ok"]
    assert checks["put off"] == {"ok": True, "domains": 1, "mail server": False}


def test_mail_that_waits_for_its_rate_makes_nobody_unready(client: Client, settings) -> None:
    settings.MAIL_PER_SECOND = 1
    make_delivery(due_at=datetime.datetime.now(datetime.UTC) - datetime.timedelta(hours=1))
    assert not client.get("/readyz").json()["checks"]["owed mail"]["ok"], "nobody sends at all"
    Domain.objects.create(name=RELAY, empty_at=datetime.datetime.now(datetime.UTC))
    assert client.get("/readyz").json()["checks"]["owed mail"]["ok"]
