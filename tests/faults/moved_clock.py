"""Postbag's Celery app for a test, on a clock that is set while it runs: `celery -A tests.faults.moved_clock worker`.

POSTBAG_TEST_CLOCK names a file with the seconds by which its clock is ahead. What counts seconds since the start of the
machine, such as time.monotonic, is left alone, as it is when a real clock is set.
"""

import os
import threading
import time
from pathlib import Path

import time_machine

from postbag.celery import app

__all__ = ["app"]


def follow(file: Path, clock: time_machine.Traveller) -> None:
    """Set the clock whenever it is not what the file says."""
    while True:
        wrong = time_machine.escape_hatch.time.time() + int(file.read_text()) - time.time()
        if abs(wrong) > 0.1:
            clock.shift(wrong)
        time.sleep(0.02)


clock = time_machine.travel(time.time(), tick=True).start()
threading.Thread(target=follow, args=[Path(os.environ["POSTBAG_TEST_CLOCK"]), clock], daemon=True).start()
