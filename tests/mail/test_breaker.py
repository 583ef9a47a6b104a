"""A domain that fails again and again is left alone for a while, and then tried with one mail; so is the relay."""

import datetime

import pytest

from mail.breakers import FAILURES
from mail.domains import RELAY, Domain
from mail.drain import drain, hand_over, settle, sweep
from mail.models import Delivery, Lane
from mail.smtp import About, Outcome
from tests.factories import make_delivery, make_mailout
from tests.mail.breaking import BUSY, ends, handed, open_for, owe, wait
from tests.mail.servers import Postbox
from tests.sink import Sink

pytestmark = pytest.mark.django_db
State = Delivery.State
NOON = datetime.datetime(2026, 11, 22, 12, tzinfo=datetime.UTC)


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


def test_a_relay_that_ends_the_conversation_again_and_again_is_left_alone(postbox: Postbox, settings, clock) -> None:
    owe(2 * FAILURES, "example.org")
    settings.MAIL_BATCH = FAILURES
    postbox.refuse = {"MAIL": "421 4.3.2 busy"}
    drain()
    drain()
    assert [domain.name for domain in Domain.objects.put_off()] == [RELAY]


@pytest.mark.parametrize("answer", ["450 4.7.1 slower", "550 5.7.1 not you"])
@pytest.mark.parametrize("lane", [Lane.NOW, Lane.ALERT])
def test_a_sender_that_is_refused_is_left_alone_and_stops_no_other(
    postbox: Postbox, settings, clock, answer: str, lane: Lane
) -> None:
    settings.MAIL_BATCH = FAILURES
    for _ in range(2 * FAILURES):
        make_delivery(make_mailout(lane, sender="Blog of Bob <Bob@bob.example>"))
    postbox.refuse = {"bob@bob.example": answer}
    drain()
    assert [domain.name for domain in Domain.objects.put_off()] == ["from:bob@bob.example"]
    assert Delivery.objects.filter(state=State.PENDING).count() == FAILURES
    owe(3, "example.org")
    drain()
    assert len(postbox.sent_to) == 3


def test_a_sender_that_was_left_alone_is_tried_with_one_mail(postbox: Postbox, clock) -> None:
    open_for("from:blog@example.org", seconds=-1)
    owe(4, "example.org")
    [canary] = hand_over()
    assert canary.canary == "from:blog@example.org"
    settle([Outcome(canary, State.DEFERRED, "550 5.7.1 not you", About.SENDER)])
    assert wait("from:blog@example.org") == 120
    clock.shift(121)
    drain()
    assert (wait("from:blog@example.org"), len(postbox.sent_to)) == (None, 3)


def test_the_relay_is_tried_though_all_that_is_owed_is_of_a_sender_that_was_refused(clock) -> None:
    open_for(RELAY, seconds=-1)
    open_for("from:blog@example.org", seconds=-1)
    owe(2, "example.org")
    assert [row.canary for row in hand_over()] == [RELAY]


def test_a_relay_that_answers_a_sender_is_there(clock) -> None:
    open_for(RELAY, seconds=-1)
    owe(1, "example.org")
    ends(State.DEFERRED, "550 5.7.1 not you", About.SENDER)
    assert wait(RELAY) is None


@pytest.mark.parametrize(("fault", "opens"), [("connect=421", False), ("connect=554", True), ("connect=drop", True)])
def test_a_relay_without_a_free_connection_may_be_busy_with_another_worker(
    settings, clock, fault: str, opens: bool
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    owe(2 * FAILURES, "example.org")
    with Sink(fault) as sink:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
        drain()
    assert Domain.objects.put_off().exists() is opens
    assert Domain.objects.get(name=RELAY).failures == (FAILURES if opens else 1)


def test_a_wrong_password_is_not_tried_on_all_mail(clock) -> None:
    owe(2, "example.org")
    ends(State.DEFERRED, "535 5.7.8 bad credentials", About.SERVER)
    assert wait(RELAY) == 60


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


def test_the_relay_is_tried_though_all_that_is_owed_goes_to_a_domain_that_failed(clock) -> None:
    """Else neither would ever be tried again."""
    owe(3, "gmail.com")
    open_for("gmail.com", -1)
    open_for(RELAY, -1)
    ends(State.ACCEPTED)
    assert wait(RELAY) is None
    ends(State.ACCEPTED)
    assert wait("gmail.com") is None
    assert len(handed()) == 1


def test_the_relays_canary_does_not_go_to_a_domain_that_is_left_alone(clock) -> None:
    owe(1, "gmail.com")
    open_for("gmail.com", 60)
    open_for(RELAY, -1)
    assert handed() == []
