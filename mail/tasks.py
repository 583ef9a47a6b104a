"""What the worker does for mail. Each may run twice, late, or never: the sweep finds what is owed."""

import threading
import time

from celery import shared_task
from django.core.cache import cache

from mail import bounces, budgets, drain, hints, rates
from mail.domains import Domain
from mail.models import Delivery, Lane, Mailout, SoftBounce
from mail.turns import turn

SWEEP = 1_886_351_988  # the number of its lock, drawn by lot
SLICE = threading.Lock()  # held by the one slice of bulk mail that this process works on
PASSES = 3  # how often a hint that reached a busy worker goes back to the queue, where an idle one may find it


@shared_task
def drain_now() -> None:
    """Send confirmations and decisions; what a rate or a breaker held back, soon."""
    if drain.drain(Lane.NOW) and Delivery.objects.owed().lane(Lane.NOW).exists():
        hints.tell("mail.tasks.drain_now", rates.pause())


@shared_task
def drain_bulk(passed: int = 0) -> None:
    """Send alerts and digests, a slice at a time; each sub-batch takes what is urgent first.

    A slice asks for the next one, and each sweep asks too. So that these chains do not pile up while a long mailout
    goes out, a process works on one slice at a time: it has all the connections anyway.
    """
    if not SLICE.acquire(blocking=False):
        if passed < PASSES:
            hints.tell("mail.tasks.drain_bulk", 0, passed + 1)
        return
    try:
        unfinished = drain.drain() and Delivery.objects.owed().exists()
    finally:
        SLICE.release()
    if unfinished:
        hints.tell("mail.tasks.drain_bulk", rates.pause())


@shared_task
def sweep() -> None:
    """Heal the ledger, hold what comes back, look for mail whose hint was lost, and show that the clock runs.

    One at a time, however many clocks tick: all it does may be done twice, but a herd of them would only be in the way.
    """
    with turn(SWEEP) as is_ours:
        if is_ours:
            _sweep()
    cache.set("clock", time.time(), 3600)


def _sweep() -> None:
    bounces.hold_troubled()
    drain.sweep()
    if Delivery.objects.owed().lane(Lane.NOW).exists():
        hints.tell("mail.tasks.drain_now")
    if Delivery.objects.owed().lane(Lane.ALERT, Lane.DIGEST).exists():
        hints.tell("mail.tasks.drain_bulk")


@shared_task
def forget() -> None:
    """Delete the addresses of mails sent long enough ago, and the counters of ended windows and days."""
    Mailout.objects.forget()
    SoftBounce.objects.forget()
    budgets.forget()
    Domain.objects.forget()
