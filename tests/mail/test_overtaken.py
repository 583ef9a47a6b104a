"""What two do to the same mail: the second waits for the first, and must then see what the first did."""

from collections.abc import Callable
from typing import Any

import pytest

from mail.drain import hand_over, settle, sweep
from mail.models import Delivery, Lane, Mailout
from mail.smtp import Outcome
from tests.factories import make_delivery, make_mailout
from tests.overtaking import overtake

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]
State = Delivery.State


def accept(batch: Any) -> Callable[[], None]:
    return lambda: settle(Outcome(row, State.ACCEPTED) for row in batch)


def test_a_mail_that_is_taken_while_its_reader_unsubscribes_is_known_as_sent() -> None:
    delivery = make_delivery(make_mailout(Lane.ALERT, kind="alert"))
    alerts = Delivery.objects.filter(about=delivery.about, mailout__kind="alert")
    overtake(alerts.cancel, accept(hand_over()))
    assert Delivery.objects.get().state == State.ACCEPTED


def test_a_mail_that_is_settled_late_is_not_held_for_a_person(settings) -> None:
    settings.MAIL_HOLD_UNCERTAIN, settings.MAIL_LEASE_SECONDS = True, 0
    make_delivery(make_mailout(Lane.ALERT))
    overtake(sweep, accept(hand_over()))
    assert Delivery.objects.get().state == State.ACCEPTED


def test_a_mailout_of_which_something_is_sent_again_is_not_closed() -> None:
    mailout = make_mailout(Lane.ALERT, state=Mailout.State.SENDING)
    make_delivery(mailout, state=State.REJECTED)
    overtake(Mailout.objects.close_finished, lambda: mailout.send_again(State.REJECTED))
    mailout.refresh_from_db()
    assert (mailout.state, Delivery.objects.get().state) == (Mailout.State.SENDING, State.PENDING)


def test_a_mailout_that_is_closed_while_something_is_sent_again_is_on_its_way() -> None:
    mailout = make_mailout(Lane.ALERT, state=Mailout.State.SENDING)
    make_delivery(mailout, state=State.REJECTED)
    overtake(lambda: mailout.send_again(State.REJECTED), Mailout.objects.close_finished)
    mailout.refresh_from_db()
    assert (mailout.state, Delivery.objects.get().state) == (Mailout.State.SENDING, State.PENDING)
