"""`python -m bench.mail [MAILS] [MANY]`: our worker, ledger and all, beside what others do; ratios of one run.

One sink of ours on its own processor; the sender and PostgreSQL share the other. 6 kB mails of two parts. The last line
is for machines: worker/django, worker/smtplib and worker/smtp-source (Debian's postfix has it; left out where it is
not), the rate at MANY over that at MAILS, and how much larger the worker is at MANY than at 1,000.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.sink import Sink
from tests.stores import postgres

SENDER_CORE, SINK_CORE = 0, 1
PEERS = 2_000  # mails: they are slower, and just as steady


def main(mails: int, many: int) -> None:
    os.sched_setaffinity(0, {SENDER_CORE})
    with tempfile.TemporaryDirectory() as folder, postgres() as database:
        os.environ |= {"DATABASE_URL": database, "POSTBAG_VAR": folder, "EMAIL_HOST": "127.0.0.1"}
        child("migrate")
        thousand, hundred, million = worker(1_000), worker(mails), worker(many)
        peers = {name: peer(name) for name in ["django", "smtplib"]} | smtp_source(Path(folder), mails)
    print(f"\n{'':34}{'mails/s':>10}{'ours is':>12}")
    print(f"{f'our worker, {mails:,} mails':34}{hundred['rate']:10,.0f}")
    for name, rate in peers.items():
        print(f"{name:34}{rate:10,.0f}{hundred['rate'] / rate:10.2f} ×")
    print(f"{f'our worker, {many:,} mails':34}{million['rate']:10,.0f}{million['rate'] / hundred['rate']:10.2f} ×")
    print(f"\nfrozen in: {hundred['freeze']:.1f} s and {million['freeze']:.1f} s; resident: {million['rss']} MB\n")
    ratios = {f"worker/{name}": f"{hundred['rate'] / rate:.2f}" for name, rate in peers.items()}
    ratios["million/hundred-thousand"] = f"{million['rate'] / hundred['rate']:.2f}"
    ratios["rss_growth_mb"] = str(million["rss"] - thousand["rss"])
    print("bench-mail: " + " ".join(f"{name}={value}" for name, value in ratios.items()))


def worker(mails: int) -> dict[str, Any]:
    """Freeze an audience of so many, and drain it in a worker of its own: seconds, rate, MB."""
    frozen = child("freeze", mails)
    with Sink(core=SINK_CORE) as sink:
        drained = child("drain", EMAIL_PORT=sink.port)
        assert sink.stop()["mails"] == mails
    print(f"{mails:>9,} mails: {mails / drained['seconds']:,.0f}/s", flush=True)
    return {**drained, "freeze": frozen["seconds"], "rate": mails / drained["seconds"]}


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
    command = [sys.executable, "-m", "bench.mail_acts", act, str(mails)]
    env = os.environ | {name: str(value) for name, value in environment.items()}
    return json.loads(subprocess.run(command, env=env, check=True, stdout=subprocess.PIPE, text=True).stdout)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mails", type=int, nargs="?", default=100_000)
    parser.add_argument("many", type=int, nargs="?", default=1_000_000)
    arguments = parser.parse_args()
    main(arguments.mails, arguments.many)
