"""/healthz and /readyz: what whoever watches and restarts is told."""

import datetime
import socket
import time
from typing import Any

import pytest
from django.core.cache import cache
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from mail.models import Delivery, Lane, Mailout
from postbag import health
from postbag.celery import app

Anywhere = {"HTTP_HOST": "10.0.0.7:8000"}  # a load balancer asks by address; no blog answers there


@pytest.fixture
def ticking() -> None:
    """The clock has just run."""
    cache.set("clock", time.time())


def checks(client: Client) -> dict[str, Any]:
    return client.get("/readyz").json()["checks"]


def owe(minutes: int) -> None:
    """A mail that became due so long ago."""
    mailout = Mailout.objects.create(kind="alert", lane=Lane.ALERT, state=Mailout.State.READY, prepared=1, candidates=1)
    due_at = timezone.now() - datetime.timedelta(minutes=minutes)
    Delivery.objects.create(mailout=mailout, address="ann@example.org", mailbox="a", about=1, due_at=due_at)


def test_alive_needs_no_database_and_no_blog(client: Client) -> None:
    answer = client.get("/healthz", **Anywhere)
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.django_db
def test_ready_at_any_host(client: Client, ticking: None) -> None:
    answer = client.get("/readyz", **Anywhere)
    assert answer.status_code == 200, answer.json()
    assert answer.json()["ready"] is True
    assert set(answer.json()["checks"]) == {
        "database",
        "migrations",
        "broker",
        "clock",
        "owed mail",
        "put off",
        "ledger",
    }


@pytest.mark.django_db
def test_not_ready_when_one_check_fails(client: Client) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["ready"]) == (503, False)
    assert answer.json()["checks"]["clock"] == {"ok": False, "why": "it has not run"}
    assert answer.json()["checks"]["database"]["ok"]


@pytest.mark.django_db
def test_a_clock_that_stopped(client: Client) -> None:
    cache.set("clock", time.time() - 91)
    assert checks(client)["clock"] == {"ok": False, "why": "it last ran 91 seconds ago"}


@pytest.mark.django_db
def test_owed_mail_may_wait_a_little(client: Client) -> None:
    owe(minutes=4)
    owed = checks(client)["owed mail"]
    assert owed["ok"]
    assert 240 <= owed["seconds"] <= 250


@pytest.mark.django_db
def test_owed_mail_that_waits_too_long(client: Client) -> None:
    owe(minutes=6)
    owe(minutes=1)
    owed = checks(client)["owed mail"]
    assert not owed["ok"]
    assert owed["why"].startswith("the oldest owed mail waits for 36")


@pytest.mark.django_db
def test_no_mail_owed(client: Client) -> None:
    assert checks(client)["owed mail"] == {"ok": True, "seconds": 0}


@pytest.mark.django_db
def test_migrations_to_apply(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    health.migrations.cache_clear()
    monkeypatch.setattr(health.MigrationExecutor, "migration_plan", lambda *_: ["0002", "0003"])
    assert checks(client)["migrations"] == {"ok": False, "why": "2 to apply: manage.py migrate"}


@pytest.mark.django_db
def test_a_check_that_breaks_fails_alone_and_tells_no_secret(
    client: Client, ticking: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise DatabaseError("password=hunter2")

    monkeypatch.setitem(health.CHECKS, "database", broken)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["database"] == {"ok": False, "why": "DatabaseError"}
    assert answer.json()["checks"]["clock"]["ok"]


def test_a_broker_folder_that_is_gone(settings: Settings, tmp_path: Any) -> None:
    settings.CELERY_BROKER_URL = "filesystem://"
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"data_folder_out": str(tmp_path)}
    assert health.run(health.broker) == {"ok": True}
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"data_folder_out": str(tmp_path / "gone")}
    assert health.run(health.broker) == {"ok": False, "why": "FileNotFoundError"}


def test_a_broker_that_takes_the_call_and_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"redis://127.0.0.1:{silent.getsockname()[1]}"
        connect = app.connection_for_write
        monkeypatch.setattr(app, "connection_for_write", lambda **options: connect(url, **options))
        started = time.monotonic()
        assert not health.run(health.broker)["ok"]
        assert time.monotonic() - started < 5


@pytest.mark.django_db
def test_ready_asks_little_of_the_database(
    client: Client, ticking: None, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client.get("/readyz")
    with django_assert_max_num_queries(3):
        client.get("/readyz")


@pytest.mark.django_db
def test_not_ready_while_the_ledger_does_not_add_up(client: Client, ticking: None) -> None:
    owe(minutes=1)
    assert checks(client)["ledger"]["ok"]
    cache.delete("unbalanced")
    Delivery.objects.all().delete()
    assert "do not add up" in checks(client)["ledger"]["why"]
