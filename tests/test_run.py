"""`manage.py run`, for real: what it says, and that it leaves nothing behind."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from django.conf import settings

from tests.ports import free_port

pytestmark = [
    pytest.mark.processes,
    pytest.mark.may_skip,  # it is the embedded default: once is enough
    pytest.mark.skipif("DATABASE_URL" in os.environ, reason="runs on SQLite and files"),
]
READY = "Worker and clock are at work"


class Run:
    """One `manage.py run` with a data folder and ports of its own."""

    def __init__(self, folder: Path) -> None:
        self.var, self.log = folder / "var", folder / "log"
        self.port, self.inbox_port = free_port(), free_port()
        own = {
            "DJANGO_SETTINGS_MODULE": "postbag.settings",
            "POSTBAG_VAR": str(self.var),
            "PORT": str(self.port),
            "POSTBAG_INBOX_PORT": str(self.inbox_port),
            "POSTBAG_DEMO_PASSWORD": "correct horse battery",
        }
        with self.log.open("wb") as log:
            command = [sys.executable, "manage.py", "run"]
            self.process = subprocess.Popen(
                command, cwd=settings.BASE_DIR, env=os.environ | own, stdout=log, stderr=log
            )

    @property
    def said(self) -> str:
        return self.log.read_text()

    def processes(self) -> dict[int, str]:
        """Every living process of this run: those that have its data folder in their environment."""
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if f"POSTBAG_VAR={self.var}\0".encode() in (folder / "environ").read_bytes():
                    found[int(folder.name)] = (folder / "cmdline").read_text().replace("\0", " ")
        return found

    def pid_of(self, words: str) -> int:
        return next(pid for pid, command in self.processes().items() if words in command)


def eventually(true: Callable[[], object], seconds: int = 120) -> bool:
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Run]]:
    """Three that are ready, one for each way to end. Started together, because that takes seconds."""
    runs = [Run(tmp_path_factory.mktemp("run")) for _ in range(3)]
    try:
        for run in runs:
            eventually(lambda run=run: READY in run.said or run.process.poll() is not None)
        yield runs
    finally:
        for pid in [pid for run in runs for pid in run.processes()]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


@pytest.fixture
def started(runs: list[Run]) -> Run:
    """The first of them. The tests below use it in this order, and one of them ends it."""
    return runs[0]


def test_says_what_can_be_used(started: Run) -> None:
    assert READY in started.said
    assert "NOT READY" not in started.said
    home = f"http://localhost:{started.port}/"
    for path in ("2014/06/20/working-at-bis-using-twitter/", "inbox/", "api/v1/docs/"):
        assert f"{home}{path}\n" in started.said
    assert f"{home}desk/   sign in as moderator, password correct horse battery\n" in started.said


def test_keeps_its_secrets_to_its_owner(started: Run) -> None:
    assert (started.var / "secret-key").stat().st_mode & 0o077 == 0


def test_a_taken_port_is_named_in_one_line(started: Run) -> None:
    taken = {"PORT": str(started.port), "POSTBAG_VAR": str(started.var), "DJANGO_SETTINGS_MODULE": "postbag.settings"}
    second = subprocess.run(
        [sys.executable, "manage.py", "run"],
        cwd=settings.BASE_DIR,
        env=os.environ | taken,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert second.returncode == 1
    assert second.stderr.count("\n") == 1
    assert f"Port {started.port} cannot be used" in second.stderr
    assert "PORT=" in second.stderr


def test_an_interrupt_ends_all_and_frees_the_ports(started: Run) -> None:
    assert len(started.processes()) >= 5
    started.process.send_signal(signal.SIGINT)
    assert started.process.wait(30) == 0
    assert eventually(lambda: not started.processes(), 5), started.processes()
    for port in (started.port, started.inbox_port):
        socket.create_server(("127.0.0.1", port)).close()
    assert "Traceback" not in started.said


def test_when_one_process_ends_all_end_and_it_is_named(runs: list[Run]) -> None:
    run = runs[1]
    os.kill(run.pid_of("celery -q -A postbag beat"), signal.SIGKILL)
    assert run.process.wait(30) == 1
    assert "clock stopped (rc=-9) by itself" in run.said
    assert eventually(lambda: not run.processes(), 5), run.processes()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of their parent's death")
def test_killed_outright_it_leaves_nothing_for_long(runs: list[Run]) -> None:
    run = runs[2]
    run.process.kill()
    run.process.wait()
    assert eventually(lambda: not run.processes(), 20), run.processes()
