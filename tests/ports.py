"""Ports for servers that tests start, stop and start again where they were."""

import itertools
import os
import random
import socket
from contextlib import suppress
from pathlib import Path

RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
LOWEST = 15_000  # below are those that people like
_LOT = random.Random(os.getpid())  # noqa: S311 - not where the next process looks


def free_port() -> int:
    """A port of 127.0.0.1 where nobody listens, and which the kernel gives to nobody who calls from here.

    One that it may give away can be taken while its server is down; and who calls it then, again and again, may at last
    be given it to call from, and reach themselves.
    """
    for port in itertools.islice(iter(_drawn, None), 1000):
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise OSError("no port is free")


def _drawn() -> int:
    return _LOT.randrange(LOWEST, _first_given_away())


def _first_given_away() -> int:
    try:
        first = int(RANGE.read_text().split()[0])
    except (OSError, ValueError):
        first = 32_768
    return first if first > LOWEST + 1000 else 32_768
