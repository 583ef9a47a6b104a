"""`python -m bench.wire [MAILS]`: how fast mails go over the wire, without the database; ratios of one run.

One sink of ours on its own processor, the sender on another; 6 kB mails of two parts, each with its own links.
"""

import argparse
import itertools
import os
import smtplib
import sys
import time
from collections.abc import Callable
from functools import partial

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from django.core.mail.backends.smtp import EmailBackend  # noqa: E402

from bench.letters import deliveries, letter  # noqa: E402
from mail.batch import Item  # noqa: E402
from mail.connection import Server  # noqa: E402
from mail.mime import Mould  # noqa: E402
from mail.models import Mailout  # noqa: E402
from mail.pipeline import send_all  # noqa: E402
from mail.smtp import Outcome, compose  # noqa: E402
from tests.sink import Sink  # noqa: E402

BATCH = 50
SENDER_CORE, SINK_CORE = 0, 1


def pipelined(port: int, mailout: Mailout, number: int, connections: int = 8) -> None:
    """(a) Our mould and our pipeline."""
    mould, owed, settled = Mould(mailout), deliveries(mailout, number), 0

    def more(_count: int) -> list[list[Item]]:
        batch = [
            Item(row, mould.return_path(row), row.address, partial(mould.cast, row), mould.has_dots)
            for row in itertools.islice(owed, BATCH)
        ]
        return [batch] if batch else []

    def settle(*batches: list[Outcome]) -> None:
        nonlocal settled
        settled += sum(map(len, batches))

    send_all(more, settle, connections, Server("127.0.0.1", port))
    assert settled == number


def by_django(port: int, mailout: Mailout, number: int) -> None:
    """(b) Django's send_messages on one kept connection; each mail is built for its recipient."""
    backend = EmailBackend(host="127.0.0.1", port=port, username="", password="", use_tls=False, use_ssl=False)
    backend.open()
    for row in deliveries(mailout, number):
        backend.send_messages([compose(row)])
    backend.close()


def by_smtplib(copies: list[bytes], port: int) -> None:
    """(c) smtplib on one kept connection, with ready-made copies."""
    with smtplib.SMTP("127.0.0.1", port) as smtp:
        for number, content in enumerate(copies):
            smtp.sendmail("blog@example.org", [f"reader{number}@example.org"], content)


def measure(number: int, send: Callable[[int], None]) -> tuple[float, float]:
    """Mails a second, to a new sink which must have taken them all; and microseconds of our processor for each."""
    with Sink(core=SINK_CORE) as sink:
        began, worked = time.perf_counter(), time.process_time()
        send(sink.port)
        seconds, work = time.perf_counter() - began, time.process_time() - worked
        assert sink.stop()["mails"] == number
    return number / seconds, work / number * 1e6


def main(mails: int) -> None:
    os.sched_setaffinity(0, {SENDER_CORE})
    mailout = letter()
    mould, few = Mould(mailout), max(mails // 20, 200)
    copies = [mould.cast(row) for row in deliveries(mailout, mails // 8)]
    measured = {
        "mould and pipeline, 8 connections": measure(mails, lambda port: pipelined(port, mailout, mails)),
        "mould and pipeline, 1 connection": measure(mails, lambda port: pipelined(port, mailout, mails, 1)),
        "smtplib, ready-made copies": measure(len(copies), partial(by_smtplib, copies)),
        "Django's send_messages": measure(few, lambda port: by_django(port, mailout, few)),
    }
    ours = next(iter(measured.values()))
    print(f"{len(copies[0])} bytes a mail, {mails} mails, Python {sys.version.split()[0]}\n")
    print(f"{'':34}{'mails/s':>10}{'ours is':>12}{'CPU µs/mail':>14}{'ours is':>12}")
    for name, (rate, work) in measured.items():
        print(f"{name:34}{rate:10,.0f}{ours[0] / rate:10.1f} ×{work:14,.0f}{work / ours[1]:10.1f} ×")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mails", type=int, nargs="?", default=20_000)
    main(parser.parse_args().mails)
