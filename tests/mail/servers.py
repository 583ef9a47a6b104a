"""Mail servers as bad as real ones: they refuse, drop the line, or take their time."""

import asyncio
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class Postbox:
    """Keeps every mail that it was given, and treats each step as it is told.

    `refuse` maps an address, or "MAIL", "DATA" or "CONTENT", to what the server answers there instead of yes. `drop`
    names where the line breaks: "RCPT", "CONTENT" (having kept nothing) or "ACCEPTED" (having kept it). `stall` is how
    many seconds the final answer takes. `look` is called, in a thread, while a mail comes in.
    """

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.senders: list[str] = []
        self.sent_to: list[str] = []
        self.connections = 0
        self.refuse: dict[str, str] = {}
        self.drop: list[str] = []
        self.stall = 0.0
        self.look: Callable[[], Any] = lambda: None

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, answers: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return answers

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if refusal := self.refuse.get("MAIL") or self.refuse.get(address.lower()):
            return self._answer(server, refusal)
        envelope.mail_from = address
        self.senders.append(address)
        return "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refuse:
            return self._answer(server, self.refuse[address])
        self._drop_at("RCPT", server)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if "CONTENT" in self.refuse:
            return self._answer(server, self.refuse["CONTENT"])
        self._drop_at("CONTENT", server)
        await asyncio.to_thread(self.look)
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
        self.sent_to += envelope.rcpt_tos
        self._drop_at("ACCEPTED", server)
        await asyncio.sleep(self.stall)
        return "250 OK"

    def _drop_at(self, step: str, server: SMTP) -> None:
        if step in self.drop:
            self.drop.remove(step)
            server.transport.abort()

    def _answer(self, server: SMTP, answer: str) -> str:
        """What is refused by 421 is refused by hanging up (RFC 5321 section 3.8)."""
        if answer.startswith("421"):
            asyncio.get_running_loop().call_later(0.01, server.transport.close)
        return answer


class Line(SMTP):
    """One session. It can refuse DATA before it takes the content, and then, as servers do, keeps the envelope."""

    async def smtp_DATA(self, arg: str) -> None:
        answer = self.event_handler.refuse.get("DATA")
        if answer:
            await self.push(answer)
        else:
            await super().smtp_DATA(arg)


class Server(Controller):
    """A Postbox behind a port, in a thread."""

    def factory(self) -> SMTP:
        return Line(self.handler, **self.SMTP_kwargs)
