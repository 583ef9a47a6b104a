"""`python -m tests.faults.drainer`: a worker of one loop, for tests that kill it. Ends when nothing is open."""

import os
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "postbag.settings")
django.setup()

from mail.drain import drain, sweep  # noqa: E402
from mail.models import Delivery  # noqa: E402

while Delivery.objects.filter(state__in=Delivery.OPEN).exists():
    sweep()
    if not drain(seconds=2):
        time.sleep(0.05)
