"""`python -m bench.comments [COMMENTS]`: the CPU of a comment that is taken and stored, ours beside what others offer.

All run on one processor, each in a process of its own, which calls its WSGI application without a server between; CPU
is that process's, by getrusage. We and django-contrib-comments store on one PostgreSQL, we with Valkey beside it, Isso
on SQLite, which is all that it has. The rows in the database are counted. django-contrib-comments and Isso are
installed from bench/peers.txt, pinned with hashes, into an environment that is thrown away. A round is one of each; a
figure is the median of the rounds. The last line is for machines.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import venv
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from bench import comments_page
from bench.comments_peers import WARM_UP
from tests.stores import postgres, valkey

CORE = 0
ROUNDS = 3
PEERS = Path(__file__).parent / "peers.txt"


def main(comments: int) -> None:
    os.sched_setaffinity(0, {CORE})
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="postbag-bench-")))
        theirs = install(folder / "peers")
        acts = {
            "ours": [sys.executable, "-m", "bench.comments_ours"],
            "contrib": [theirs, "-m", "bench.comments_peers", "contrib"],
            "isso": [theirs, "-m", "bench.comments_peers", "isso"],
        }
        url, redis = stack.enter_context(postgres()), stack.enter_context(valkey())
        rounds = [
            {name: run(act, comments, databases(url, f"{name}{place}"), redis, folder) for name, act in acts.items()}
            for place in range(ROUNDS)
        ]
        pages = comments_page.measure(theirs, databases(url, "page"), redis, folder)
    show(rounds, pages)


def install(folder: Path) -> str:
    """The peers, in an environment of their own. Returns its Python."""
    venv.create(folder)
    program, uv = folder / "bin" / "python", Path(sys.executable).with_name("uv")
    subprocess.run(
        [uv, "pip", "install", "--quiet", "--python", program, "--require-hashes", "-r", PEERS],
        env=os.environ | {"UV_PYTHON_DOWNLOADS": "never"},
        check=True,
    )
    return str(program)


def databases(url: str, name: str) -> str:
    """The URL of a new database on the same server."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return f"{url.rpartition('/')[0]}/{name}"


def run(act: list[str], comments: int, database: str, redis: str, folder: Path) -> dict[str, Any]:
    """Do it in a process of its own; what it says at the end. Its rows must be all that it was sent."""
    env = os.environ | {"DATABASE_URL": database, "REDIS_URL": redis, "POSTBAG_VAR": str(folder)}
    done = subprocess.run([*act, str(comments)], env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(act)}:\n{done.stderr[-3000:]}")
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["rows"] == comments + WARM_UP, found
    return found


def show(rounds: list[dict[str, dict[str, Any]]], pages: dict[str, float]) -> None:
    ms = {name: statistics.median(round[name]["ms"] for round in rounds) for name in rounds[0]}
    print(f"{'CPU of a comment':24}{'ms':>8}{'a CPU-second':>14}{'rows':>8}   each round, ms")
    for name, value in ms.items():
        each = " ".join(f"{round[name]['ms']:.2f}" for round in rounds)
        print(f"{name:24}{value:8.2f}{1000 / value:14.0f}{rounds[0][name]['rows']:8}   {each}")
    for name, value in pages.items():
        print(f"{'page of 200, ' + name:24}{value:8.2f}")
    figures = {f"{name}_ms": f"{value:.2f}" for name, value in ms.items()}
    figures |= {f"page200_{name}_ms": f"{pages[name]:.2f}" for name in ["ours", "contrib"]}
    print("bench-comment: " + " ".join(f"{name}={value}" for name, value in figures.items()))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("comments", type=int, nargs="?", default=500)
    main(parser.parse_args().comments)
