"""What becomes of a mail that was tried."""

import datetime

import pytest
from django.utils import timezone

from mail.breakers import retry_gap
from mail.drain import hand_over, settle, sweep
from mail.models import TRIES, Delivery, Lane
from mail.smtp import Outcome
from tests.factories import make_delivery, make_mailout

pytestmark = pytest.mark.django_db
State = Delivery.State


def settled(delivery: Delivery, state: State, code: str = "") -> Delivery:
    """`delivery`, handed over once more, after a try that ended so."""
    Delivery.objects.filter(pk=delivery.pk).update(state=State.PENDING, due_at=timezone.now())
    settle(Outcome(row, state, code) for row in hand_over())
    delivery.refresh_from_db()
    return delivery


def end_lease(delivery: Delivery) -> None:
    ended = timezone.now() - datetime.timedelta(seconds=1)
    Delivery.objects.filter(pk=delivery.pk).update(lease_until=ended)


@pytest.mark.parametrize("state", [State.ACCEPTED, State.DEFERRED, State.REJECTED, State.UNCERTAIN, State.PENDING])
def test_a_sender_that_wakes_too_late_writes_nothing(state: State) -> None:
    delivery = make_delivery()
    zombie = hand_over()
    end_lease(delivery)
    sweep()
    other = hand_over()
    settle(Outcome(row, state, "from the zombie") for row in zombie)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.lease) == (State.HANDED, other[0].lease)
    assert "zombie" not in delivery.code


def test_what_was_settled_is_not_settled_again() -> None:
    make_delivery()
    batch = hand_over()
    settle(Outcome(row, State.ACCEPTED) for row in batch)
    settle(Outcome(row, State.REJECTED, "550 no") for row in batch)
    assert Delivery.objects.get().state == State.ACCEPTED


def test_a_refusal_for_now_waits_and_keeps_the_answer() -> None:
    delivery = settled(make_delivery(), State.DEFERRED, "450 4.2.1 later")
    assert (delivery.state, delivery.code, delivery.lease_until) == (State.DEFERRED, "450 4.2.1 later", None)
    wait = delivery.due_at - timezone.now()
    assert datetime.timedelta(seconds=50) < wait <= datetime.timedelta(seconds=60)
    sweep()
    assert hand_over() == []


def test_gaps_grow_for_more_than_four_hours() -> None:
    gaps = [retry_gap(attempts) for attempts in range(1, TRIES)]
    assert gaps == sorted(gaps)
    assert gaps[0] == datetime.timedelta(minutes=1)
    assert gaps[-1] == datetime.timedelta(hours=1)
    assert sum(gaps, datetime.timedelta()) > datetime.timedelta(hours=4)


def test_after_the_last_try_it_is_rejected_and_says_why() -> None:
    delivery = make_delivery(attempts=TRIES - 1)
    settled(delivery, State.DEFERRED, "450 4.2.1 mailbox busy")
    assert (delivery.state, delivery.attempts) == (State.REJECTED, TRIES)
    assert delivery.code == "450 4.2.1 mailbox busy"


def test_a_refusal_for_ever_is_not_tried_again() -> None:
    delivery = settled(make_delivery(), State.REJECTED, "550 5.1.1 unknown")
    assert (delivery.state, delivery.code) == (State.REJECTED, "550 5.1.1 unknown")
    assert hand_over() == []


def test_a_confirmation_is_sent_again_whenever_its_end_is_unknown() -> None:
    delivery = make_delivery(make_mailout(Lane.NOW))
    for _ in range(TRIES - 1):
        assert settled(delivery, State.UNCERTAIN).state == State.DEFERRED
    assert settled(delivery, State.UNCERTAIN).state == State.UNCERTAIN


def test_bulk_mail_whose_end_is_unknown_is_sent_again_once() -> None:
    delivery = make_delivery(make_mailout(Lane.ALERT))
    assert settled(delivery, State.UNCERTAIN, "line broke").state == State.DEFERRED
    assert settled(delivery, State.UNCERTAIN, "line broke").state == State.UNCERTAIN
    assert delivery.code == "uncertain: line broke"


def test_a_refusal_before_does_not_use_up_the_one_repeat_of_bulk_mail() -> None:
    delivery = settled(make_delivery(make_mailout(Lane.ALERT)), State.DEFERRED, "450 greylisted")
    assert settled(delivery, State.UNCERTAIN, "line broke").state == State.DEFERRED


def test_a_sender_that_died_does_not_use_up_the_one_repeat_of_bulk_mail() -> None:
    delivery = make_delivery(make_mailout(Lane.ALERT))
    hand_over()
    end_lease(delivery)
    sweep()
    assert settled(delivery, State.UNCERTAIN, "line broke").state == State.DEFERRED
    assert settled(delivery, State.UNCERTAIN, "line broke").state == State.UNCERTAIN


def test_a_mail_that_nobody_tried_keeps_its_tries() -> None:
    delivery = make_delivery(attempts=3)
    assert settled(delivery, State.PENDING).state == State.PENDING
    assert delivery.attempts == 3


def test_bulk_mail_whose_end_is_unknown_can_be_held_for_a_person(settings) -> None:
    settings.MAIL_HOLD_UNCERTAIN = True
    delivery = settled(make_delivery(make_mailout(Lane.ALERT)), State.UNCERTAIN, "line broke")
    assert (delivery.state, delivery.code) == (State.UNCERTAIN, "uncertain: line broke")
    sweep()
    assert hand_over() == []


def test_a_confirmation_is_never_held_for_a_person(settings) -> None:
    settings.MAIL_HOLD_UNCERTAIN = True
    assert settled(make_delivery(make_mailout(Lane.NOW)), State.UNCERTAIN, "line broke").state == State.DEFERRED
