"""`manage.py receive_bounce`: the end of a mail server's pipe for what comes back."""

import logging
import os
import sys
from email import message_from_bytes
from email.message import Message
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error as DatabaseError

from mail import bounces, reports, verp

log = logging.getLogger(__name__)
LARGEST = 1_000_000  # bytes that are looked at: what is said comes before the mail that it is about
RECIPIENT = ["Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "To"]


class Command(BaseCommand):
    """Reads one mail. Ends with 0 for whatever it was, and with 75 (try again later) when it cannot be written down."""

    help = "Take in a bounce or a complaint from standard input: for a pipe in a mail server's aliases."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--recipient", default="", help="to whom it came, where no header says so")

    def handle(self, *args: Any, recipient: str = "", **options: Any) -> None:
        try:
            take_in(sys.stdin.buffer.read(LARGEST), recipient)
        except DatabaseError as error:
            raise CommandError("The database is away", returncode=os.EX_TEMPFAIL) from error
        except Exception:
            log.exception("a mail that came back cannot be read: it is ignored")
        while sys.stdin.buffer.read(LARGEST):
            pass  # else the server that writes sees a broken pipe


def take_in(content: bytes, recipient: str) -> bool:
    """Act on one mail, if it is a report on a mail of ours: whether it changed anything."""
    message = message_from_bytes(content)
    said = reports.read(message)
    if not said:
        log.info("a mail came back that reports nothing: it is ignored")
        return False
    kind, status = said
    about = verp.find([recipient, *_recipients(message)])
    if not about and kind is bounces.Kind.COMPLAINT:  # it comes to where all complaints do
        about = verp.find(reports.quoted(message))
    if not about:
        log.warning("a %s came that names no mail of ours: it is ignored", kind.value)
        return False
    changed = bounces.received(about, kind, status)
    log.info("delivery %s: %s, %s%s", about.pk, kind.value, status, "" if changed else ", known before")
    return changed


def _recipients(message: Message) -> list[str]:
    return [str(value) for name in RECIPIENT for value in message.get_all(name, [])]
