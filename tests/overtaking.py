"""Two at the same rows: the second waits for the first, and must then see what the first did."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from django.db import connection, connections, transaction


def overtake(slow: Callable[[], Any], quick: Callable[[], Any]) -> None:
    """Begin `slow` when `quick` is done, but not committed; commit it when `slow` waits for it, or is done."""

    def run() -> None:
        try:
            slow()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            quick()
            running = pool.submit(run)
            wait_for(running)
        running.result(10)


def wait_for(running: Future[None]) -> None:
    for _ in range(500):
        if running.done() or somebody_waits_for_us():
            return
        time.sleep(0.01)


def somebody_waits_for_us() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))")
        return bool(cursor.fetchone())
