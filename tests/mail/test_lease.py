"""How long a sender keeps what it was handed, and when it lets go."""

import uuid

import pytest
from django.db import OperationalError, connection

from mail import lease
from mail.batch import Batch
from mail.drain import drain, sweep
from mail.handover import hand_over
from mail.mime import Mould
from mail.models import Delivery, Lane
from mail.pipeline import _item
from tests.factories import make_delivery, make_mailout
from tests.mail.servers import Postbox

pytestmark = pytest.mark.django_db(transaction=True)
State = Delivery.State
READERS = 5


@pytest.fixture(autouse=True)
def _short(settings) -> None:
    """A lease that is over long before this slow server has taken the sub-batch."""
    settings.MAIL_LEASE_SECONDS, settings.MAIL_FINAL_TIMEOUT = 1.2, 0.6
    mailout = make_mailout(Lane.ALERT)
    for number in range(READERS):
        make_delivery(mailout, f"reader{number}@example.org")


def states() -> list[str]:
    return list(Delivery.objects.order_by("pk").values_list("state", flat=True))


def batch() -> Batch:
    handed = hand_over()
    return Batch([_item(Mould(handed[0].mailout), delivery) for delivery in handed], lease.safe())


def test_a_living_sender_keeps_a_sub_batch_for_longer_than_a_lease(postbox: Postbox) -> None:
    postbox.stall = 0.4

    def sweep_meanwhile() -> None:
        sweep()
        connection.close()

    postbox.look = sweep_meanwhile
    drain(seconds=0.1)
    assert states() == [State.ACCEPTED] * READERS and len(postbox.sent_to) == READERS
    assert set(Delivery.objects.values_list("attempts", flat=True)) == {1}


def test_a_sender_that_cannot_renew_it_gives_back_what_it_has_not_begun(postbox: Postbox) -> None:
    def away(execute, sql, params, many, context):
        if 'SET "lease_until"' in sql:
            raise OperationalError("the database is away")
        return execute(sql, params, many, context)

    postbox.stall = 0.4
    with connection.execute_wrapper(away):
        drain(seconds=0.1)
    assert states()[0] == State.ACCEPTED and states()[-1] == State.PENDING
    assert states().count(State.ACCEPTED) == len(postbox.sent_to)
    assert Delivery.objects.filter(state=State.PENDING, attempts=0).count() == READERS - len(postbox.sent_to)


def test_a_sender_whose_mails_somebody_else_holds_begins_no_more_of_them() -> None:
    held = batch()
    Delivery.objects.filter(address="reader3@example.org").update(lease=uuid.uuid4())
    lease.renew([held])
    assert held.is_late


def test_a_sender_that_slept_does_not_renew_what_may_be_somebody_elses() -> None:
    held = batch()
    before = Delivery.objects.values_list("lease_until", flat=True).first()
    held.keep_until(0)
    lease.renew([held])
    assert held.is_late
    assert Delivery.objects.values_list("lease_until", flat=True).first() == before


def test_each_of_two_sub_batches_that_were_handed_over_together_is_kept_for_itself(settings) -> None:
    settings.MAIL_BATCH = 3
    handed = hand_over(batches=2)
    items = [_item(Mould(handed[0].mailout), delivery) for delivery in handed]
    late, kept = Batch(items[:3], 0), Batch(items[3:], lease.safe())
    Delivery.objects.filter(pk=handed[0].pk).update(lease=uuid.uuid4())
    lease.renew([late, kept])
    ends = Delivery.objects.order_by("pk").values_list("lease_until", flat=True)
    assert not kept.is_late and late.is_late
    assert set(ends[:3]) == {handed[0].lease_until} and min(ends[3:]) > handed[0].lease_until


def test_nothing_is_begun_whose_answer_may_come_after_the_lease(settings) -> None:
    for length, final in [(90, 60), (300, 60), (150, 120)]:
        settings.MAIL_LEASE_SECONDS, settings.MAIL_FINAL_TIMEOUT = length, final
        assert 0 < lease.safe() < length - final
