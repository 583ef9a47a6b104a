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


SWEEP = 0  # as often as POSTBAG_SWEEP_SECONDS says
TIMETABLE = [  # what happens by the clock, and every how many seconds
    ("mail.tasks.sweep", SWEEP, "look for owed mail whose hint was lost, and for mails whose sender died"),
    ("sharing.tasks.raise_alerts", SWEEP, "tell subscribers of posts that are public and have no alert"),
    ("moderation.tasks.raise_reply_notices", SWEEP, "tell writers of replies that were approved some minutes ago"),
    ("sharing.tasks.end_suppressed", 60, "end the subscriptions of mailboxes that get no more mail"),
    ("moderation.tasks.learn", 300, "learn from what moderators decided"),
    ("moderation.tasks.mail_moderators", 300, "mail moderators what waits, as often as each wants"),
    ("moderation.tasks.forget", 900, "erase comments that nobody confirmed, and addresses kept long enough"),
    ("sharing.tasks.forget", 900, "erase sign-ups that nobody confirmed, and addresses of those that ended"),
    ("mail.tasks.forget", 900, "forget the addresses of mails sent long enough ago"),
    ("moderation.tasks.count_figures", 3600, "count the comments of this month"),
    ("postbag.tasks.close_unused_accounts", 3600, "close accounts of the staff that nobody uses"),
]


@app.add_defaults
def timetable() -> dict[str, Any]:
    """The timetable as Celery wants it. Read late: the settings import this package."""
    return {"beat_schedule": {words: _entry(task, every or settings.SWEEP_SECONDS) for task, every, words in TIMETABLE}}


def _entry(task: str, seconds: float) -> dict[str, Any]:
    options = {"expires": seconds}
    return {"task": task, "schedule": seconds, "options": options, "last_run_at": EVERY_TICK_IS_DUE_AT_THE_START}
