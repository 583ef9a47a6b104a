"""`python -m bench.desk [COMMENTS]`: the database time of the desk's pages, with a million comments on PostgreSQL.

Twenty blogs of different sizes are filled by bench/desk_fill.sql, and analysed. Each page is asked for through its
address, many times, by a superuser, by a moderator of two large blogs, and by one of two small blogs where nothing
waits. What is counted is the time of a request's queries together, as Django waits for them; the slowest of the three
people counts in the last line, which is for machines. With --plans FILE, EXPLAIN ANALYZE of the longest query of each
page is written there. With DATABASE_URL in the environment: in that database, which is filled when it is empty.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from tests.stores import postgres

# Memory for a million comments.
SETTINGS = {"maintenance_work_mem": "256MB", "shared_buffers": "512MB", "max_wal_size": "4GB"}


def main(arguments: list[str]) -> int:
    """Measure in a process of its own; 0 when the bar is kept."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="postbag-bench-"))
        env = os.environ | {"POSTBAG_VAR": folder, "POSTBAG_UNDO_SECONDS": "0"}
        if "DATABASE_URL" not in env:
            env["DATABASE_URL"] = stack.enter_context(postgres(**SETTINGS))
        return subprocess.run([sys.executable, "-m", "bench.desk_pages", *arguments], env=env, check=False).returncode


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("comments", type=int, nargs="?", default=1_000_000)
    parser.add_argument("--people", help="some of everywhere, large, small, with commas between them")
    parser.add_argument("--plans", type=Path)
    parser.parse_args()
    sys.exit(main(sys.argv[1:]))
