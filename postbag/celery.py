"""The worker and the whole timetable. The clock only ticks: what is owed stands in the database."""

import datetime
import os
import time
from typing import Any

from celery import Celery, beat
from django.conf import settings

from postbag import filebroker  # noqa: F401 - takes over filesystem://

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "postbag.settings")

# The clock keeps no file: a tick too many costs nothing, and /readyz need not wait for the first one.
EVERY_TICK_IS_DUE_AT_THE_START = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)

app = Celery("postbag")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_ignore_result=True,
    task_time_limit=120,  # seconds; a slice takes 20
    task_publish_retry_policy={"max_retries": 1, "interval_start": 0.1},
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    task_routes={"mail.tasks.drain_bulk": {"queue": "mail.bulk"}},
    task_default_queue="now",
    timezone="UTC",
)
app.autodiscover_tasks()


class Clock(beat.Scheduler):
    """Celery's, which ticks on when the time is set back: that one waits until it is again what it was."""

    _set = 0.0  # how far the time of day is from the seconds since the machine's start

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Do what is due; returns in how many seconds to look again."""
        before, self._set = self._set, time.time() - time.monotonic()
        if self._set < before - 1:
            for entry in self.schedule.values():
                entry.last_run_at = EVERY_TICK_IS_DUE_AT_THE_START
            self._heap = None
        return super().tick(*args, **kwargs)


@app.add_defaults
def timetable() -> dict[str, Any]:
    """What happens by the clock, and every how many seconds. Read late: the settings import this package."""
    entries: dict[str, Any] = {
        "look for owed mail whose hint was lost, and for mails whose sender died": {
            "task": "mail.tasks.sweep",
            "schedule": settings.SWEEP_SECONDS,
        },
        "tell subscribers of posts that are public and have no alert": {
            "task": "sharing.tasks.raise_alerts",
            "schedule": settings.SWEEP_SECONDS,
        },
        "end the subscriptions of mailboxes that get no more mail": {
            "task": "sharing.tasks.end_suppressed",
            "schedule": 60,
        },
        "tell the writers of comments of replies that were approved some minutes ago": {
            "task": "moderation.tasks.raise_reply_notices",
            "schedule": settings.SWEEP_SECONDS,
        },
        "erase comments that nobody confirmed, and addresses kept long enough": {
            "task": "moderation.tasks.forget",
            "schedule": 900,
        },
        "erase sign-ups that nobody confirmed, and addresses that were ended long enough ago": {
            "task": "sharing.tasks.forget",
            "schedule": 900,
        },
        "count the comments of this month": {
            "task": "moderation.tasks.count_figures",
            "schedule": 3600,
        },
        "learn from what moderators decided": {
            "task": "moderation.tasks.learn",
            "schedule": 300,
        },
        "close accounts of the staff that nobody uses": {
            "task": "postbag.tasks.close_unused_accounts",
            "schedule": 3600,
        },
        "forget the addresses of mails sent long enough ago": {
            "task": "mail.tasks.forget",
            "schedule": 900,
        },
    }
    for options in entries.values():
        options["options"] = {"expires": options["schedule"]}
        options["last_run_at"] = EVERY_TICK_IS_DUE_AT_THE_START
    return {"beat_schedule": entries}
