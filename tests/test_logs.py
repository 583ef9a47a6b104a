"""postbag/logs.py: no token, no address, and one line for one message."""

import logging
import time

import pytest
from django.test import Client

from postbag import tokens
from postbag.logs import Scrub, scrub


def written(*arguments: object, message: str = "%s", error: BaseException | None = None) -> str:
    """What a record becomes on its way to the log."""
    caught = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord("postbag", logging.INFO, __file__, 1, message, arguments, caught)
    assert Scrub().filter(record)
    return logging.Formatter("%(message)s").format(record)


def test_a_token_is_not_logged() -> None:
    token = tokens.make("stop", 7)
    assert written(f"GET /mail/stop/{token}/ 200") == "GET /mail/stop/[token]/ 200"
    assert token not in written(f"{token}{'=' * 3},{token}")


@pytest.mark.parametrize(
    "address",
    [
        "ann@example.org",
        "Ann.B+tag@Example.org",
        "<ann@example.org>",
        "'ann@example.org'",
        "ann@例え.jp",
        "a_b-c@x.co.uk",
    ],
)
def test_an_address_is_not_logged(address: str) -> None:
    line = written(f"mail to {address}: refused, email={address}")
    assert "example" not in line.lower() and "例え" not in line and "x.co" not in line
    assert line.startswith("mail to ") and "refused" in line


def test_neither_is_logged_with_an_error() -> None:
    try:
        raise ValueError(f"ann@example.org {tokens.make('stop', 7)}")
    except ValueError as error:
        line = written("it failed", error=error)
    assert "ValueError: [address] [token]" in line and "Traceback" in line


@pytest.mark.parametrize("control", ["\0", "\x1b[2J", "\x07", "\x7f", "\x9b2J", "\r"])
def test_control_characters_do_not_reach_a_terminal(control: str) -> None:
    assert control[0] not in written(f"GET /{control}")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\x0b", "\x0c", "\x85", "\u2028", "\u2029"])
def test_a_message_cannot_pretend_to_be_two(end: str) -> None:
    assert len(written(f"GET /x{end}2026-01-01 INFO all is well").splitlines()) == 1


def test_what_is_neither_stays() -> None:
    honest = "drained 50 mails in 1.2 s @ host, π ≈ 3; sha 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b"
    assert scrub(honest) == honest


def test_a_record_that_cannot_be_formatted_breaks_no_request() -> None:
    assert "%d" in written("not a number", message="%d mails")


@pytest.mark.parametrize(
    "long",
    ["a" * 300_000, "a." * 150_000, "@" * 300_000, "a@" * 150_000, "\0" * 300_000, "=" * 300_000, "/a" * 150_000],
)
def test_no_message_takes_long(long: str) -> None:
    started = time.perf_counter()
    written(long)
    assert time.perf_counter() - started < 1


@pytest.mark.django_db
def test_a_request_for_a_made_up_page_is_one_line(client: Client, blog, caplog) -> None:
    caplog.handler.addFilter(Scrub())
    client.get("/ann@example.org/%0A2026-01-01%20INFO%20all%20is%20well%1B[2J/")
    lines = [caplog.handler.format(record) for record in caplog.records]
    assert len(lines) == 1 and "\n" not in lines[0] and "\x1b" not in lines[0] and "example.org" not in lines[0]
