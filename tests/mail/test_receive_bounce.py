"""manage.py receive_bounce: what a mail server pipes into it."""

import io
import os
import subprocess
import sys
from collections.abc import Callable

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from mail import verp
from mail.models import Delivery, Lane, SoftBounce, Suppression
from postbag import tokens
from tests.database import whole_database
from tests.factories import make_delivery, make_mailout
from tests.mail import returned

pytestmark = pytest.mark.django_db
State = Delivery.State
Receive = Callable[..., None]


@pytest.fixture
def ann(settings) -> Delivery:
    """A mail to Ann, on its way, which comes back to an address of its own."""
    settings.BOUNCE_DOMAIN = "bounces.example.com"
    return make_delivery(make_mailout(Lane.ALERT), state=State.ACCEPTED)


@pytest.fixture
def receive(monkeypatch: pytest.MonkeyPatch) -> Receive:
    """Pipes a mail into the command."""

    def pipe(mail: str | bytes, **options: str) -> None:
        content = mail if isinstance(mail, bytes) else mail.encode("utf-8", "surrogateescape")
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
        call_command("receive_bounce", **options)

    return pipe


def postfix(to: str, **said: str) -> str:
    words = {"action": "failed", "status": "5.1.1", "said": "550 5.1.1 <ann@example.org>: user unknown"}
    return returned.POSTFIX.format(to=to, **{**words, **said})


def became(delivery: Delivery) -> str:
    """hard, soft, complained, or the state that it was in."""
    delivery.refresh_from_db()
    if delivery.state != State.BOUNCED:
        return delivery.state
    return "hard" if Suppression.objects.filter(reason="bounced").exists() else "soft"


# Servers


@pytest.mark.parametrize(
    ("sample", "said", "status", "became_"),
    [
        ("POSTFIX", "550 5.1.1 <ann@example.org>: user unknown", "5.1.1", "hard"),
        ("POSTFIX", "Host or domain name not found. Name service error", "5.4.4", "hard"),
        ("POSTFIX", "552 5.2.2 mailbox full", "5.2.2", "soft"),
        ("POSTFIX", "connect to mail.example.org[192.0.2.25]:25: Connection timed out", "4.4.1", "soft"),
        ("POSTFIX", "554 5.7.1 Service unavailable; client 192.0.2.1 blocked", "5.7.1", "soft"),
        ("EXIM", "550 5.1.1 User unknown", "5.0.0", "hard"),
        ("EXIM", "550 No such user here", "5.0.0", "hard"),
        ("EXIM", "550 5.7.26 This mail is unauthenticated", "5.0.0", "soft"),
        ("EXIM", "550 Message rejected as spam", "5.0.0", "soft"),
        ("EXIM", "552 Quota exceeded", "5.0.0", "soft"),
        ("OLD_EXIM", "550 No such user here", "", "hard"),
        ("OLD_EXIM", "550 5.2.2 Mailbox is full", "", "soft"),
        ("EXCHANGE", "550 5.1.10 RESOLVER.ADR.RecipientNotFound", "5.1.10", "hard"),
        ("EXCHANGE", "550 5.7.708 Service unavailable. Access denied, traffic not accepted", "5.7.708", "soft"),
        ("QMAIL", "Sorry, no mailbox here by that name. (#5.1.1)", "", "hard"),
        ("QMAIL", "192.0.2.25 does not like recipient.\nRemote host said: 550 unknown user", "", "hard"),
        ("QMAIL", "I'm not going to try again; this message has been in the queue too long. (#4.4.1)", "", "soft"),
    ],
)
def test_servers_say_it_in_their_ways(
    ann: Delivery, receive: Receive, sample: str, said: str, status: str, became_: str
) -> None:
    mail = getattr(returned, sample)
    receive(mail.format(to=verp.return_path(ann), said=said, status=status, action="failed"))
    assert became(ann) == became_


def test_what_is_delayed_may_still_arrive(ann: Delivery, receive: Receive) -> None:
    receive(postfix(verp.return_path(ann), action="delayed", status="4.4.1"))
    assert became(ann) == State.ACCEPTED and not SoftBounce.objects.exists()


@pytest.mark.parametrize(("second", "became_"), [("failed", "soft"), ("delivered", "soft"), ("expanded", "soft")])
def test_an_address_of_several_people_is_good_while_one_is(
    ann: Delivery, receive: Receive, second: str, became_: str
) -> None:
    mail = returned.TWO_RECIPIENTS.format(
        to=verp.return_path(ann), action="failed", status="5.1.1", said="550 5.1.1 unknown", second=second
    )
    receive(mail)
    assert became(ann) == became_


def test_the_operator_sees_why(ann: Delivery, receive: Receive) -> None:
    receive(postfix(verp.return_path(ann)))
    ann.refresh_from_db()
    assert ann.code == "5.1.1"


def test_soft_ones_are_counted(ann: Delivery, receive: Receive) -> None:
    receive(postfix(verp.return_path(ann), status="4.2.2", said="452 4.2.2 over quota"))
    assert became(ann) == "soft" and SoftBounce.objects.count() == 1


# Addresses


@pytest.mark.parametrize(
    "change", [str.upper, str.title, lambda to: f"Bounces <{to}>", lambda to: f"<{to}>, x@example.org"]
)
def test_servers_write_the_return_path_as_they_like(ann: Delivery, receive: Receive, change: Callable) -> None:
    receive(postfix(change(verp.return_path(ann))))
    assert became(ann) == "hard"


def test_a_server_may_say_the_recipient_itself(ann: Delivery, receive: Receive) -> None:
    receive(postfix("postmaster@example.com"), recipient=verp.return_path(ann).upper())
    assert became(ann) == "hard"


def test_a_return_path_fits_into_a_local_part(ann: Delivery) -> None:
    local, _at, domain = verp.return_path(ann).partition("@")
    assert len(local) <= 64 and domain == "bounces.example.com"


def test_without_a_domain_there_is_no_return_path(ann: Delivery, settings) -> None:
    settings.BOUNCE_DOMAIN = ""
    assert verp.return_path(ann) == ""


# Forged, replayed, and other mail


def forgeries(ann: Delivery) -> list[str]:
    token = verp.token(ann)
    other = "b" if token[0] != "b" else "c"
    sealed = [other + token[1:], token[:-1], token + "a", "a" * 40, tokens.make("stop", ann.pk), str(ann.pk)]
    return ["blog@example.org", "", "bounces@bounces.example.com"] + [
        f"bounces+{word}@bounces.example.com" for word in sealed
    ]


def test_what_is_forged_changes_nothing(ann: Delivery, receive: Receive) -> None:
    before = whole_database()
    for to in forgeries(ann):
        receive(postfix(to))
        receive(postfix("x@example.org"), recipient=to)
    assert whole_database() == before


def test_a_bounce_must_come_to_the_return_path_whatever_it_quotes(ann: Delivery, receive: Receive) -> None:
    mail = postfix("postmaster@example.com").replace("bounces+original@bounces.example.com", verp.return_path(ann))
    receive(mail)
    assert became(ann) == State.ACCEPTED


def test_a_bounce_a_hundred_times_is_one(ann: Delivery, receive: Receive) -> None:
    receive(postfix(verp.return_path(ann)))
    before = whole_database()
    for _ in range(99):
        receive(postfix(verp.return_path(ann)))
    assert whole_database() == before


def test_a_bounce_of_a_forgotten_mail_changes_nothing(ann: Delivery, receive: Receive) -> None:
    path = verp.return_path(ann)
    ann.delete()
    receive(postfix(path))
    assert not Suppression.objects.exists()


@pytest.mark.parametrize("sample", ["VACATION", "OLD_VACATION", "REPLY", "CHALLENGE"])
def test_what_people_and_robots_answer_changes_nothing(ann: Delivery, receive: Receive, sample: str) -> None:
    before = whole_database()
    receive(getattr(returned, sample).format(to=verp.return_path(ann)))
    assert whole_database() == before


@pytest.mark.parametrize(
    "garbage",
    [
        b"",
        b"\0\xff" * 5000,
        b"Content-Type: multipart/report; boundary=x\n\n--x\nContent-Type: message/delivery-status\n\n",
        b"Content-Type: message/feedback-report\n\nno field",
        b"Content-Type: multipart/mixed; boundary=\n\n--\n" * 300,
        b"Content-Type: message/rfc822\n\n" * 3000,
        b"To: bounces+" + b"a" * 900_000 + b"@x\n\n" + b"y" * 900_000,
        "To: böunces+\udcff@x\nDelivered-To: =?utf-8?q?x?=\n\n".encode("utf-8", "surrogateescape"),
    ],
)
def test_garbage_is_taken_and_ignored(ann: Delivery, receive: Receive, garbage: bytes) -> None:
    before = whole_database()
    receive(garbage, recipient=verp.return_path(ann))
    assert whole_database() == before


def test_no_address_is_logged(ann: Delivery, receive: Receive, caplog) -> None:
    caplog.set_level("DEBUG")
    receive(postfix(verp.return_path(ann)))
    receive(postfix("forged@example.org"))
    receive(b"From: ann@example.org\n\nann@example.org")
    assert caplog.records and "@" not in caplog.text and verp.token(ann) not in caplog.text


# Complaints


def feedback(to: str = "fbl@example.com", kind: str = "abuse", path: str = "", where: str = "mail_from") -> str:
    mail_from = f"Original-Mail-From: <{path}>\n" if where == "mail_from" else ""
    headers = "" if where == "mail_from" else f"Return-Path: <{path}>\n"
    original = "text/rfc822-headers" if where == "headers" else "message/rfc822"
    return returned.FEEDBACK.format(to=to, kind=kind, mail_from=mail_from, headers=headers, original=original)


@pytest.mark.parametrize("where", ["mail_from", "message", "headers"])
def test_a_complaint_is_known_by_the_mail_it_is_about(ann: Delivery, receive: Receive, where: str) -> None:
    receive(feedback(path=verp.return_path(ann), where=where))
    assert became(ann) == State.COMPLAINED
    assert Suppression.objects.get().reason == Suppression.Reason.COMPLAINED


def test_a_complaint_may_come_to_the_return_path(ann: Delivery, receive: Receive) -> None:
    receive(feedback(to=verp.return_path(ann)))
    assert became(ann) == State.COMPLAINED


@pytest.mark.parametrize("kind", ["not-spam", "auth-failure", "", "opt-out"])
def test_other_feedback_is_no_complaint(ann: Delivery, receive: Receive, kind: str) -> None:
    receive(feedback(path=verp.return_path(ann), kind=kind))
    assert became(ann) == State.ACCEPTED


def test_a_forged_complaint_changes_nothing(ann: Delivery, receive: Receive) -> None:
    before = whole_database()
    for path in forgeries(ann):
        for where in ["mail_from", "message", "headers"]:
            receive(feedback(path=path, where=where))
    assert whole_database() == before


# The pipe


def test_a_database_that_is_away_means_try_again_later(ann: Delivery, receive: Receive, monkeypatch) -> None:
    def away(*_args: object, **_options: object) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(Delivery.objects, "filter", away)
    with pytest.raises(CommandError) as error:
        receive(postfix(verp.return_path(ann)))
    assert error.value.returncode == os.EX_TEMPFAIL == 75


@pytest.mark.processes
@pytest.mark.parametrize(("content", "code"), [("garbage", 0), (postfix("bounces+{token}@x.org"), 75)])
def test_as_a_process_it_ends_as_mail_servers_expect(free_port: int, content: str, code: int) -> None:
    """Garbage needs no database; a report that names a mail cannot do without."""
    away = f"postgresql://nobody@127.0.0.1:{free_port}/nothing"
    piped = subprocess.run(
        [sys.executable, "manage.py", "receive_bounce"],
        input=content.replace("{token}", tokens.make("bounce", 1)).encode(),
        env={**os.environ, "DATABASE_URL": away, "DJANGO_SETTINGS_MODULE": "postbag.settings"},
        capture_output=True,
        timeout=60,
    )
    assert piped.returncode == code, piped.stderr
    assert b"@" not in piped.stderr
