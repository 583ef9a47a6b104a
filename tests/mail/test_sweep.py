"""What the sweep heals."""

import datetime

import pytest
from django.utils import timezone

from mail import tasks
from mail.drain import hand_over, sweep
from mail.models import TRIES, Delivery, Lane, Mailout
from mail.turns import turn
from tests.at_once import at_once
from tests.factories import make_delivery, make_mailout

pytestmark = pytest.mark.django_db
State = Delivery.State


def ago(**parts: float) -> datetime.datetime:
    return timezone.now() - datetime.timedelta(**parts)


def swept(delivery: Delivery) -> Delivery:
    sweep()
    delivery.refresh_from_db()
    return delivery


@pytest.mark.parametrize("lane", Lane)
def test_what_a_dead_sender_held_is_owed_again_at_once(lane: Lane) -> None:
    delivery = make_delivery(make_mailout(lane), state=State.HANDED, attempts=1, lease_until=ago(seconds=1))
    assert swept(delivery).state == State.PENDING
    assert [row.pk for row in hand_over()] == [delivery.pk]


@pytest.mark.parametrize("lane", Lane)
def test_senders_may_die_many_times_before_anybody_is_missed(lane: Lane) -> None:
    delivery = make_delivery(make_mailout(lane))
    for _ in range(TRIES):
        assert len(hand_over()) == 1
        Delivery.objects.update(lease_until=ago(seconds=1))
        sweep()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.code) == (State.UNCERTAIN, "its sender died")


@pytest.mark.parametrize(("lane", "state"), [(Lane.NOW, State.PENDING), (Lane.ALERT, State.UNCERTAIN)])
def test_bulk_mail_that_a_dead_sender_held_can_be_held_for_a_person(lane: Lane, state: State, settings) -> None:
    settings.MAIL_HOLD_UNCERTAIN = True
    delivery = make_delivery(make_mailout(lane), state=State.HANDED, attempts=1, lease_until=ago(seconds=1))
    assert (swept(delivery).state, delivery.code) == (state, "its sender died")


def test_a_sender_within_its_lease_is_left_alone() -> None:
    make_delivery()
    [held] = hand_over()
    assert swept(held).state == State.HANDED


def test_a_deferred_mail_comes_back_when_it_is_due() -> None:
    due = make_delivery(state=State.DEFERRED, attempts=1, due_at=ago(seconds=1))
    later = make_delivery(state=State.DEFERRED, attempts=1, due_at=ago(seconds=-60))
    assert swept(due).state == State.PENDING
    assert swept(later).state == State.DEFERRED


def test_a_mailout_is_closed_when_nothing_of_it_is_open() -> None:
    mailout = make_delivery(state=State.ACCEPTED).mailout
    sweep()
    mailout.refresh_from_db()
    assert mailout.state == Mailout.State.DONE


def test_two_sweeps_are_one(django_assert_max_num_queries) -> None:
    delivery = make_delivery(state=State.HANDED, attempts=1, lease_until=ago(seconds=1))
    sweep()
    assert swept(delivery).attempts == 1
    for number in range(30):
        make_delivery(delivery.mailout, f"{number}@example.org", state=State.HANDED, lease_until=ago(seconds=1))
    with django_assert_max_num_queries(8):
        sweep()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_sweep_that_finds_another_at_it_leaves_it_to_that_one(hints: list[str]) -> None:
    make_delivery()
    with turn(tasks.SWEEP) as ours:
        at_once([tasks.sweep])
        assert ours and hints == []
    at_once([tasks.sweep])
    assert hints == ["mail.tasks.drain_now"]
