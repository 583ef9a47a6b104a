"""What is known of a mail is not lost because the database goes away for a moment."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from mail import settlement
from mail.drain import drain
from mail.handover import hand_over
from mail.models import Delivery, Lane
from mail.smtp import Outcome
from tests.factories import make_delivery, make_mailout
from tests.mail.servers import Postbox

pytestmark = pytest.mark.django_db(transaction=True)
State = Delivery.State


class Away:
    """A database that is away the next few times that somebody writes to the ledger."""

    def __init__(self, times: int) -> None:
        self.times = times

    def __call__(self, execute: Callable, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if self.times and "UPDATE" in sql and "mail_delivery" in sql:
            self.times -= 1
            raise OperationalError("the database system is starting up")
        return execute(sql, params, many, context)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settlement, "PATIENCE", 0.01)


@pytest.mark.parametrize("state", [State.ACCEPTED, State.REJECTED])
def test_an_answer_is_written_when_the_database_is_back(state: State) -> None:
    make_delivery(make_mailout(Lane.ALERT))
    [handed] = hand_over()
    with connection.execute_wrapper(Away(3)):
        settlement.settle([Outcome(handed, state, "the answer")])
    assert Delivery.objects.get().state == state


def test_nobody_waits_beyond_the_lease() -> None:
    """By then somebody else may be sending it, and a guard would refuse what is written."""
    make_delivery()
    [handed] = hand_over()
    handed.lease_until = timezone.now() + datetime.timedelta(seconds=0.05)
    away = Away(10**6)
    with connection.execute_wrapper(away), pytest.raises(OperationalError):
        settlement.settle([Outcome(handed, State.ACCEPTED)])
    assert 1 < 10**6 - away.times < 50


@pytest.mark.postgres
def test_a_connection_that_is_cut_while_mail_goes_out_repeats_none(postbox: Postbox) -> None:
    for number in range(5):
        make_delivery(make_mailout(), f"reader{number}@example.org")

    def cut() -> None:
        if len(postbox.mails) == 3:
            with connection.cursor() as cursor:
                others = "datname = current_database() AND pid <> pg_backend_pid()"
                cursor.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")  # noqa: S608
            connection.close()

    postbox.look = cut
    drain()
    assert set(Delivery.objects.values_list("state", flat=True)) == {State.ACCEPTED}
    assert len(postbox.sent_to) == 5
