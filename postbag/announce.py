"""Says what can be used, as soon as it really can: `manage.py run` starts this beside its processes."""

import http.client
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass

PATIENCE = 60  # seconds, for all lines together
Probe = Callable[[], str]  # returns what is wrong, or nothing; raises OSError while it is too early to tell


@dataclass
class Line:
    """What to say, and what must be true first."""

    text: str
    probe: Probe


def announce(lines: list[Line]) -> None:
    """Print each line when its probe passes, in order; with what is wrong, when it fails or PATIENCE ends."""
    deadline = time.monotonic() + PATIENCE
    for line in lines:
        wrong = wait(line.probe, deadline)
        print(f"{line.text}   NOT READY: {wrong}" if wrong else line.text, flush=True)  # noqa: T201


def wait(probe: Probe, deadline: float) -> str:
    """What the probe says when it can tell, or at the deadline (monotonic seconds)."""
    while True:
        try:
            return probe()
        except (OSError, http.client.HTTPException) as error:
            if time.monotonic() > deadline:
                return str(error) or error.__class__.__name__
        time.sleep(0.1)


def page(server: tuple[str, int], host: str, path: str) -> Probe:
    """Passes when `server` shows this page for this host."""

    def probe() -> str:
        status, _body = _get(server, host, path)
        return "" if status < 400 else f"it answers {status}"

    return probe


def readiness(server: tuple[str, int]) -> Probe:
    """Passes when all is ready (postbag/health.py), and waits for that."""

    def probe() -> str:
        status, body = _get(server, "localhost", "/readyz")
        if status != 200:
            raise OSError(body)
        return ""

    return probe


def greeting(server: tuple[str, int]) -> Probe:
    """Passes when a mail server greets there."""

    def probe() -> str:
        with socket.create_connection(server, timeout=10) as link:
            return "" if link.recv(3) == b"220" else "what answers is no mail server"

    return probe


def _get(server: tuple[str, int], host: str, path: str) -> tuple[int, str]:
    link = http.client.HTTPConnection(*server, timeout=10)
    try:
        link.request("GET", path, headers={"Host": host})
        answer = link.getresponse()
        return answer.status, answer.read().decode(errors="replace")
    finally:
        link.close()
