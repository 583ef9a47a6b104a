"""Rows, breakers and answers, for the tests of rates and breakers."""

import datetime

from mail.breakers import FAILURES
from mail.domains import Domain
from mail.drain import hand_over, settle
from mail.models import Delivery, Lane
from mail.smtp import About, Outcome
from tests.factories import make_delivery, make_mailout

State = Delivery.State
BUSY = "450 4.2.1 busy"


def owe(count: int, domain: str, lane: Lane = Lane.ALERT) -> None:
    mailout = make_mailout(lane)
    for number in range(count):
        make_delivery(mailout, f"reader{number}@{domain}")


def open_for(name: str, seconds: int = 60, failures: int = FAILURES) -> Domain:
    until = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=seconds)
    return Domain.objects.create(name=name, failures=failures, open_until=until)


def handed(*lanes: Lane) -> list[str]:
    return [delivery.address for delivery in hand_over(*lanes)]


def ends(state: State, code: str = "", about: About = About.RECIPIENT) -> None:
    """All of the next sub-batch ends so."""
    settle(Outcome(row, state, code, about) for row in hand_over())


def wait(name: str) -> float | None:
    """Seconds until its breaker lets one through; None when it is closed."""
    until = Domain.objects.get(name=name).open_until
    return until and (until - datetime.datetime.now(datetime.UTC)).total_seconds()
