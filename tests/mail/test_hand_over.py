"""What is handed to a sender, and that it is committed before the first byte leaves."""

import datetime

import pytest
from django.db import connections
from django.utils import timezone

from mail.drain import drain, hand_over, settle
from mail.models import Delivery, Lane, Mailout, Suppression
from mail.smtp import Outcome
from tests.factories import make_delivery, make_mailout
from tests.mail.servers import Postbox

pytestmark = pytest.mark.django_db
State = Delivery.State


def test_a_sub_batch_has_one_lease_and_one_try(settings) -> None:
    settings.MAIL_BATCH = 2
    mailout = make_mailout()
    for number in range(3):
        make_delivery(mailout, f"reader{number}@example.org")
    batch = hand_over()
    assert [row.address for row in batch] == ["reader0@example.org", "reader1@example.org"]
    assert len({row.lease for row in batch}) == 1
    assert {(row.state, row.attempts) for row in batch} == {(State.HANDED, 1)}
    assert all(row.lease_until > timezone.now() for row in batch)


def test_several_sub_batches_are_handed_over_at_once(settings) -> None:
    settings.MAIL_BATCH = 2
    mailout = make_mailout()
    for number in range(5):
        make_delivery(mailout, f"reader{number}@example.org")
    together, rest = hand_over(batches=2), hand_over(batches=2)
    assert (len(together), len(rest)) == (4, 1)
    assert len({row.lease for row in together}) == 1 and together[0].lease != rest[0].lease


@pytest.mark.postgres
def test_a_sub_batch_is_no_larger_where_the_database_believes_that_there_is_one_mail(settings) -> None:
    """Then it loops over all of them, and would run a subquery with a limit again for each."""
    settings.MAIL_BATCH = 2
    make_delivery(make_mailout(state=Mailout.State.PAUSED))
    with connections["default"].cursor() as cursor:
        cursor.execute("ANALYZE mail_delivery")
    mailout = make_mailout()
    for number in range(5):
        make_delivery(mailout, f"reader{number}@example.org")
    assert [len(hand_over()) for _ in range(3)] == [2, 2, 1]


def test_what_is_handed_is_handed_to_nobody_else() -> None:
    make_delivery()
    assert len(hand_over()) == 1
    assert hand_over() == []


def test_a_mail_that_is_not_due_waits() -> None:
    make_delivery(due_at=timezone.now() + datetime.timedelta(seconds=5))
    assert hand_over() == []


@pytest.mark.parametrize("state", [Mailout.State.PREPARING, Mailout.State.PAUSED, Mailout.State.CANCELLED])
def test_a_mailout_that_is_not_sending_sends_nothing(state: str) -> None:
    make_delivery(make_mailout(state=state))
    assert hand_over() == []


def test_the_first_sub_batch_makes_a_mailout_sending() -> None:
    delivery = make_delivery()
    hand_over()
    delivery.mailout.refresh_from_db()
    assert delivery.mailout.state == Mailout.State.SENDING


def test_a_lane_takes_only_its_own() -> None:
    make_delivery(make_mailout(Lane.ALERT))
    assert hand_over(Lane.NOW) == []
    assert len(hand_over(Lane.ALERT, Lane.DIGEST)) == 1


def test_a_sub_batch_that_is_all_suppressed_is_not_the_end(settings) -> None:
    settings.MAIL_BATCH = 1
    unwanted, wanted = make_delivery(address="no@example.org"), make_delivery(address="yes@example.org")
    Suppression.objects.create(mailbox=unwanted.mailbox, reason="asked")
    assert hand_over() == [wanted]
    unwanted.refresh_from_db()
    assert (unwanted.state, unwanted.attempts) == (State.SUPPRESSED, 0)


@pytest.mark.django_db(transaction=True)
def test_the_server_finds_the_row_committed_and_free_while_it_receives(postbox: Postbox) -> None:
    """No byte before the row is handed; and no transaction is open, for it would hold the row that is written here."""
    delivery, seen = make_delivery(), []

    def look() -> None:
        rows = Delivery.objects.filter(pk=delivery.pk, state=State.HANDED, lease_until__isnull=False)
        seen.append(rows.update(code="seen from outside"))
        connections.close_all()

    postbox.look = look
    assert drain() == 1
    assert seen == [1]
    delivery.refresh_from_db()
    assert (delivery.state, delivery.lease_until) == (State.ACCEPTED, None)


def test_all_of_a_sub_batch_is_settled_in_one_statement(django_assert_num_queries) -> None:
    mailout = make_mailout()
    for number in range(20):
        make_delivery(mailout, f"reader{number}@example.org")
    batch = hand_over()
    with django_assert_num_queries(1):
        settle(Outcome(row, State.ACCEPTED) for row in batch)
    assert Delivery.objects.filter(state=State.ACCEPTED).count() == 20


def test_handing_over_takes_the_same_statements_for_one_and_for_many(django_assert_max_num_queries) -> None:
    mailout = make_mailout()
    for number in range(40):
        make_delivery(mailout, f"reader{number}@example.org")
    with django_assert_max_num_queries(7):
        assert len(hand_over()) == 40
