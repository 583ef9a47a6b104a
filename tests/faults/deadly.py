"""Postbag's Celery app for a test, whose worker kills itself at an arrow: `celery -A tests.faults.deadly worker`.

The first line of the file POSTBAG_TEST_ARROWS says at which. `before accepted`: a delivery has become that, but it is
not committed; `after accepted`: it is. `frozen` is an audience. Each death takes its line with it.
"""

import os
import re
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.db.backends.signals import connection_created

from postbag.celery import app

__all__ = ["app"]

FILE = Path(os.environ["POSTBAG_TEST_ARROWS"])
FROZEN = re.compile(r"INSERT INTO \S*mail_delivery.*SELECT")
MOVED = re.compile(
    r"""UPDATE "?mail_\w+"? SET .*?\bstate"? = (?:(?P<place>%s)|'(?P<state>\w+)'|CASE.*?'handed')""", re.S
)
one_death = threading.Lock()
thread = threading.local()


def becomes(sql: str, params: Any) -> str:
    """The state that this statement brings rows of the ledger to; none for other statements."""
    words = " ".join(sql.split())
    if FROZEN.match(words):
        return "frozen"
    if not (found := MOVED.search(words)):
        return ""
    if found["place"]:
        return str(params[words[: found.start("place")].count("%s")])
    return found["state"] or "handed"


def next_death() -> list[str]:
    return FILE.read_text().partition("\n")[0].split()


def die() -> None:
    with one_death:
        file = FILE.with_suffix(".new")
        file.write_text(FILE.read_text().partition("\n")[2])
        file.rename(FILE)
        os.kill(os.getpid(), signal.SIGKILL)


def deadly(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    """Django's wrapper around each statement."""
    if getattr(thread, "dying", False):
        die()
    when, state = next_death() or ("", None)
    if state != becomes(sql, params):
        return execute(sql, params, many, context)
    if when == "before":
        with transaction.atomic():
            return followed_by(die, execute(sql, params, many, context), context)
    return followed_by(die_when_committed, execute(sql, params, many, context), context)


def followed_by(act: Callable[[], None], result: Any, context: dict[str, Any]) -> Any:
    """Do it if any row has moved. SQLite cannot tell before the rows are fetched that RETURNING returns."""
    if context["cursor"].rowcount != 0:
        act()
    return result


def die_when_committed() -> None:
    """What is in no transaction is committed at the next statement: by then its rows have been fetched."""
    if connection.in_atomic_block:
        transaction.on_commit(die)
    else:
        thread.dying = True


def watch(connection: Any, **_: Any) -> None:
    if deadly not in connection.execute_wrappers:
        connection.execute_wrappers.append(deadly)


connection_created.connect(watch)
