"""The inbox: a real mail server in front, files in between, and the pages that show them."""

import smtplib
import socket
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.test import Client
from pytest_django.fixtures import Settings

from blog.models import Blog
from mail import inbox
from mail.inbox import Mail
from mail.management.commands.receive_inbox import OPTIONS, Receiver

LINK = "http://blog.example/comments/confirm/abc/"
Send = Callable[..., Any]


@pytest.fixture(autouse=True)
def folder(settings: Settings, tmp_path: Path) -> Path:
    settings.INBOX, settings.INBOX_DIR = True, tmp_path / "inbox"
    return settings.INBOX_DIR


@pytest.fixture
def reader(blog: Blog, client: Client) -> Client:
    """Somebody who looks at the pages."""
    return client


@pytest.fixture
def send() -> Iterator[Send]:
    """Sends a message through a real SMTP session."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(Receiver(), "127.0.0.1", port, **OPTIONS)
    controller.start()
    try:
        with smtplib.SMTP("127.0.0.1", port) as server:
            yield server.send_message
    finally:
        controller.stop()


def letter(subject: str = "Confirm your comment", to: str = "ann@example.org") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "Blog <blog@example.org>", to, subject
    message.set_content(f"Hello Ann,\n\nConfirm it: {LINK}.\n")
    message.add_alternative(f'<html><head></head><body><a href="{LINK}">Confirm</a></body></html>', subtype="html")
    return message


def keep(message: EmailMessage) -> str:
    return inbox.store(message.as_bytes())


def test_sent_mail_is_kept_with_its_envelope(send: Send) -> None:
    send(letter(), to_addrs=["ann@example.org", "hidden@example.org"])
    [mail] = Mail.newest()
    assert mail.headers[:2] == [("Return-Path", "<blog@example.org>"), ("Delivered-To", "ann@example.org")]
    assert mail.subject == "Confirm your comment"
    assert mail.is_to("ANN@example.org") and mail.is_to("hidden@example.org") and not mail.is_to("bo@example.org")


def test_addresses_and_headers_beyond_ascii_arrive(send: Send) -> None:
    send(letter("Zoë: naïveté 🙂", "zoë@example.org"), mail_options=["SMTPUTF8", "BODY=8BITMIME"])
    [mail] = Mail.newest()
    assert (mail.to, mail.subject) == ("zoë@example.org", "Zoë: naïveté 🙂")


def test_message_over_five_megabytes_is_refused(send: Send) -> None:
    message = letter()
    message.add_attachment(b"x" * 5_000_000, maintype="application", subtype="octet-stream")
    with pytest.raises(smtplib.SMTPSenderRefused, match="552"):
        send(message)
    assert inbox.keys() == []


def test_sender_is_told_to_come_again_when_nothing_can_be_written(send: Send, folder: Path) -> None:
    folder.write_text("a file where the folder should be")
    with pytest.raises(smtplib.SMTPDataError, match="452"):
        send(letter())


def test_only_the_newest_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "KEPT", 3)
    kept = [keep(letter(f"Number {number}")) for number in range(5)]
    assert inbox.keys() == kept[:1:-1]
    assert [mail.subject for mail in Mail.newest()] == ["Number 4", "Number 3", "Number 2"]


def test_list_shows_the_newest_first_and_is_stored_nowhere(reader: Client) -> None:
    keep(letter("The first"))
    keep(letter("The second"))
    response = reader.get("/inbox/")
    page = response.content.decode()
    assert 0 < page.index("The second") < page.index("The first")
    assert "no-store" in response["Cache-Control"] and "noindex" in response["X-Robots-Tag"]
    assert not response.cookies


def test_list_is_cut_into_pages(reader: Client) -> None:
    for number in range(51):
        keep(letter(f"Number {number}."))
    assert "Number 0." not in reader.get("/inbox/").content.decode()
    assert "Number 0." in reader.get("/inbox/?page=2").content.decode()
    assert reader.get("/inbox/?page=no").status_code == 200


def test_html_part_is_framed_and_never_in_our_page(reader: Client) -> None:
    message = EmailMessage()
    message.set_content("<script>alert(1)</script><i>ours?</i>", subtype="html")
    key = keep(message)
    response = reader.get(f"/inbox/{key}/")
    assert f'src="/inbox/{key}/html/"' in response.content.decode()
    assert "ours?" not in response.content.decode()
    assert "frame-src 'self'" in response["Content-Security-Policy"]


def test_html_part_has_its_own_strict_policy(reader: Client) -> None:
    response = reader.get(f"/inbox/{keep(letter())}/html/")
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'self'" in policy
    assert "script-src" not in policy and "allow-scripts" not in policy and "allow-same-origin" not in policy
    assert response["X-Frame-Options"] == "SAMEORIGIN"
    assert f'<head><base target="_top"></head><body><a href="{LINK}">' in response.content.decode()


def test_text_part_has_links_that_can_be_followed(reader: Client) -> None:
    page = reader.get(f"/inbox/{keep(letter())}/?part=text").content.decode()
    assert f'href="{LINK}"' in page
    assert "Hello Ann,\n\n" in page


def test_headers_are_shown_in_their_order(reader: Client) -> None:
    page = reader.get(f"/inbox/{keep(letter())}/?part=headers").content.decode()
    names = [f">{name}</dt>" for name in ("From", "To", "Subject", "MIME-Version")]
    assert sorted(names, key=page.index) == names


@pytest.mark.parametrize("part", ["html", "text", "headers"])
def test_markup_in_a_mail_is_text(reader: Client, part: str) -> None:
    message = EmailMessage()
    message["Subject"] = message["To"] = "<script>alert(1)</script>"
    message.set_content("<img src=x onerror=alert(1)> https://x.example/<u>")
    page = reader.get(f"/inbox/{keep(message)}/?part={part}").content.decode()
    assert "&lt;script&gt;alert" in page
    assert "<script>alert" not in page and "<img src=x" not in page and "<u>" not in page


def test_json_says_everything_newest_first(reader: Client) -> None:
    keep(letter("The first"))
    key = keep(letter("The second"))
    newest, oldest = reader.get("/inbox/messages.json").json()
    assert (newest["key"], newest["subject"], oldest["subject"]) == (key, "The second", "The first")
    assert (newest["from"], newest["to"]) == ("Blog <blog@example.org>", "ann@example.org")
    assert newest["links"] == [LINK]
    assert newest["headers"]["MIME-Version"] == "1.0" and "Hello Ann" in newest["text"] and LINK in newest["html"]


def test_json_is_cut_to_one_address(reader: Client) -> None:
    keep(letter(to="Ann <ann@example.org>"))
    keep(letter(to="bo@example.org"))
    [mail] = reader.get("/inbox/messages.json?to=ann@example.org").json()
    assert mail["to"] == "Ann <ann@example.org>"


@pytest.mark.parametrize(
    "garbage",
    [
        b"",
        b"\x00\xff\xfe\x80 garbage",
        b"Subject: =?utf-8?b?/////w==?=\r\nTo: \xff\xfe@\xc3\r\nDate: never\r\n\r\n\xff",
        b"Subject: =?no-such?q?x?=\nContent-Type: text/plain; charset=no-such\n\n\xc3\xa9 \x00",
        b"Content-Type: multipart/alternative\n\nno boundary",
        b"Content-Type: text/html; charset=utf-16\nContent-Transfer-Encoding: base64\n\n!!!!",
        b"".join(b"Content-Type: multipart/mixed; boundary=%d\n\n--%d\n" % (depth, depth) for depth in range(2000)),
        b"From: <<<>>>,;:\nTo: a@[\nContent-Type: ;;;=\nContent-Disposition: \xff\n\n<a href=http://[x",
    ],
)
def test_broken_mail_breaks_no_page(reader: Client, garbage: bytes) -> None:
    key = inbox.store(garbage)
    for path in ["", "messages.json", *(f"{key}/{rest}" for rest in ["", "?part=text", "?part=headers", "html/"])]:
        assert reader.get(f"/inbox/{path}").status_code == 200


def test_files_that_are_not_ours_are_left_alone(reader: Client, folder: Path) -> None:
    keep(letter())
    (folder / "new" / "1700000000.M1P2.host:2,S").write_text("foreign")
    assert len(reader.get("/inbox/messages.json").json()) == 1
    assert reader.get("/inbox/1700000000-foreign/").status_code == 404


def test_all_mail_is_deleted_by_a_post_of_our_own_page(reader: Client) -> None:
    keep(letter())
    assert reader.get("/inbox/deletion/").status_code == 405
    assert reader.post("/inbox/deletion/", headers={"Origin": "https://evil.example"}).status_code == 403
    assert len(inbox.keys()) == 1
    assert reader.post("/inbox/deletion/")["Location"] == "/inbox/"
    assert inbox.keys() == []


def test_there_is_no_inbox_where_mail_goes_out(reader: Client, settings: Settings) -> None:
    key = keep(letter())
    settings.INBOX = False
    for path in ["", "messages.json", f"{key}/", f"{key}/html/"]:
        assert reader.get(f"/inbox/{path}").status_code == 404
    assert reader.post("/inbox/deletion/").status_code == 404
