"""What follows when mail comes back: once, whatever comes how often."""

import datetime

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone

from mail import tasks
from mail.addresses import mailbox
from mail.bounces import Kind, arrived, hold_troubled, received
from mail.drain import hand_over, settle
from mail.models import Delivery, Lane, Mailout, SoftBounce, Suppression
from mail.smtp import Outcome
from tests.at_once import at_once
from tests.database import whole_database
from tests.factories import make_delivery, make_mailout

pytestmark = pytest.mark.django_db
State = Delivery.State
ANN = mailbox("ann@example.org")


def state_of(delivery: Delivery) -> str:
    return Delivery.objects.get(pk=delivery.pk).state


def why_silent() -> dict[str, str]:
    return dict(Suppression.objects.values_list("mailbox", "reason"))


def filled(mailout: Mailout, **counts: int) -> Mailout:
    """`mailout` with so many deliveries in each state."""
    for state, count in counts.items():
        for number in range(count):
            make_delivery(mailout, f"{state}{number}@example.org", state=state, settled_at=timezone.now())
    mailout.refresh_from_db()
    return mailout


@pytest.mark.parametrize(
    ("kind", "state", "reason"),
    [(Kind.HARD, State.BOUNCED, "bounced"), (Kind.COMPLAINT, State.COMPLAINED, "complained")],
)
def test_a_mailbox_that_is_gone_or_complains_gets_no_more_mail(kind: Kind, state: str, reason: str) -> None:
    delivery = make_delivery(state=State.ACCEPTED)
    owed = make_delivery(make_mailout(Lane.ALERT), "Ann+news@example.org")
    assert received(delivery, kind, "5.1.1")
    assert (state_of(delivery), state_of(owed), why_silent()) == (state, State.SUPPRESSED, {ANN: reason})
    assert Delivery.objects.get(pk=delivery.pk).code == "5.1.1"


@pytest.mark.parametrize("kind", Kind)
def test_the_same_event_a_hundred_times_is_one(kind: Kind) -> None:
    delivery = make_delivery(state=State.ACCEPTED)
    assert received(delivery, kind)
    before = whole_database()
    assert not any(received(delivery, kind) for _ in range(99))
    assert whole_database() == before


@pytest.mark.django_db(transaction=True)
def test_the_same_event_twenty_times_at_once_is_one() -> None:
    delivery = make_delivery(state=State.ACCEPTED)
    assert sum(at_once([lambda: received(delivery, Kind.HARD)] * 20)) == 1
    assert why_silent() == {ANN: "bounced"}


@pytest.mark.parametrize("state", State)
def test_only_what_has_left_can_come_back(state: State) -> None:
    delivery = make_delivery(state=state)
    left = state in {State.HANDED, State.ACCEPTED, State.DEFERRED, State.UNCERTAIN}
    assert received(delivery, Kind.HARD) is left
    assert state_of(delivery) == (State.BOUNCED if left else state)
    assert bool(why_silent()) is left


def test_what_waits_for_another_try_may_have_left() -> None:
    delivery = make_delivery(state=State.PENDING, attempts=1)
    assert received(delivery, Kind.HARD)
    assert hand_over() == []


def test_a_bounce_that_comes_before_the_sender_settles_stays() -> None:
    make_delivery()
    batch = hand_over()
    assert received(batch[0], Kind.HARD)
    settle(Outcome(row, State.ACCEPTED) for row in batch)
    assert state_of(batch[0]) == State.BOUNCED


def test_a_complaint_after_a_bounce_counts_and_a_bounce_after_a_complaint_does_not() -> None:
    delivery = make_delivery(state=State.ACCEPTED)
    assert received(delivery, Kind.SOFT)
    assert received(delivery, Kind.COMPLAINT)
    assert not received(delivery, Kind.HARD)
    assert (state_of(delivery), why_silent()) == (State.COMPLAINED, {ANN: "complained"})


def test_the_sums_hold() -> None:
    mailout = filled(make_mailout(Lane.ALERT), accepted=3)
    for kind, delivery in zip(Kind, mailout.deliveries.order_by("pk"), strict=True):
        received(delivery, kind)
    tasks.sweep()
    assert mailout.adds_up()
    assert mailout.count_states() == {"bounced": 2, "complained": 1}


# Soft bounces


def soft_bounce() -> None:
    assert received(make_delivery(state=State.ACCEPTED), Kind.SOFT, "4.4.1")


def test_soft_bounces_of_one_day_count_once() -> None:
    for _ in range(20):
        soft_bounce()
    assert SoftBounce.objects.count() == 1 and not why_silent()
    assert Delivery.objects.filter(state=State.BOUNCED).count() == 20


def test_soft_bounces_on_five_days_in_a_month_are_enough() -> None:
    start = timezone.now()
    for day in [0, 6, 12, 18]:
        with time_machine.travel(start + datetime.timedelta(days=day), tick=False):
            soft_bounce()
    assert not why_silent()
    with time_machine.travel(start + datetime.timedelta(days=24), tick=False):
        soft_bounce()
    assert why_silent() == {ANN: "bounced"}


def test_soft_bounces_of_long_ago_count_no_more_and_are_forgotten() -> None:
    start = timezone.now()
    for day in [0, 10, 20, 30, 40, 50, 60]:
        with time_machine.travel(start + datetime.timedelta(days=day), tick=False):
            soft_bounce()
            tasks.forget()
            assert SoftBounce.objects.count() <= 3
    assert not why_silent()


def test_a_soft_bounce_that_is_replayed_on_other_days_counts_once() -> None:
    delivery, start = make_delivery(state=State.ACCEPTED), timezone.now()
    for day in range(9):
        with time_machine.travel(start + datetime.timedelta(days=day), tick=False):
            received(delivery, Kind.SOFT)
    assert SoftBounce.objects.count() == 1 and not why_silent()


# Erased


@pytest.mark.parametrize("kind", Kind)
def test_a_bounce_of_an_erased_person_names_nobody(kind: Kind) -> None:
    delivery = make_delivery(state=State.ACCEPTED)
    call_command("erase_person", "ann@example.org")
    received(delivery, kind)
    assert not Suppression.objects.exists() and not SoftBounce.objects.exists()


def test_erasing_a_person_takes_the_soft_bounces_too() -> None:
    soft_bounce()
    call_command("erase_person", "Ann+x@example.org")
    assert not SoftBounce.objects.exists()


# Delivered


@pytest.mark.parametrize("state", [State.UNCERTAIN, State.DEFERRED])
def test_a_delivered_mail_is_no_longer_uncertain_and_not_sent_again(state: State) -> None:
    delivery = make_delivery(state=state, attempts=1)
    assert arrived(delivery) and not arrived(delivery)
    assert state_of(delivery) == State.ACCEPTED


@pytest.mark.parametrize(
    "state", [State.HANDED, State.ACCEPTED, State.BOUNCED, State.COMPLAINED, State.CANCELLED, State.PENDING]
)
def test_delivered_changes_nothing_else(state: State) -> None:
    assert not arrived(make_delivery(state=state))


# The breaker


@pytest.mark.parametrize(
    ("counts", "held"),
    [
        ({"accepted": 89, "bounced": 11}, True),
        ({"accepted": 90, "bounced": 10}, False),
        ({"accepted": 80, "bounced": 19}, False),  # too few to tell
        ({"rejected": 89, "bounced": 11}, True),
        ({"pending": 200, "bounced": 60}, False),
        ({"accepted": 990, "bounced": 9, "complained": 1}, True),
        ({"accepted": 998, "complained": 1}, False),
    ],
)
def test_a_mailout_of_which_too_much_comes_back_is_held(counts: dict[str, int], held: bool, caplog) -> None:
    mailout = filled(make_mailout(Lane.ALERT), **counts)
    make_delivery(mailout, "last@example.org")
    tasks.sweep()
    mailout.refresh_from_db()
    assert (mailout.state == Mailout.State.PAUSED) is held
    assert bool([line for line in caplog.records if line.levelname == "ERROR"]) is held


def test_what_a_person_resumes_is_not_held_again() -> None:
    mailout = filled(make_mailout(Lane.ALERT), accepted=80, bounced=30)
    make_delivery(mailout, "last@example.org")
    assert (hold_troubled(), hold_troubled()) == (1, 0)
    mailout.refresh_from_db()
    assert mailout.resume()
    tasks.sweep()
    assert Mailout.objects.get().state == Mailout.State.SENDING


def test_the_breaker_asks_one_question_when_nothing_came_back(django_assert_num_queries) -> None:
    for number in range(5):
        filled(make_mailout(Lane.ALERT), accepted=number)
    with django_assert_num_queries(1):
        assert hold_troubled() == 0
