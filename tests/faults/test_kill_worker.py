"""kill -9 of a sender, anywhere: nobody is missed, and no more is repeated than was in its hands."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings as django_settings
from django.db import connection

from mail.drain import drain, sweep
from mail.models import Delivery, Lane, Mailout
from tests.factories import make_delivery, make_mailout
from tests.mail.conftest import free_port, postbox
from tests.mail.servers import Postbox

__all__ = ["free_port", "postbox"]

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]
READERS, BATCH, CONNECTIONS, KILLS, LEASE = 200, 10, 2, 4, 1  # LEASE in seconds
WINDOW = BATCH * CONNECTIONS  # what one sender has in its hands, at most
Start = Callable[[], subprocess.Popen]


@pytest.fixture
def mailout(db: None) -> Mailout:
    """An alert for READERS people."""
    mailout = make_mailout(Lane.ALERT)
    for number in range(READERS):
        make_delivery(mailout, f"reader{number}@example.org")
    return mailout


@pytest.fixture
def start(postbox: Postbox, free_port: int, tmp_path: Path) -> Iterator[Start]:
    """Starts a worker on the database of this test, which sends to `postbox`."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "postbag.settings",
        "DATABASE_URL": database_url(),
        "POSTBAG_VAR": str(tmp_path),
        "POSTBAG_SECRET_KEY": django_settings.SECRET_KEY,
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": str(free_port),
        "POSTBAG_MAIL_BATCH": str(BATCH),
        "POSTBAG_MAIL_CONNECTIONS": str(CONNECTIONS),
        "POSTBAG_MAIL_LEASE_SECONDS": str(LEASE),
    }
    started: list[subprocess.Popen] = []

    def run() -> subprocess.Popen:
        started.append(subprocess.Popen([sys.executable, "-m", "tests.faults.drainer"], env=environment))
        return started[-1]

    yield run
    for worker in started:
        worker.kill()
        worker.wait()


def database_url() -> str:
    """Of the database that this test is in."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()


def assert_nobody_is_missed(mailout: Mailout, postbox: Postbox, repeats_at_most: int) -> None:
    """Each reader got one at least, any repeat was the same mail, and the ledger knows it all."""
    seen = Counter(postbox.sent_to)
    assert set(seen) == {f"reader{number}@example.org" for number in range(READERS)}
    assert seen.total() - READERS <= repeats_at_most
    assert len({mail["Message-ID"] for mail in postbox.mails}) == READERS
    sweep()
    mailout.refresh_from_db()
    assert (mailout.state, mailout.count_states()) == (Mailout.State.DONE, {"accepted": READERS})
    assert mailout.adds_up()


@pytest.mark.parametrize("seed", [1, 2])
def test_kill_minus_nine_misses_nobody(mailout: Mailout, postbox: Postbox, start: Start, seed: int) -> None:
    """At moments by lot: while a mail comes in, or just after; each time the next worker goes on."""
    lot = random.Random(seed)  # noqa: S311 - the same moments each time
    moments = [*sorted(lot.sample(range(1, READERS - 2 * WINDOW), KILLS)), 10 * READERS]
    workers: list[subprocess.Popen] = []

    def kill_at_moment() -> None:
        if len(postbox.mails) >= moments[len(workers) - 1]:
            threading.Timer(lot.choice([0, 0.001, 0.005]), workers[-1].kill).start()

    postbox.look = kill_at_moment
    for _ in range(KILLS + 1):
        workers.append(start())
        workers[-1].wait(60)
    assert [worker.returncode for worker in workers] == [-signal.SIGKILL] * KILLS + [0]
    assert_nobody_is_missed(mailout, postbox, KILLS * WINDOW)


def test_killed_again_and_again_on_the_same_sub_batch_it_misses_nobody(
    mailout: Mailout, postbox: Postbox, start: Start
) -> None:
    """Bulk mail is not given up because its sender died twice with it."""
    workers: list[subprocess.Popen] = []
    postbox.look = lambda: workers[-1].kill() if len(workers) <= 3 else None
    for _ in range(4):
        workers.append(start())
        workers[-1].wait(60)
    assert [worker.returncode for worker in workers] == [-signal.SIGKILL] * 3 + [0]
    assert_nobody_is_missed(mailout, postbox, 3 * WINDOW)


def test_a_worker_that_wakes_after_its_lease_does_no_harm(
    mailout: Mailout, postbox: Postbox, start: Start, settings
) -> None:
    """Stopped in the midst of a sub-batch, overtaken by another, and woken again."""
    settings.MAIL_BATCH, settings.MAIL_LEASE_SECONDS = BATCH, 60
    stopped: list[subprocess.Popen] = []

    def stop_once() -> None:
        if len(postbox.mails) >= BATCH + 5 and stopped:
            stopped.pop().send_signal(signal.SIGSTOP)

    postbox.look = stop_once
    worker = start()
    stopped.append(worker)
    wait_until(lambda: not stopped)
    time.sleep(LEASE + 0.2)
    while Delivery.objects.filter(state__in=Delivery.OPEN).exists():
        sweep()
        drain()
    worker.send_signal(signal.SIGCONT)
    assert worker.wait(60) == 0
    assert_nobody_is_missed(mailout, postbox, WINDOW)


def wait_until(true: Callable[[], bool]) -> None:
    for _ in range(1200):  # a minute: a worker has to start first, on a machine that may be busy
        if true():
            return
        time.sleep(0.05)
    raise AssertionError("it never came true")
