"""`python -m bench.comments_page`: 200 comments on a page, rendered uncached: ours and django-contrib-comments's.

CPU time of the process that renders, PostgreSQL's own left out; the best of some rounds, which take turns. Around both
is the same bare page, with the list and the form of each. Ours are 50 threads with 3 replies each, nested, with links
and JSON-LD. Theirs is flat: as they ship it, one run of text; and with Django's filters for paragraphs and links, which
ours have, and which counts. Beside these stands our whole page: header, post, share links, sidebar, footer.
"""

import importlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

THREADS, REPLIES = 50, 3
ROUNDS, PAGES = 5, 20  # what else runs on the machine makes rounds slower, never faster
MARK = "we tried it in two teams"
WORDS = (
    f"I agree with most of this, but the second point needs more evidence than you give here: {MARK}.\n\n"
    "See https://example.org/evidence for what we found last year. It took us three months to get there."
)
PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>A post</title></head><body><h1>A post</h1>%s</body></html>"""
TITLES = {
    "ours": "ours: threads, paragraphs, links, JSON-LD",
    "contrib": "django-contrib-comments, with paragraphs and links",
    "shipped": "django-contrib-comments, as shipped",
    "whole": "our whole page",
}


def measure(theirs: str, database: str, redis: str, folder: Path) -> dict[str, float]:
    """Milliseconds of CPU by name. `theirs` is a Python that has django-contrib-comments, `database` an empty one."""
    best: dict[str, float] = {}
    own = database.rpartition("/")[2]
    databases = importlib.import_module("bench.comments").databases  # which imports this one
    urls = {"ours": database, "contrib": databases(database, f"{own}_theirs")}
    for _ in range(ROUNDS):
        for name in TITLES:
            module, python = ("contrib", theirs) if name in {"contrib", "shipped"} else ("ours", sys.executable)
            environment = os.environ | {"DATABASE_URL": urls[module], "REDIS_URL": redis, "POSTBAG_VAR": str(folder)}
            command = [python, "-m", f"bench.comments_page_{module}", name]
            done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)
            best[name] = min(json.loads(done.stdout), best.get(name, 1e9))
    return best


def milliseconds(render: Callable[[], str], in_each: int = 1) -> float:
    """Of CPU that one rendering takes, whose every comment has the mark so many times."""
    page = render()
    assert page.count(f"here: {MARK}") == THREADS * (REPLIES + 1) * in_each, page[:2000]
    for _ in range(3):
        render()
    began = time.process_time()
    for _ in range(PAGES):
        render()
    return (time.process_time() - began) / PAGES * 1000


def main() -> None:
    """By itself, without the rest of bench.comments."""
    bench, stores = (importlib.import_module(name) for name in ["bench.comments", "tests.stores"])
    with tempfile.TemporaryDirectory() as name, stores.postgres() as url, stores.valkey() as redis:
        folder = Path(name)
        theirs = bench.install(folder / "peers")
        seen = measure(theirs, bench.databases(url, "page"), redis, folder)
    for name, value in seen.items():
        print(f"{TITLES[name]:52}{value:8.1f} ms{value / seen['ours']:8.1f} ×")
    print("bench-comments-page: " + " ".join(f"page200_{name}_ms={value:.1f}" for name, value in seen.items()))


if __name__ == "__main__":
    main()
