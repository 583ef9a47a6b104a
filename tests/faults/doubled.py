"""Postbag's Celery app for a test, in which every message goes out twice: `celery -A tests.faults.doubled worker`."""

from typing import Any

from postbag.celery import app

once = app.send_task


def twice(*arguments: Any, **options: Any) -> Any:
    """Send this hint, and send it again."""
    once(*arguments, **options)
    return once(*arguments, **options)


app.send_task = twice
