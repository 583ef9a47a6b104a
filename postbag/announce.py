"""Says what can be used, as soon as it really can: `manage.py run` starts this beside its processes."""

import http.client
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass

PATIENCE = 60  # seconds, for all lines together
Probe = Callable[[], str]  # returns what is still wrong: nothing when all is well


@dataclass
class Line:
    """What to say, and what must be true first."""

    text: str
    probe: Probe


def announce(lines: list[Line]) -> None:
    """Print each line when its probe passes, in order; after PATIENCE, with what is wrong instead."""
    deadline = time.monotonic() + PATIENCE
    for line in lines:
        wrong = wait(line.probe, deadline)
        print(f"{line.text}   NOT READY: {wrong}" if wrong else line.text, flush=True)  # noqa: T201


def wait(probe: Probe, deadline: float) -> str:
    """Ask until nothing is wrong or the deadline (monotonic) has passed. Returns what the last answer was."""
    while (wrong := _ask(probe)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return wrong


def page(server: tuple[str, int], path: str, host: str) -> Probe:
    """Passes when this server shows `path` for `host`."""

    def probe() -> str:
        link = http.client.HTTPConnection(*server, timeout=10)
        link.request("GET", path, headers={"Host": host})
        answer = link.getresponse()
        body = answer.read().decode(errors="replace") if path == "/readyz" else ""
        link.close()
        return "" if answer.status < 400 else f"{path} answers {answer.status} {body}"

    return probe


def greeting(server: tuple[str, int]) -> Probe:
    """Passes when a mail server greets there."""

    def probe() -> str:
        with socket.create_connection(server, timeout=10) as link:
            return "" if link.recv(3) == b"220" else "no mail server answers"

    return probe


def _ask(probe: Probe) -> str:
    try:
        return probe()
    except (OSError, http.client.HTTPException) as error:
        return str(error) or error.__class__.__name__
