"""Stop, in all its ways: suppression, unsubscribing, cancelling and pausing work in the midst of a send."""

import datetime

import pytest
from django.utils import timezone

from mail.drain import drain, hand_over, settle, sweep
from mail.erasing import erase
from mail.models import Delivery, Lane, Mailout, Suppression
from mail.smtp import Outcome
from tests.factories import make_delivery, make_mailout
from tests.mail.servers import Postbox

pytestmark = pytest.mark.django_db
State = Delivery.State


@pytest.fixture
def mailout(db: None) -> Mailout:
    """An alert for four readers, which goes out one by one."""
    mailout = make_mailout(Lane.ALERT)
    for number in range(4):
        make_delivery(mailout, f"reader{number}@example.org")
    return mailout


@pytest.fixture
def after_first(monkeypatch: pytest.MonkeyPatch, settings):
    """Does something between the first sub-batch, of one mail, and the second."""
    settings.MAIL_BATCH = 1
    acts = []

    def settle_and_act(outcomes) -> None:
        settle(outcomes)
        if acts:
            acts.pop()()

    monkeypatch.setattr("mail.drain.settle", settle_and_act)
    return acts.append


def states() -> list[str]:
    return list(Delivery.objects.order_by("pk").values_list("state", flat=True))


def test_a_suppression_takes_effect_in_the_midst_of_a_send(mailout: Mailout, postbox: Postbox, after_first) -> None:
    unwilling = mailout.deliveries.get(address="reader2@example.org")
    after_first(lambda: Suppression.objects.add_mailbox(unwilling.mailbox, "asked"))
    drain()
    assert postbox.sent_to == ["reader0@example.org", "reader1@example.org", "reader3@example.org"]
    mailout.refresh_from_db()
    assert mailout.count_states() == {"accepted": 3, "suppressed": 1}
    assert mailout.adds_up()


def test_cancelling_rows_takes_effect_in_the_midst_of_a_send(mailout: Mailout, postbox: Postbox, after_first) -> None:
    after_first(mailout.deliveries.cancel)
    drain()
    assert postbox.sent_to == ["reader0@example.org"]
    assert states() == [State.ACCEPTED, State.CANCELLED, State.CANCELLED, State.CANCELLED]


@pytest.mark.parametrize("state", [Mailout.State.PAUSED, Mailout.State.CANCELLED])
def test_pausing_takes_effect_in_the_midst_of_a_send(mailout, postbox: Postbox, after_first, state: str) -> None:
    after_first(lambda: Mailout.objects.update(state=state))
    drain()
    assert len(postbox.sent_to) == 1
    mailout.refresh_from_db()
    assert mailout.state == state


def test_a_paused_mailout_goes_on_where_it_stopped(mailout: Mailout, postbox: Postbox, after_first) -> None:
    after_first(lambda: Mailout.objects.update(state=Mailout.State.PAUSED))
    drain()
    Mailout.objects.update(state=Mailout.State.SENDING)
    drain()
    assert postbox.sent_to == [f"reader{number}@example.org" for number in range(4)]


def test_a_deferred_mail_can_be_cancelled() -> None:
    """Greylisted, then unsubscribed: it must not come back."""
    delivery = make_delivery(state=State.DEFERRED, attempts=1)
    Delivery.objects.filter(pk=delivery.pk).cancel()
    sweep()
    assert states() == [State.CANCELLED]


@pytest.mark.parametrize("outcome", [State.DEFERRED, State.PENDING, State.UNCERTAIN])
def test_what_is_cancelled_while_it_is_sent_is_not_sent_again(outcome: State, settings) -> None:
    make_delivery()
    batch = hand_over()
    Delivery.objects.cancel()
    settle(Outcome(row, outcome) for row in batch)
    Delivery.objects.update(due_at=timezone.now())
    assert hand_over() == []
    sweep()
    assert hand_over() == []
    assert states() == [State.CANCELLED]
    assert Mailout.objects.get().count_states() == {"cancelled": 1}


def test_what_is_cancelled_too_late_is_known_as_sent() -> None:
    make_delivery()
    batch = hand_over()
    Delivery.objects.cancel()
    settle(Outcome(row, State.ACCEPTED) for row in batch)
    assert states() == [State.ACCEPTED]


def test_what_is_cancelled_in_the_hands_of_a_dead_sender_stays_cancelled() -> None:
    make_delivery()
    hand_over()
    Delivery.objects.cancel()
    Delivery.objects.update(lease_until=timezone.now() - datetime.timedelta(seconds=1))
    sweep()
    assert hand_over() == []
    assert states() == [State.UNCERTAIN]


def test_what_was_sent_is_not_cancelled() -> None:
    done = [State.ACCEPTED, State.REJECTED, State.UNCERTAIN, State.SUPPRESSED]
    for state in done:
        make_delivery(state=state)
    Delivery.objects.cancel()
    assert states() == done


def test_a_deferred_mail_of_a_suppressed_mailbox_is_taken_out(mailoutbox) -> None:
    delivery = make_delivery(state=State.DEFERRED, attempts=1)
    Suppression.objects.add_mailbox(delivery.mailbox, "asked")
    sweep()
    drain()
    assert mailoutbox == []
    assert states() == [State.SUPPRESSED]


def test_suppressing_twice_is_suppressing_once() -> None:
    for reason in ["asked", "bounced"]:
        Suppression.objects.add_mailbox("0123456789abcdef", reason)
    assert Suppression.objects.get().reason == "asked"


def test_erasing_leaves_the_address_in_no_row_and_sends_nothing(mailoutbox) -> None:
    delivery = make_delivery(state=State.DEFERRED, attempts=1, address="ann@example.org")
    make_delivery(address="ann@example.org"), make_delivery(address="ann@example.org", state=State.ACCEPTED)
    assert erase(Delivery.objects.filter(mailbox=delivery.mailbox)) == 3
    sweep()
    drain()
    assert mailoutbox == []
    assert not Delivery.objects.filter(address__contains="@").exists()
    assert not Delivery.objects.exclude(mailbox="").exists()
