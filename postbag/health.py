"""Is it alive, and is it ready: answered at any host, before a blog is looked for.

/healthz says that this process answers, and touches nothing else: for whoever restarts processes. /readyz
says whether mail and comments would go through: for whoever watches, or waits before sending readers here.
"""

import datetime
import logging
import tempfile
import time
from collections.abc import Callable
from functools import cache as once
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from mail import rates
from mail.domains import Domain
from mail.models import Delivery, Mailout
from postbag.celery import app

log = logging.getLogger(__name__)
Check = Callable[[], dict[str, Any]]
CLOCK_STALE = 90  # seconds; the clock ticks every 15
OWED_LATE = 300  # seconds


class NotReady(Exception):
    """Says in a few words, without secrets, why we are not."""


class HealthMiddleware:
    """Answers /healthz and /readyz, and hands on everything else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path == "/healthz":
            return HttpResponse("ok\n", content_type="text/plain", headers={"Cache-Control": "no-store"})
        if request.path == "/readyz":
            return readiness()
        return self.get_response(request)


def readiness() -> JsonResponse:
    """Every check's result; 200 when all passed, else 503."""
    results = {name: run(check) for name, check in CHECKS.items()}
    ready = all(result["ok"] for result in results.values())
    response = JsonResponse({"ready": ready, "checks": results}, status=200 if ready else 503)
    response["Cache-Control"] = "no-store"
    response._has_been_logged = True  # type: ignore[attr-defined]  # else Django logs an error each time we are asked
    return response


def run(check: Check) -> dict[str, Any]:
    """What `check` returns, with `ok`. An exception fails this check only, and is named by its class."""
    try:
        return {"ok": True, **check()}
    except NotReady as reason:
        return {"ok": False, "why": str(reason)}
    except Exception as error:
        log.warning("readiness: %s: %s", check.__name__, error)
        return {"ok": False, "why": error.__class__.__name__}


def database() -> dict[str, Any]:
    """It answers a query."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return {"vendor": connection.vendor}


@once
def migrations() -> dict[str, Any]:
    """None is left to apply. Only success is remembered: it cannot become untrue while this release runs."""
    executor = MigrationExecutor(connection)
    left = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if left:
        raise NotReady(f"{len(left)} to apply: manage.py migrate")
    return {}


def broker() -> dict[str, Any]:
    """It takes messages, within 2 seconds."""
    if settings.CELERY_BROKER_URL.startswith("filesystem:"):
        with tempfile.TemporaryFile(dir=str(settings.CELERY_BROKER_TRANSPORT_OPTIONS["data_folder_out"])) as probe:
            probe.write(b"a full disk refuses this")
    else:
        with app.connection_for_write(transport_options={"socket_timeout": 2}) as link:
            link.ensure_connection(max_retries=1, interval_start=0, timeout=2)
    return {}


def clock() -> dict[str, Any]:
    """`mail.tasks.sweep` ran lately: so clock, broker, worker and cache work together."""
    last = cache.get("clock")
    if last is None:
        raise NotReady("it has not run")
    age = round(time.time() - last)
    if age > CLOCK_STALE:
        raise NotReady(f"it last ran {age} seconds ago")
    return {"seconds": age}


def owed() -> dict[str, Any]:
    """No mail waits for long after it became due, unless a rate or a breaker holds it back."""
    oldest = Delivery.objects.owed().order_by("due_at").values_list("due_at", flat=True).first()
    age = round((timezone.now() - oldest) / datetime.timedelta(seconds=1)) if oldest else 0
    if age > OWED_LATE and not (Domain.objects.put_off().exists() or _flows()):
        raise NotReady(f"the oldest owed mail waits for {age} seconds")
    return {"seconds": age}


def _flows() -> bool:
    """Whether there is a rate, and mail went at it lately."""
    lately = timezone.now() - datetime.timedelta(seconds=OWED_LATE)
    return bool(rates.limits()) and Domain.objects.filter(empty_at__gte=lately).exists()


def breakers() -> dict[str, Any]:
    """For information: to how many domains mail is put off, of how many senders, and all. It fails nothing."""
    rows = Domain.objects.put_off()
    senders, relay = [row for row in rows if row.sender], [row for row in rows if row.is_relay]
    return {"domains": len(rows) - len(senders) - len(relay), "senders": len(senders), "mail server": bool(relay)}


def ledger() -> dict[str, Any]:
    """Every candidate of every mailout on its way, or closed in the last hour, adds up. Counted once a minute."""
    wrong = cache.get("unbalanced")
    if wrong is None:
        wrong = [mailout.pk for mailout in Mailout.objects.lately().unbalanced()]
        cache.set("unbalanced", wrong, 60)
    if wrong:
        raise NotReady(f"mailouts that do not add up: {wrong}; see manage.py mail_check")
    return {}


CHECKS: dict[str, Check] = {
    "database": database,
    "migrations": migrations,
    "broker": broker,
    "clock": clock,
    "owed mail": owed,
    "put off": breakers,
    "ledger": ledger,
}
