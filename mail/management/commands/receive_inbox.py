"""`manage.py receive_inbox`: the mail server of the embedded default, which delivers nothing to anybody."""

import asyncio
import logging
import os
import signal
from typing import Any

from aiosmtpd.controller import UnthreadedController
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from mail import inbox

log = logging.getLogger(__name__)
OPTIONS = {"data_size_limit": 5_000_000, "enable_SMTPUTF8": True, "ident": "Postbag inbox"}  # size in bytes


class Receiver:
    """Keeps each mail before it says 250, its envelope in front, as mailboxes do (RFC 5321 section 4.4)."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Keep one mail. What we cannot write now may be sent again later."""
        trace = [f"Return-Path: <{envelope.mail_from}>", *(f"Delivered-To: {to}" for to in envelope.rcpt_tos)]
        head = "".join(f"{line}\r\n" for line in trace)
        try:
            key = inbox.store(head.encode("utf-8", "surrogateescape") + (envelope.original_content or b""))
        except OSError:
            log.exception("the inbox cannot be written")
            return "452 The inbox cannot be written"
        return f"250 Kept as {key}"


class Command(BaseCommand):
    """Receives until SIGINT or SIGTERM."""

    help = "Receive all mail of this installation and keep it for /inbox/."
    requires_system_checks = ()  # it has no pages and no models, and must be there before the others send

    def handle(self, *args: Any, **options: Any) -> None:
        logging.getLogger("mail.log").setLevel(logging.WARNING)  # aiosmtpd's own, which tells every line
        loop = asyncio.new_event_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, loop.stop)
        controller = self._listen(loop)
        self.stdout.write(f"The inbox receives mail at {controller.hostname}:{controller.port}")
        self.stdout.flush()
        try:
            loop.run_forever()
        finally:
            controller.end()
            loop.close()

    def _listen(self, loop: asyncio.AbstractEventLoop) -> UnthreadedController:
        address, port = settings.INBOX_BIND, settings.INBOX_PORT
        controller = UnthreadedController(Receiver(), address, port, loop=loop, **OPTIONS)
        try:
            controller.begin()
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno else error
            raise CommandError(f"The inbox cannot listen at {address}:{port}: {reason}") from error
        return controller
