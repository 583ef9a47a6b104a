"""`python -m tests.faults.nursery`: starts Celery's programs in a moment, because it has imported what they import.

Each line that comes in is `{"arguments": […], "log": …}`; it forks, and the child is `celery` with these arguments. The
answer is its number. `Nursery` runs it from a test; a `Child` may be killed, stopped and waited for.
"""

import ctypes
import importlib
import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import django

ROOT = Path(__file__).resolve().parent.parent.parent
MODULES = ["celery.bin.celery", "celery.apps.worker", "celery.apps.beat", "celery.concurrency.thread", "postbag.urls"]
DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG in linux/prctl.h


class Child:
    """A process whose parent is a nursery."""

    def __init__(self, number: int) -> None:
        self.pid = number
        self._handle = os.pidfd_open(number)

    def poll(self) -> int | None:
        """None while it runs."""
        return 0 if select.select([self._handle], [], [], 0)[0] else None

    def wait(self, seconds: float = 30) -> None:
        assert select.select([self._handle], [], [], seconds)[0], f"{self.pid} does not end"

    def send_signal(self, number: signal.Signals) -> None:
        signal.pidfd_send_signal(self._handle, number)

    def kill(self) -> None:
        """kill -9, unless it has ended."""
        if self.poll() is None:
            self.send_signal(signal.SIGKILL)


class Nursery:
    """A nursery in this environment, in which its children live, too."""

    def __init__(self, environment: dict[str, str]) -> None:
        command = [sys.executable, "-m", "tests.faults.nursery"]
        self._process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def start(self, arguments: list[str], log: Path) -> Child:
        """`celery` with these arguments."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps({"arguments": arguments, "log": str(log)}) + "\n")
        self._process.stdin.flush()
        number = self._process.stdout.readline()
        assert number, "the nursery has died, and said why on standard error"
        return Child(int(number))

    def close(self) -> None:
        """End it, and with it all its children."""
        self._process.kill()
        self._process.communicate()


def main() -> None:
    django.setup()
    for module in MODULES:
        importlib.import_module(module)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody mourns
    for line in iter(sys.stdin.readline, ""):
        number = os.fork()
        if not number:
            become(**json.loads(line))
        print(number, flush=True)  # noqa: T201


def become(arguments: list[str], log: str) -> None:
    """Be that program, until it ends."""
    ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGKILL)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    with open(os.devnull) as nothing, open(log, "ab") as said:  # noqa: PTH123
        for number, file in enumerate([nothing, said, said]):
            os.dup2(file.fileno(), number)
    sys.argv = ["celery", *arguments]
    sys.exit(sys.modules["celery.bin.celery"].main())


if __name__ == "__main__":
    main()
