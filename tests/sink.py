"""`python -m tests.sink [FAULT …]`: a mail server that keeps what it accepted, and fails as it is told to.

A FAULT is STAGE=WHAT[/N][@TEXT]: at this stage, do that, each Nth time, for recipients whose address holds TEXT.

    stages   connect  ehlo  mail  rcpt  data  content (its first bytes have come)  dot (all of it has)
    what     a code to answer (421 closes the connection, too)  ·  stall (answer late)  ·  hang (never answer)
             reset (the connection)  ·  drop (close it without a word)

At `dot`, a mail that gets no refusal is accepted: with drop, reset and hang the sender does not hear of it.
It prints its port when it listens, and counts when it ends. `Sink` runs it from a test.
"""

import argparse
import asyncio
import base64
import json
import os
import re
import signal
import socket
import ssl
import struct
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

FEATURES = ["PIPELINING", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES"]
FAULT = re.compile(r"(?P<stage>[a-z]+)=(?P<what>[a-z]+|\d{3})(?:/(?P<every>\d+))?(?:@(?P<text>.+))?")
MESSAGE_ID = re.compile(rb"(?im)^message-id:\s*(\S+)")
PATH = re.compile(rb"<([^>]*)>")
ROOT = Path(__file__).resolve().parent.parent


@dataclass
class Fault:
    """Something that goes wrong at a stage."""

    what: str
    every: int = 1
    text: str = ""
    met: int = 0

    def strikes(self, recipient: str) -> bool:
        if self.text not in recipient:
            return False
        self.met += 1
        return self.met % self.every == 0


class Sink:
    """A sink in a process of its own, with what it accepted so far. Use it in `with`."""

    def __init__(self, *faults: str, folder: Path | None = None, **options: Any) -> None:
        self._record = folder and folder / "sink.jsonl"
        flags = [f"--{name}" if value is True else f"--{name}={value}" for name, value in options.items()]
        self._command = [sys.executable, "-m", "tests.sink", *faults, *flags]
        if self._record:
            self._command.append(f"--record={self._record}")

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(self._command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout
        self.port = int(self._process.stdout.readline())
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def stop(self) -> dict[str, int]:
        """End it, and return what it counted: connections, mails."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            self.counts: dict[str, int] = json.loads(self._process.communicate(timeout=10)[0])
        return self.counts

    def tell(self, number: signal.Signals) -> None:
        """Stop it for a while, or let it go on."""
        self._process.send_signal(number)

    def kill(self) -> None:
        """End it at once, in the midst of whatever it does."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.communicate()

    @property
    def mails(self) -> list[dict[str, str]]:
        """What it accepted, with `id`, `sender`, `recipient`, `options` and `content`; recorded before it answered."""
        return [json.loads(line) for line in self._record.read_text().splitlines()] if self._record else []

    @property
    def recipients(self) -> list[str]:
        return [mail["recipient"] for mail in self.mails]


class Session(asyncio.Protocol):
    """One connection."""

    def __init__(self, server: "Server") -> None:
        self.server = server
        self.buffer = b""
        self.replies: list[bytes] = []
        self.is_halted = False
        self.is_signed_in = not server.login
        self.mails = 0
        self.forget()

    def forget(self) -> None:
        """Forget the mail under way, if any."""
        self.sender: bytes | None = None
        self.recipient = ""
        self.options = b""
        self.is_content = False  # else these are commands
        self.scanned = -1  # bytes of it that hold no end; -1 before its first bytes

    # What comes in

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        is_first = not hasattr(self, "transport")
        self.transport: Any = transport
        if is_first:  # else it has just been encrypted
            self.server.counts["connections"] += 1
            self.meet("connect", b"220 sink ESMTP\r\n")
            self.flush()

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        self.work()

    def work(self) -> None:
        """Take all that can be taken, then answer it all at once."""
        while not self.is_halted and self.buffer:
            if not (self.take_content() if self.is_content else self.take_command()):
                break
        self.flush()

    def flush(self) -> None:
        if self.replies and not self.transport.is_closing():
            self.transport.write(b"".join(self.replies))
        self.replies.clear()

    # What it means

    def take_command(self) -> bool:
        line, end, rest = self.buffer.partition(b"\r\n")
        if not end:
            return False
        self.buffer = rest
        verb = line[:4].upper()
        handle = getattr(self, f"do_{verb.decode('ascii', 'replace').lower()}", None)
        if handle:
            handle(line)
        else:
            self.replies.append(b"502 5.5.1 unknown\r\n")
        return True

    def do_ehlo(self, line: bytes) -> None:
        self.meet("ehlo", "".join(f"250-{feature}\r\n" for feature in self.offers()).encode() + b"250 HELP\r\n")

    def offers(self) -> list[str]:
        encrypted = self.transport.get_extra_info("ssl_object")
        extra = ["AUTH PLAIN"] if self.server.login else []
        return ["sink", *self.server.features, *extra, *(["STARTTLS"] if self.server.tls and not encrypted else [])]

    def do_helo(self, line: bytes) -> None:
        self.replies.append(b"250 sink\r\n")

    def do_star(self, line: bytes) -> None:
        self.transport.pause_reading()  # what comes next is not for us
        self.transport.write(b"220 2.0.0 go on\r\n")
        self.is_halted, self.buffer = True, b""
        self.server.later(self.encrypt())

    async def encrypt(self) -> None:
        loop = asyncio.get_running_loop()
        with suppress(OSError):  # the sender does not trust us
            self.transport = await loop.start_tls(self.transport, self, self.server.tls, server_side=True)
            self.is_halted = False

    def do_auth(self, line: bytes) -> None:
        said = base64.b64decode(line.split()[-1]).decode().split("\0")[1:]
        self.is_signed_in = ":".join(said) == self.server.login
        self.replies.append(b"235 2.7.0 welcome\r\n" if self.is_signed_in else b"535 5.7.8 no\r\n")

    def do_mail(self, line: bytes) -> None:
        if not self.is_signed_in:
            self.replies.append(b"530 5.7.0 who are you\r\n")
        elif self.sender is not None:
            self.replies.append(b"503 5.5.1 nested MAIL\r\n")
        elif not self.server.limit or self.mails < self.server.limit:
            if self.meet("mail", b"250 2.1.0 ok\r\n"):
                self.sender, self.options = PATH.search(line)[1], line.rpartition(b">")[2].strip()  # type: ignore[index]
        else:
            self.act("421")

    def do_rcpt(self, line: bytes) -> None:
        recipient = PATH.search(line)[1].decode()  # type: ignore[index]
        if self.sender is None:
            self.replies.append(b"503 5.5.1 need MAIL\r\n")
        elif self.meet("rcpt", b"250 2.1.5 ok\r\n", recipient):
            self.recipient = recipient

    def do_data(self, line: bytes) -> None:
        if not self.recipient and not self.server.lenient:
            self.replies.append(b"554 5.5.1 no valid recipients\r\n")
        elif self.meet("data", b"354 go on\r\n", self.recipient):
            self.is_content = True

    def do_rset(self, line: bytes) -> None:
        self.forget()
        self.replies.append(b"250 2.0.0 ok\r\n")

    do_noop = do_rset

    def do_quit(self, line: bytes) -> None:
        self.transport.write(b"".join([*self.replies, b"221 2.0.0 bye\r\n"]))
        self.replies.clear()
        self.transport.close()

    def take_content(self) -> bool:
        if self.scanned < 0:
            self.scanned = 0
            if not self.meet("content", b"", self.recipient) or self.is_halted:
                return False
        end = -2 if self.buffer.startswith(b".\r\n") else self.buffer.find(b"\r\n.\r\n", self.scanned)
        if end == -1:
            self.scanned = max(0, len(self.buffer) - 4)
            return False
        content, self.buffer = self.buffer[: end + 2], self.buffer[end + 5 :]
        self.finish(content)
        return True

    def finish(self, content: bytes) -> None:
        fault = self.server.fault("dot", self.recipient)
        if self.recipient and not (fault and fault.isdigit()):
            self.mails += 1
            self.server.accept(self, content)
        self.forget()
        if fault:
            self.act(fault, b"250 2.0.0 late\r\n")
        else:
            self.replies.append(b"250 2.0.0 accepted\r\n")

    # What goes wrong

    def meet(self, stage: str, reply: bytes, recipient: str = "") -> bool:
        """Answer, or fail as this stage is told to. Returns whether all is well."""
        fault = self.server.fault(stage, recipient)
        if fault is None:
            self.replies.append(reply)
            return True
        self.act(fault, reply)
        return fault == "stall"

    def act(self, fault: str, reply: bytes = b"") -> None:
        if fault.isdigit():
            self.replies.append(f"{fault} {fault[0]}.0.0 as you wish\r\n".encode())
        if fault in {"421", "drop"}:
            self.flush()
            self.transport.close()
        if fault == "reset":
            linger = struct.pack("ii", 1, 0)
            self.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.transport.abort()
        if not fault.isdigit() or fault == "421":
            self.is_halted = True
        if fault == "stall":
            self.flush()
            asyncio.get_running_loop().call_later(self.server.stall, self.resume, reply)

    def resume(self, reply: bytes) -> None:
        self.is_halted = False
        self.replies.append(reply)
        self.work()


class Server:
    """What all sessions share."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.features = [feature for feature in FEATURES if feature not in options.without.split(",")]
        self.limit, self.stall, self.login = options.limit, options.stall, options.login
        self.lenient = options.lenient
        self.tls = _encryption(options.tls) if options.tls else None
        self.counts = {"connections": 0, "mails": 0}
        self.record: BinaryIO | None = options.record and options.record.open("ab", buffering=0)
        self.tasks: set[asyncio.Task] = set()
        self.faults: dict[str, list[Fault]] = {}
        for text in options.faults:
            stage, fault = _parsed(text)
            self.faults.setdefault(stage, []).append(fault)

    def fault(self, stage: str, recipient: str) -> str | None:
        """What goes wrong now, if anything."""
        return next((fault.what for fault in self.faults.get(stage, ()) if fault.strikes(recipient)), None)

    def accept(self, session: Session, content: bytes) -> None:
        """The mail is ours from now on, whatever its sender hears of it."""
        self.counts["mails"] += 1
        if self.record:
            found = MESSAGE_ID.search(content)
            mail = {
                "id": found[1].decode() if found else "",
                "sender": (session.sender or b"").decode(),
                "recipient": session.recipient,
                "options": session.options.decode(),
                "content": content.decode("latin-1") if len(content) < 100_000 else f"{len(content)} bytes",
            }
            self.record.write(json.dumps(mail).encode() + b"\n")

    def later(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)


def _parsed(text: str) -> tuple[str, Fault]:
    found = FAULT.fullmatch(text)
    if not found:
        raise SystemExit(f"no such fault: {text}")
    return found["stage"], Fault(found["what"], int(found["every"] or 1), found["text"] or "")


def _encryption(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


async def listen(options: argparse.Namespace) -> None:
    """Serve until SIGTERM."""
    server, loop, ended = Server(options), asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, ended.set)
    listener = await loop.create_server(lambda: Session(server), "127.0.0.1", options.port, backlog=200)
    print(listener.sockets[0].getsockname()[1], flush=True)  # noqa: T201
    await ended.wait()
    listener.close()
    print(json.dumps(server.counts), flush=True)  # noqa: T201


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("faults", nargs="*", metavar="FAULT")
    parser.add_argument("--port", type=int, default=0, help="of 127.0.0.1; any free one when it is 0")
    parser.add_argument("--record", type=Path, help="write each accepted mail to this file, as a line of JSON")
    parser.add_argument("--without", default="", help=f"features not to offer, of {','.join(FEATURES)}")
    parser.add_argument("--limit", type=int, default=0, help="answer 421 after this many mails on a connection")
    parser.add_argument("--stall", type=float, default=0.3, help="seconds that `stall` takes")
    parser.add_argument("--login", default="", help="take mail only after AUTH PLAIN with these, as user:password")
    parser.add_argument("--lenient", action="store_true", help="answer 354 to DATA even where no recipient is good")
    parser.add_argument("--tls", type=Path, help="offer STARTTLS with this certificate and key")
    parser.add_argument("--core", type=int, help="run on this processor only")
    options = parser.parse_args()
    if options.core is not None:
        os.sched_setaffinity(0, {options.core})
    asyncio.run(listen(options))


if __name__ == "__main__":
    main()
