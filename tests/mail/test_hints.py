"""Workers are told at once, and not for each of many readers."""

import threading
import time

import pytest
from celery import current_app

from mail import hints as telling

TASK = "mail.tasks.drain_now"


def test_a_worker_is_told_at_once(hints: list[str]) -> None:
    began = time.monotonic()
    telling.tell_soon(TASK)
    while not hints and time.monotonic() < began + 5:
        time.sleep(0.001)
    assert time.monotonic() < began + telling.TOGETHER
    telling.settle()
    assert hints == [TASK]


def test_what_comes_together_is_told_together_and_after_the_last(hints: list[str]) -> None:
    for _ in range(200):
        telling.tell_soon(TASK)
    telling.settle()
    before = len(hints)
    assert before < 10
    telling.tell_soon(TASK)
    telling.settle()
    assert len(hints) == before + 1


def test_each_task_and_each_delay_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    told = set()
    monkeypatch.setattr(current_app, "send_task", lambda name, *_, **options: told.add((name, options["countdown"])))
    for task, delay in [(TASK, 0), (TASK, 120), ("mail.tasks.drain_bulk", 0)]:
        telling.tell_soon(task, delay)
    telling.settle()
    assert told == {(TASK, None), (TASK, 120), ("mail.tasks.drain_bulk", None)}


def test_nobody_waits_for_a_broker_that_is_away(monkeypatch: pytest.MonkeyPatch, caplog) -> None:
    hangs = threading.Event()

    def fail(*_args: object, **_options: object) -> None:
        hangs.wait(5)
        raise ConnectionError("nobody listens")

    monkeypatch.setattr(current_app, "send_task", fail)
    began = time.monotonic()
    telling.tell_soon(TASK)
    assert time.monotonic() < began + 1
    hangs.set()
    telling.settle()
    assert "owed mail waits for the sweep" in caplog.text


def test_a_process_whose_teller_is_gone_tells_too(hints: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    gone = threading.Thread(target=int)  # as after a fork, which takes no thread along
    gone.start()
    gone.join()
    monkeypatch.setattr(telling, "_teller", gone)
    telling.tell_soon(TASK)
    telling.settle()
    assert hints == [TASK]
