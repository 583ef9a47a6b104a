"""Tells workers to look now. Only a hint: the sweep finds what is owed if it is lost."""

import logging
import os
import threading
import time

from celery import current_app

log = logging.getLogger(__name__)
TOGETHER = 0.1  # seconds: hints to look for the same that come within so long after one are told as one

_lock = threading.Lock()
_untold: set[tuple[str, float]] = set()
_teller: threading.Thread | None = None


def tell(task: str, delay: float = 0, *arguments: int) -> None:
    """Tell a worker, in `delay` seconds, if the broker is there."""
    try:
        current_app.send_task(task, arguments, countdown=delay or None, ignore_result=True)
    except Exception:
        log.warning("the broker is away: owed mail waits for the sweep", exc_info=True)


def tell_soon(task: str, delay: float = 0) -> None:
    """The same at once, by a thread, so that no reader waits for the broker; and not for each of many readers."""
    global _teller
    with _lock:
        _untold.add((task, delay))
        if _teller is None or not _teller.is_alive():
            _teller = threading.Thread(target=_tell_all, name="hints")
            _teller.start()


def settle(seconds: float = 5) -> None:
    """Wait until all is told: for tests."""
    if teller := _teller:
        teller.join(seconds)


def _tell_all() -> None:
    while hints := _taken():
        for task, delay in hints:
            tell(task, delay)
        time.sleep(TOGETHER)


def _taken() -> set[tuple[str, float]]:
    """What is to be told; when that is nothing, the thread that asks is the teller no more."""
    global _teller
    with _lock:
        taken = set(_untold)
        _untold.clear()
        if not taken:
            _teller = None
        return taken


def _begin_anew() -> None:
    """In a forked process: its teller stayed behind, and may have held the lock, which nobody would release."""
    global _lock, _teller
    _lock, _teller = threading.Lock(), None


os.register_at_fork(after_in_child=_begin_anew)
