"""The whole loop: who goes first, and what happens when many drain at once, or nobody was told."""

import time
from collections.abc import Iterable, Sequence
from functools import partial

import pytest
from django.db import connection

from mail import drain as draining
from mail.drain import drain
from mail.handover import Trail
from mail.models import Delivery, Lane, Mailout
from mail.smtp import Outcome
from mail.tasks import PASSES, drain_bulk, drain_now, sweep
from tests.at_once import at_once
from tests.factories import make_delivery, make_mailout
from tests.mail.servers import Postbox

pytestmark = pytest.mark.django_db
State = Delivery.State


def make_alert(readers: int) -> Mailout:
    mailout = make_mailout(Lane.ALERT)
    for number in range(readers):
        make_delivery(mailout, f"reader{number}@example.org")
    return mailout


def test_urgent_mail_goes_first_however_late_it_came(mailoutbox, settings) -> None:
    settings.MAIL_BATCH = 2
    digest = make_delivery(make_mailout(Lane.DIGEST), "digest@example.org")
    make_alert(2)
    make_delivery(make_mailout(Lane.NOW), "confirm@example.org")
    drain()
    sent = [mail.to[0] for mail in mailoutbox]
    assert sent == ["confirm@example.org", "reader0@example.org", "reader1@example.org", digest.address]


def test_a_confirmation_overtakes_bulk_mail_that_is_being_sent(postbox: Postbox, settings) -> None:
    """Within one sub-batch, even where a single worker has only its bulk task."""
    settings.MAIL_BATCH = 2
    make_alert(8)

    def owe_confirmation() -> None:
        if len(postbox.mails) == 2:
            made.append(make_delivery(make_mailout(Lane.NOW), "confirm@example.org"))

    made: list[Delivery] = []
    real, draining.settle = draining.settle, lambda outcomes: (real(outcomes), owe_confirmation())
    try:
        drain_bulk()
    finally:
        draining.settle = real
    assert postbox.sent_to.index("confirm@example.org") == 2


def test_what_was_owed_first_goes_first_within_a_lane(mailoutbox, settings) -> None:
    settings.MAIL_BATCH = 1
    for name in ["first", "second", "third"]:
        make_delivery(address=f"{name}@example.org")
    drain()
    assert [mail.to[0] for mail in mailoutbox] == ["first@example.org", "second@example.org", "third@example.org"]


def test_the_time_given_ends_it(settings, mailoutbox) -> None:
    make_alert(3)
    assert drain(seconds=0) == 0
    assert mailoutbox == []


@pytest.mark.django_db(transaction=True)
def test_slices_at_once_hold_no_more_than_the_window(settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a kill can repeat is one number for a worker, however many of its tasks run at once."""
    settings.MAIL_BATCH, settings.MAIL_CONNECTIONS = 1, 2
    make_alert(12)
    hand_over, settle, handed = draining.hand_over, draining.settle, []

    def hand_over_and_count(trail: Trail, batches: int) -> Sequence[Delivery]:
        batch = hand_over(trail=trail, batches=batches)
        handed.append(Delivery.objects.filter(state=State.HANDED).count())
        return batch

    def settle_slowly(outcomes: Iterable[Outcome]) -> None:
        time.sleep(0.02)
        settle(outcomes)

    monkeypatch.setattr(draining, "hand_over", hand_over_and_count)
    monkeypatch.setattr(draining, "settle", settle_slowly)
    at_once([partial(drain, seconds=5)] * 4)
    assert max(handed) == 2
    assert not Delivery.objects.filter(state=State.PENDING).exists()


def test_urgent_task_leaves_bulk_mail_alone(mailoutbox) -> None:
    make_alert(1)
    make_delivery(address="confirm@example.org")
    drain_now()
    assert [mail.to for mail in mailoutbox] == [["confirm@example.org"]]


def test_tasks_that_come_ten_times_send_once(mailoutbox) -> None:
    make_alert(5)
    make_delivery()
    for _ in range(10):
        drain_now()
        drain_bulk()
        sweep()
    assert len(mailoutbox) == 6


def test_mail_whose_hint_was_lost_is_found_by_the_sweep(mailoutbox, hints: list[str]) -> None:
    make_alert(1)
    make_delivery()
    sweep()
    assert sorted(hints) == ["mail.tasks.drain_bulk", "mail.tasks.drain_now"]


def test_a_sweep_with_nothing_owed_hints_nothing(hints: list[str]) -> None:
    make_delivery(make_mailout(state=Mailout.State.PAUSED))
    sweep()
    assert hints == []


def test_a_slice_of_bulk_mail_asks_for_the_next(settings, hints: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    make_alert(12)  # more than all connections take at once
    settings.MAIL_BATCH = 1
    monkeypatch.setattr(draining.drain, "__kwdefaults__", {"seconds": 0.0001})
    drain_bulk()
    assert hints == ["mail.tasks.drain_bulk"]
    while Delivery.objects.owed().exists():
        hints.clear()
        drain_bulk()
    assert hints == []


@pytest.mark.django_db(transaction=True)
def test_a_worker_has_one_chain_of_slices_and_passes_on_hints_a_few_times(postbox: Postbox, hints: list[str]) -> None:
    make_alert(1)
    told: list[int] = []
    postbox.look = lambda: [drain_bulk(passed) or told.append(len(hints)) for passed in range(PASSES + 2)]
    drain_bulk()
    assert told == [1, 2, 3, 3, 3]


@pytest.mark.django_db(transaction=True)
def test_many_drains_at_once_send_each_mail_once(postbox: Postbox, settings) -> None:
    settings.MAIL_BATCH = 7
    make_alert(60)
    at_once([partial(drain, seconds=20)] * 4)
    assert sorted(postbox.sent_to) == sorted(f"reader{number}@example.org" for number in range(60))
    mailout = Mailout.objects.get()
    assert (mailout.state, mailout.count_states()) == (Mailout.State.DONE, {"accepted": 60})
    assert mailout.adds_up()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_drains_do_not_wait_for_each_other() -> None:
    """SKIP LOCKED: each takes other rows."""
    make_alert(4)
    with connection.cursor() as cursor:
        cursor.execute("BEGIN; SELECT 1 FROM mail_delivery WHERE address = 'reader0@example.org' FOR UPDATE")
    assert at_once([lambda: [row.address for row in draining.hand_over()]]) == [
        ["reader1@example.org", "reader2@example.org", "reader3@example.org"]
    ]
    with connection.cursor() as cursor:
        cursor.execute("ROLLBACK")
