"""`python -m bench.mail [MAILS] [MANY]`: our worker, ledger and all, beside what others do; ratios of one run.

One sink of ours on its own processor; the sender and PostgreSQL share the other. 6 kB mails of two parts. While the
recipients of a mailout are frozen, others sign up, and the slowest is told. The last line is for machines:
worker/django, worker/smtplib and worker/smtp-source (Debian's postfix has it; left out where it is not), the rate at
MANY over that at MAILS, and how much larger the worker is at MANY than at 1,000. With MANY 0: no more than MAILS.

PostgreSQL leaves it to the kernel when to write to the disk, whose speed is another matter; with --disk it waits for it
at each commit, as it does in earnest.
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.sink import Sink
from tests.stores import postgres

SENDER_CORE, SINK_CORE = 0, 1
PEERS = 2_000  # mails: they are slower, and just as steady
DISK = {"fsync": "on", "full_page_writes": "on"}
NO_LIMIT = str(10**9)
SETTINGS = {"EMAIL_HOST": "127.0.0.1", "POSTBAG_MAIL_PER_HOUR": NO_LIMIT}
SETTINGS |= {"POSTBAG_MAIL_PER_NETWORK_HOUR": NO_LIMIT, "POSTBAG_MAIL_PER_NETWORK_DAY": NO_LIMIT}


def main(mails: int, many: int, disk: bool) -> None:
    os.sched_setaffinity(0, {SENDER_CORE})
    stores = postgres(synchronous_commit="on", **(DISK if disk else {}))
    with tempfile.TemporaryDirectory() as folder, stores as database:
        os.environ |= SETTINGS | {"DATABASE_URL": database, "POSTBAG_VAR": folder}
        child("migrate")
        runs = [worker(number) for number in (1_000, mails, many) if number]
        peers = {name: peer(name) for name in ["django", "smtplib"]} | smtp_source(Path(folder), mails)
    show_peers(runs[1]["rate"], peers)
    show_sizes(runs)
    ratios = {f"worker/{name}": f"{runs[1]['rate'] / rate:.2f}" for name, rate in peers.items()}
    if many:
        ratios["million/hundred-thousand"] = f"{runs[2]['rate'] / runs[1]['rate']:.2f}"
    ratios["rss_growth_mb"] = str(runs[-1]["rss"] - runs[0]["rss"])
    print("\nbench-mail: " + " ".join(f"{name}={value}" for name, value in ratios.items()))


def show_peers(ours: float, peers: dict[str, float]) -> None:
    print(f"\n{'':34}{'mails/s':>10}{'ours is':>12}\n{'our worker':34}{ours:10,.0f}")
    for name, rate in peers.items():
        print(f"{name:34}{rate:10,.0f}{ours / rate:10.2f} ×")


def show_sizes(runs: list[dict[str, Any]]) -> None:
    print(f"\n{'recipients':>12}{'mails/s':>10}{'CPU µs/mail: sender, database':>32}{'resident MB':>13}", end="")
    print(f"{'frozen in s':>13}{'sign-ups then':>15}{'slowest ms':>12}")
    for run in runs:
        sender, database = (run["cpu"][who] / run["mails"] * 1e6 for who in ("sender", "database"))
        print(f"{run['mails']:12,}{run['rate']:10,.0f}{sender:22.0f}{database:10.0f}{run['rss']:13}", end="")
        print(f"{run['seconds to freeze']:13.2f}{run['sign_ups']:15,}{run['longest'] * 1000:12.0f}")


def worker(mails: int) -> dict[str, Any]:
    """Freeze an audience of so many, and drain it in a worker of its own: seconds, rate, MB."""
    child("audience", mails)
    with sign_ups() as signed_up:
        frozen = child("freeze", mails)
    with Sink(core=SINK_CORE) as sink:
        drained = child("drain", EMAIL_PORT=sink.port)
        assert sink.stop()["mails"] == mails
    print(f"{mails:>9,} mails: {mails / drained['seconds']:,.0f}/s", flush=True)
    rate = mails / drained["seconds"]
    return {**drained, **signed_up, "mails": mails, "seconds to freeze": frozen["seconds"], "rate": rate}


@contextmanager
def sign_ups() -> Iterator[dict[str, Any]]:
    """Others sign up meanwhile. What they met with is there afterwards."""
    met: dict[str, Any] = {}
    with subprocess.Popen(command("sign_up"), stdout=subprocess.PIPE, text=True) as process:
        os.sched_setaffinity(process.pid, {SINK_CORE})  # a web server has processors, too
        assert process.stdout and process.stdout.readline() == "ready\n"
        yield met
        process.send_signal(signal.SIGTERM)
        met |= json.loads(process.stdout.read())


def peer(name: str) -> float:
    """Mails a second by Django's send_messages, or by smtplib with ready-made copies."""
    with Sink(core=SINK_CORE) as sink:
        return PEERS / child(name, PEERS, EMAIL_PORT=sink.port)["seconds"]


def smtp_source(folder: Path, mails: int) -> dict[str, float]:
    """Mails a second by postfix's client in C, on 8 connections; nothing where it is not installed."""
    program = shutil.which("smtp-source") or shutil.which("smtp-source", path="/usr/sbin")
    if not program:
        print("smtp-source is not installed (Debian: postfix): left out")
        return {}
    with Sink(core=SINK_CORE) as sink:
        began = time.perf_counter()
        options = ["-s", "8", "-m", str(mails), "-l", "6200", "-f", "blog@example.org", "-t", "reader@example.org"]
        subprocess.run([program, *options, f"inet:127.0.0.1:{sink.port}"], check=True, cwd=folder)
        return {"smtp-source": mails / (time.perf_counter() - began)}


def child(act: str, mails: int = 0, **environment: object) -> dict[str, Any]:
    """Do this in a process of its own, whose memory and settings are its own, too."""
    env = os.environ | {name: str(value) for name, value in environment.items()}
    return json.loads(
        subprocess.run(command(act, mails), env=env, check=True, stdout=subprocess.PIPE, text=True).stdout
    )


def command(act: str, mails: int = 0) -> list[str]:
    return [sys.executable, "-m", "bench.mail_acts", act, str(mails)]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mails", type=int, nargs="?", default=100_000)
    parser.add_argument("many", type=int, nargs="?", default=1_000_000)
    parser.add_argument("--disk", action="store_true", help="wait for the disk at each commit")
    arguments = parser.parse_args()
    main(arguments.mails, arguments.many, arguments.disk)
