"""A mail server to talk to, for tests that must see what goes over the line."""

import datetime
from collections.abc import Iterator

import pytest
import time_machine
from celery import current_app

from mail.hints import settle
from tests import ports
from tests.mail.servers import Postbox, Server


@pytest.fixture
def free_port() -> int:
    """A port where nobody listens."""
    return ports.free_port()


@pytest.fixture
def postbox(settings, free_port: int) -> Iterator[Postbox]:
    """A real mail server, which Postbag sends to."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", free_port, 10
    settings.MAIL_CONNECTIONS = 1  # one mail after the other
    server = Server(Postbox(), "127.0.0.1", free_port)
    server.start()
    yield server.handler
    server.stop()


@pytest.fixture
def hints(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the tasks that workers are told of: what reaches the broker."""
    told: list[str] = []
    settle()  # what the test before this one owed
    monkeypatch.setattr(current_app, "send_task", lambda name, *_, **__: told.append(name))
    return told


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """Noon, until it is shifted."""
    with time_machine.travel(datetime.datetime(2026, 11, 22, 12, tzinfo=datetime.UTC), tick=False) as traveller:
        yield traveller
