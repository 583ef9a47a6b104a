"""How fast mail may go, over all workers: what is beyond it is not handed over, and nobody sleeps."""

import datetime
from functools import partial

import pytest
import time_machine
from django.core.exceptions import ImproperlyConfigured

from mail.domains import Domain
from mail.drain import drain, hand_over, settle
from mail.models import Delivery, Lane, Suppression
from mail.rates import pause
from mail.smtp import Outcome
from mail.tasks import drain_bulk, drain_now
from postbag.settings import rate, rates
from tests.at_once import at_once
from tests.factories import make_delivery, make_mailout
from tests.mail.servers import Postbox

pytestmark = pytest.mark.django_db
State = Delivery.State
NOON = datetime.datetime(2026, 11, 22, 12, tzinfo=datetime.UTC)


def owe(*domains: str, lane: Lane = Lane.ALERT) -> None:
    mailout = make_mailout(lane)
    for number, domain in enumerate(domains):
        make_delivery(mailout, f"reader{number}@{domain}")


def handed(*lanes: Lane) -> list[str]:
    """The domains of the next sub-batch."""
    return [delivery.address.partition("@")[2] for delivery in hand_over(*lanes)]


def test_without_a_rate_nothing_is_counted(django_assert_max_num_queries) -> None:
    owe(*["example.org"] * 40)
    with django_assert_max_num_queries(3):
        assert len(hand_over()) == 40
    assert not Domain.objects.exists()


def test_no_more_than_the_rate_goes_in_a_second(settings, clock) -> None:
    settings.MAIL_PER_SECOND = 4
    owe(*["example.org"] * 12)
    assert [len(handed()), len(handed())] == [4, 0]
    clock.shift(0.5)
    assert [len(handed()), len(handed())] == [2, 0]
    clock.shift(60)
    assert len(handed()) == 4, "what was not used is not saved up"


def test_what_is_beyond_the_rate_is_not_tried(settings, clock) -> None:
    settings.MAIL_PER_DOMAIN = {"gmail.com": 2}
    owe(*["gmail.com"] * 5)
    assert handed() == ["gmail.com"] * 2
    left = Delivery.objects.filter(state=State.PENDING)
    assert set(left.values_list("attempts", "lease", "lease_until")) == {(0, None, None)}


def test_one_domains_rate_holds_no_other_back(settings, clock) -> None:
    settings.MAIL_PER_DOMAIN = {"gmail.com": 2}
    owe(*["gmail.com"] * 5, *["example.org"] * 3)
    assert sorted(handed() + handed()) == ["example.org"] * 3 + ["gmail.com"] * 2
    assert handed() == []


def test_nor_the_mailouts_and_lanes_behind_it(settings, clock) -> None:
    settings.MAIL_PER_DOMAIN = {"gmail.com": 1}
    owe("gmail.com", "gmail.com", lane=Lane.NOW)
    owe("gmail.com")
    owe("example.org")
    assert [handed(), handed()] == [["gmail.com"], ["example.org"]]


def test_a_domain_is_known_in_capitals_too(settings, clock) -> None:
    settings.MAIL_PER_DOMAIN = {"gmail.com": 1}
    owe("GMail.com", "gmail.COM", "gmail.com.example.org")
    assert sorted([*handed(), *handed()]) == ["GMail.com", "gmail.com.example.org"]


def test_a_rate_below_one_a_second(settings, clock) -> None:
    settings.MAIL_PER_SECOND = 0.5
    owe(*["example.org"] * 3)
    assert len(handed()) == 1
    clock.shift(1.5)
    assert handed() == []
    clock.shift(0.5)
    assert len(handed()) == 1


def test_what_nobody_wants_takes_no_token(settings, clock) -> None:
    settings.MAIL_PER_SECOND = 1
    owe("example.org", "example.net")
    Suppression.objects.create(mailbox=Delivery.objects.earliest("pk").mailbox, reason="asked")
    assert handed() == ["example.net"]


def test_a_clock_that_is_set_back_stops_nothing(settings, clock) -> None:
    settings.MAIL_PER_SECOND = 1
    owe("example.org", "example.org")
    assert len(handed()) == 1
    clock.move_to(NOON - datetime.timedelta(hours=1))
    Delivery.objects.update(due_at=NOON - datetime.timedelta(hours=2))
    assert len(handed()) == 1


@pytest.mark.django_db(transaction=True)
def test_workers_share_the_rate(settings) -> None:
    settings.MAIL_PER_SECOND, settings.MAIL_PER_DOMAIN = 6, {"gmail.com": 3}
    owe(*["gmail.com"] * 30, *["example.org"] * 30)
    with time_machine.travel(NOON + datetime.timedelta(days=9999), tick=False):
        at_once([hand_over] * 6)
    taken = Delivery.objects.filter(state=State.HANDED)
    assert taken.count() <= 6
    assert taken.filter(address__endswith="gmail.com").count() == 3


def test_a_worker_does_not_wait_for_tokens(postbox: Postbox, settings, clock) -> None:
    settings.MAIL_PER_SECOND = 2
    owe(*["example.org"] * 9)
    assert drain(seconds=20) == 2
    assert len(postbox.sent_to) == 2


@pytest.mark.parametrize(("task", "lane"), [(drain_now, Lane.NOW), (drain_bulk, Lane.ALERT)])
def test_it_asks_to_be_called_again_soon(settings, clock, hints: list[str], mailoutbox, task, lane: Lane) -> None:
    settings.MAIL_PER_SECOND = 2
    owe(*["example.org"] * 3, lane=lane)
    task()
    assert hints == [task.name]
    task()
    assert hints == [task.name], "one that had no token leaves it to the one that had"


def test_the_pause_fits_the_rates(settings) -> None:
    assert pause() == 0
    settings.MAIL_PER_SECOND = 100
    assert pause() == 0.5
    settings.MAIL_PER_SECOND, settings.MAIL_PER_DOMAIN = 0, {"gmail.com": 0.25}
    assert pause() == 4


def test_mail_goes_on_at_its_rate_to_the_end(mailoutbox, settings, clock) -> None:
    settings.MAIL_PER_SECOND, settings.MAIL_PER_DOMAIN = 10, {"gmail.com": 4}
    owe(*["gmail.com", "example.org"] * 12)
    seconds = 0.0
    while Delivery.objects.filter(state=State.PENDING).exists():
        drain()
        clock.shift(0.5)
        seconds += 0.5
    assert len(mailoutbox) == 24
    assert 2.0 <= seconds <= 3.5  # (12 - 4) / 4 for gmail.com


def test_rates_in_the_settings() -> None:
    assert rates("X", ["gmail.com=20", " Example.ORG = 0.5 ", "example.net=0"]) == {"gmail.com": 20, "example.org": 0.5}
    for text in ["-1", "many", "", "nan", "1e9"]:
        with pytest.raises(ImproperlyConfigured, match="X must be"):
            rate("X", text)
    for pair in ["gmail.com", "gmail=5", "=5", '{"gmail.com": 5}']:
        with pytest.raises(ImproperlyConfigured, match="X must be"):
            rates("X", [pair])


@pytest.mark.django_db(transaction=True)
def test_a_hand_over_that_fails_takes_no_token(settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.MAIL_PER_SECOND = 3
    owe("example.org")
    monkeypatch.setattr("mail.brakes.Brakes.beyond", partial(int, "not a number"))
    with pytest.raises((TypeError, ValueError)):
        hand_over()
    assert Delivery.objects.get().state == State.PENDING
    assert Domain.objects.filter(empty_at__isnull=False).count() == 0


def test_settling_under_a_rate_counts_no_failures(settings, clock) -> None:
    settings.MAIL_PER_SECOND = 3
    owe("example.org")
    settle(Outcome(row, State.ACCEPTED) for row in hand_over())
    assert Domain.objects.get().failures == 0
