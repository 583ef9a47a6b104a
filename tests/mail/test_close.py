"""A mailout is done when nothing of it is open, and always adds up."""

import datetime

import pytest
from django.db import IntegrityError
from django.utils import timezone

from mail.models import Delivery, Lane, Mailout
from mail.tasks import forget
from tests.factories import make_delivery, make_mailout

pytestmark = pytest.mark.django_db
State = Delivery.State
CLOSED = [state for state in State if state not in Delivery.OPEN]


@pytest.fixture
def mailout(db: None) -> Mailout:
    return make_mailout(Lane.ALERT, state=Mailout.State.SENDING)


def close(mailout: Mailout) -> str:
    Mailout.objects.close_finished()
    mailout.refresh_from_db()
    return mailout.state


@pytest.mark.parametrize("state", Delivery.OPEN)
def test_one_open_row_keeps_it_open(mailout: Mailout, state: str) -> None:
    make_delivery(mailout, "done@example.org", state=State.ACCEPTED)
    make_delivery(mailout, "open@example.org", state=state)
    assert close(mailout) == Mailout.State.SENDING
    assert mailout.closed_at is None


def test_every_way_that_a_mail_can_end_is_counted(mailout: Mailout) -> None:
    for number, state in enumerate(CLOSED):
        make_delivery(mailout, f"{number}@example.org", state=state)
    assert close(mailout) == Mailout.State.DONE
    assert mailout.count_states() == dict.fromkeys(CLOSED, 1)
    assert mailout.adds_up()


def test_it_closes_once(mailout: Mailout) -> None:
    make_delivery(mailout, state=State.ACCEPTED)
    assert Mailout.objects.close_finished() == 1
    assert Mailout.objects.close_finished() == 0


@pytest.mark.parametrize("state", [Mailout.State.PREPARING, Mailout.State.PAUSED, Mailout.State.CANCELLED])
def test_only_what_is_being_sent_is_closed(mailout: Mailout, state: str) -> None:
    Mailout.objects.update(state=state)
    assert close(mailout) == state


def test_a_lost_row_does_not_add_up(mailout: Mailout) -> None:
    make_delivery(mailout, state=State.ACCEPTED)
    make_delivery(mailout, "lost@example.org").delete()
    mailout.refresh_from_db()
    assert not mailout.adds_up()


def test_a_candidate_that_nobody_counted_does_not_add_up(mailout: Mailout) -> None:
    make_delivery(mailout)
    Mailout.objects.update(candidates=2)
    mailout.refresh_from_db()
    assert not mailout.adds_up()


def test_addresses_are_forgotten_and_their_counts_kept(mailout: Mailout, settings) -> None:
    letter = make_delivery(state=State.ACCEPTED).mailout
    make_delivery(mailout, state=State.ACCEPTED)
    Mailout.objects.close_finished()
    forget()
    assert Delivery.objects.count() == 2
    Mailout.objects.update(closed_at=timezone.now() - datetime.timedelta(days=settings.MAIL_RETENTION_DAYS, seconds=1))
    forget()
    assert not Delivery.objects.exists()
    mailout.refresh_from_db()
    assert mailout.count_states() == {"accepted": 1}
    assert mailout.adds_up()
    assert not Mailout.objects.filter(pk=letter.pk).exists()


def test_what_is_still_owed_is_never_forgotten(mailout: Mailout) -> None:
    make_delivery(mailout, due_at=timezone.now() - datetime.timedelta(days=365))
    forget()
    assert Delivery.objects.exists()


def test_one_address_stands_once_in_a_mailout(mailout: Mailout) -> None:
    make_delivery(mailout)
    with pytest.raises(IntegrityError):
        make_delivery(mailout)
