"""A connection to the mail server.

smtplib greets, encrypts and signs in; then the bare socket is ours, and a `Conversation` says what goes over it.
"""

import smtplib
import socket
import ssl
import time
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Self

from django.conf import settings
from django.core.mail.utils import DNS_NAME

from mail.batch import Batch
from mail.conversation import Conversation, Lost, Stage

FAREWELL = 2  # seconds to wait for the answer to QUIT
NOT_NOW = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


@dataclass(frozen=True)
class Server:
    """Where mail goes to. Its certificate must be good, unless `context` says otherwise."""

    host: str
    port: int = 25
    user: str = ""
    password: str = ""
    starttls: bool = False
    tls: bool = False
    timeout: float = 60  # seconds to wait for each answer
    final_timeout: float = 60  # for the one to the final dot: to give up early makes duplicates
    context: ssl.SSLContext | None = None

    @classmethod
    def from_settings(cls) -> Self:
        """The server in Django's EMAIL_ settings."""
        return cls(
            settings.EMAIL_HOST,
            settings.EMAIL_PORT,
            settings.EMAIL_HOST_USER,
            settings.EMAIL_HOST_PASSWORD,
            settings.EMAIL_USE_TLS,
            settings.EMAIL_USE_SSL,
            timeout=settings.EMAIL_TIMEOUT,
            final_timeout=settings.MAIL_FINAL_TIMEOUT,
        )

    def connect(self) -> "Connection":
        """A connection on which mail can be sent. Waits for it, and raises OSError."""
        smtp = self._greeted(DNS_NAME.get_fqdn())
        try:
            return Connection(self, self._introduced(smtp), smtp.esmtp_features)
        except BaseException:
            smtp.close()
            raise

    def _greeted(self, us: str) -> smtplib.SMTP:
        if self.tls:
            return smtplib.SMTP_SSL(self.host, self.port, us, timeout=self.timeout, context=self._encryption)
        return smtplib.SMTP(self.host, self.port, us, timeout=self.timeout)

    @cached_property
    def _encryption(self) -> ssl.SSLContext:
        """To make one takes 20 ms: it reads the certificates of all authorities."""
        return self.context or ssl.create_default_context()

    def _introduced(self, smtp: smtplib.SMTP) -> socket.socket:
        if self.starttls:
            smtp.starttls(context=self._encryption)
        smtp.ehlo_or_helo_if_needed()
        if self.user:
            smtp.login(self.user, self.password)
        if smtp.file:
            smtp.file.close()  # else the socket outlives its own closing
        if not smtp.sock:
            raise Lost("the server closed the connection")
        return smtp.sock


class Connection:
    """An open one, which never waits: `read` and `write` when the socket can."""

    def __init__(self, server: Server, sock: socket.socket, features: Collection[str]) -> None:
        self.sock = sock
        self.talk = Conversation(features)
        self.batch: Batch | None = None
        self.fruitless = 0  # how many broke, in a row, before this one
        self.watched = 0  # the events that a selector waits for
        self._server = server
        self._due = 0.0
        sock.setblocking(False)
        # Else each write waits for the kernel's delayed acknowledgement of the one before: 44 ms a mail.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def start(self, batch: Batch) -> None:
        self.batch = batch
        self.talk.start(batch)
        self._restart_clock()

    def quit(self) -> None:
        self.batch = None
        self.talk.quit()
        self._restart_clock()

    def read(self) -> None:
        """Take in what has come. Raises OSError."""
        try:
            data = self.sock.recv(4096)  # answers are short, and this much is set aside each time
        except NOT_NOW:
            return
        if not data:
            raise Lost("the server closed the connection")
        while isinstance(self.sock, ssl.SSLSocket) and self.sock.pending():
            data += self.sock.recv(65536)
        answers = self.talk.answers
        self.talk.receive(data)
        if self.talk.answers > answers:
            self._restart_clock()

    def write(self) -> None:
        """Send what can be sent now. Raises OSError."""
        try:
            if self.talk.outgoing:
                self.talk.sent(self.sock.send(self.talk.outgoing))
        except NOT_NOW:
            return

    def is_overdue(self) -> bool:
        """Whether the server had its time to answer. Bytes that are no answer win it none."""
        return self.talk.awaits is not None and time.monotonic() > self._due

    def close(self) -> None:
        self.sock.close()

    def _restart_clock(self) -> None:
        awaits = self.talk.awaits
        if awaits is Stage.CONTENT:
            wait = self._server.final_timeout
        elif awaits is Stage.QUIT:
            wait = FAREWELL
        else:
            wait = self._server.timeout
        self._due = time.monotonic() + wait
