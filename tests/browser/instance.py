"""The real running thing: `manage.py run` on free ports, with stores of its own."""

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import redis
from django.conf import settings
from psycopg import sql

from tests.ports import free_port

ROOT = settings.BASE_DIR
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "gw0")  # several may run tests at the same time
OWN_DATABASE = f"postbag_browser_{WORKER}"
OWN_REDIS_NUMBER = 8 + int(WORKER[2:])  # of 16
READY_IN = 180  # seconds; others may be at work on this machine
ENDS_IN = 40  # seconds
PASSWORD = "correct horse battery"
# To begin a process takes longer than what the journeys want of it: one for all. It answers each line with one.
SHELL = """
import contextlib, io, json, sys
import django
django.setup()
for line in sys.stdin:
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(json.loads(line), {})
    print(json.dumps(said.getvalue()), flush=True)
"""


@dataclass
class Instance:
    """One running Postbag. `url` is the first demo blog's address."""

    url: str
    environment: dict[str, str]
    log: Path
    process: subprocess.Popen[bytes]
    shell: subprocess.Popen[str] | None = None

    @classmethod
    def start(cls, folder: Path) -> "Instance":
        """Build the static files, start it, and wait until it is ready."""
        environment = an_environment(folder)
        log = folder / "run.log"
        with log.open("wb") as output:
            # When a test hangs, pytest ends at once: then this ends, too.
            mortal = ["setpriv", "--pdeathsig", "TERM"] if shutil.which("setpriv") else []
            command = [*mortal, sys.executable, "manage.py", "run"]
            process = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
            )
        instance = cls(f"http://localhost:{environment['PORT']}", environment, log, process)
        with ExitStack() as on_failure:
            on_failure.callback(process.kill)
            instance.wait()
            on_failure.pop_all()
        return instance

    def wait(self) -> None:
        """Wait for /readyz."""
        deadline = time.monotonic() + READY_IN
        while not self.is_ready():
            assert self.process.poll() is None, self.last_words()
            assert time.monotonic() < deadline, f"not ready in {READY_IN} seconds\n{self.last_words()}"
            time.sleep(0.3)

    def is_ready(self) -> bool:
        with suppress(OSError, urllib.error.HTTPError):
            return bool(urllib.request.urlopen(f"{self.url}/readyz", timeout=5).status == 200)
        return False

    def manage(self, *command: str, **environment: str) -> str:
        """What a `manage.py` command prints, in the instance's environment."""
        arguments = [sys.executable, "manage.py", *command]
        done = subprocess.run(
            arguments, cwd=ROOT, env=self.environment | environment, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        return done.stdout

    def does(self, code: str) -> str:
        """What this Python prints in the instance's environment, as in `manage.py shell`."""
        if self.shell is None or self.shell.poll() is not None:
            pipe, python = subprocess.PIPE, [sys.executable, "-c", SHELL]
            self.shell = subprocess.Popen(python, cwd=ROOT, env=self.environment, stdin=pipe, stdout=pipe, text=True)
        assert self.shell.stdin and self.shell.stdout
        self.shell.stdin.write(f"{json.dumps(code)}\n")
        self.shell.stdin.flush()
        answer = self.shell.stdout.readline()
        assert answer, f"it fails, and standard error says why: {code}"
        return json.loads(answer)

    def last_words(self) -> str:
        """The end of what it said."""
        return self.log.read_text()[-5000:]

    def stop(self) -> None:
        """End it as Ctrl-C does. It must end by itself, in time, and without a traceback in all that it said."""
        if self.shell:
            self.shell.kill()
            self.shell.wait()
        self.process.send_signal(signal.SIGINT)
        try:
            assert self.process.wait(ENDS_IN) == 0, self.last_words()
        finally:
            self.process.kill()  # does nothing to a process that has ended
        said = self.log.read_text()
        assert "Traceback" not in said, said[said.index("Traceback") - 500 :][:5000]


def build_assets() -> None:
    """What pages load: built and collected where `make run` has it, unless it is there already."""
    ours = {name: value for name, value in os.environ.items() if name not in {"MAKEFLAGS", "MAKELEVEL", "MFLAGS"}}
    command = ["make", "--silent", "staticfiles/.stamp"]
    with (ROOT / "Makefile").open() as one_at_a_time:  # the tests on other stores may be about to do the same
        fcntl.flock(one_at_a_time, fcntl.LOCK_EX)
        done = subprocess.run(
            command, cwd=ROOT, env=ours | real_settings(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
    assert done.returncode == 0, done.stdout


def an_environment(folder: Path) -> dict[str, str]:
    """That of a stranger's first `make run`, apart from where things live."""
    port, inbox_port = free_port(), free_port()
    return {
        **os.environ,
        **real_settings(),
        **own_stores(),
        "PORT": str(port),
        "POSTBAG_INBOX_PORT": str(inbox_port),
        "POSTBAG_VAR": str(folder / "var"),
        "POSTBAG_DEMO_PASSWORD": PASSWORD,
        # Everybody in these tests sits in one network.
        "POSTBAG_MAIL_PER_NETWORK_HOUR": "1000",
        "POSTBAG_MAIL_PER_NETWORK_DAY": "1000",
        "POSTBAG_CONFIRM_PER_NETWORK": "1000",
        "POSTBAG_CODES_PER_NETWORK": "1000",
        "POSTBAG_UNDO_SECONDS": "2",
        "POSTBAG_REPLY_DELAY_SECONDS": "2",
        "POSTBAG_COMMENT_SECONDS": "0",  # they type faster than people
        "POSTBAG_BLOG_HEAT": "1000",
        "POSTBAG_SWEEP_SECONDS": "2",  # alerts wait for the clock
    }


def real_settings() -> dict[str, str]:
    return {"DJANGO_SETTINGS_MODULE": "postbag.settings"}


def own_stores() -> dict[str, str]:
    """Beside the stores that the environment gives: an empty database, an empty number of Redis."""
    stores = {}
    if (given := os.environ.get("DATABASE_URL", "")).startswith("postgres"):
        stores["DATABASE_URL"] = empty_database(given)
    if given := os.environ.get("REDIS_URL"):
        stores["REDIS_URL"] = urlsplit(given)._replace(path=f"/{OWN_REDIS_NUMBER}").geturl()
        redis.Redis.from_url(stores["REDIS_URL"]).flushdb()
    return stores


def empty_database(given: str) -> str:
    name = sql.Identifier(OWN_DATABASE)
    with psycopg.connect(given, autocommit=True) as link:
        link.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
        link.execute(sql.SQL("CREATE DATABASE {}").format(name))
    return urlsplit(given)._replace(path=f"/{OWN_DATABASE}").geturl()
