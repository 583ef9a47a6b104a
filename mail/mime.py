"""Makes the bytes of a mailout once, and puts each recipient's own into a copy: nothing is built twice.

The bodies hold marks as wide as the tokens that go in their places (docs/decisions/005), and no line is ever broken
inside a mark, so every copy has the line lengths and the encodings of the first.
"""

import hashlib
import re
from collections.abc import Iterator
from email.header import Header, decode_header, make_header
from email.utils import format_datetime, parseaddr, quote

from django.utils import timezone
from django.utils.encoding import iri_to_uri, punycode

from mail import verp
from mail.models import Delivery, Lane, Mailout

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
PLAIN_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")  # atoms: need no quotes
ADDRESS = re.compile(r"[^\s\x00-\x1f\x7f-\x9f()<>\[\]:;@\\,\"]+@[^\s\x00-\x1f\x7f-\x9f()<>\[\]:;@\\,\"]+")
LINE_END = re.compile(rb"\r\n|\r|\n")
NOT_7BIT = re.compile(rb"[^\t\r\n\x20-\x7e]|[^\r\n]{999}")  # RFC 5321 section 4.5.3.1.6: 998 octets in a line
NOT_QUOTED = re.compile(rb"[^\t\x20-\x3c\x3e-\x7e]|[\t ]$")  # RFC 2045 section 6.7
WIDEST = 76  # characters in a line of quoted-printable


class Mould:
    """What all mails of one mailout have in common, as bytes."""

    def __init__(self, mailout: Mailout) -> None:
        purposes = {mark.encode(): purpose for purpose, mark in mailout.marks.items()}
        self._marks = re.compile(b"(" + (b"|".join(map(re.escape, purposes)) or b"(?!)") + b")")
        self._name, self._sender = _mailbox(mailout.sender)
        self._id, self._domain = mailout.pk, self._sender.rpartition("@")[2]
        shared = _head(self._headers(mailout)) + self._body(mailout)
        # Of these pieces the first is for the recipient's own headers, and of the others each second one is a mark.
        self._pieces = [b"", *self._marks.split(shared)]
        # The recipient's own headers and the tokens begin with none.
        self.has_dots = any(piece.startswith(b".") or b"\n." in piece for piece in self._pieces)
        self._places: dict[str, list[int]] = {}
        for place in range(2, len(self._pieces), 2):
            self._places.setdefault(purposes[self._pieces[place]], []).append(place)

    def cast(self, delivery: Delivery) -> bytes:
        """The whole mail for one recipient, with CRLF line ends; only ASCII, unless an address is not.

        Raises ValueError for an address that cannot stand in a header.
        """
        if not ADDRESS.fullmatch(delivery.address):
            raise ValueError("the address is not one that mail can be sent to")
        pieces = self._pieces.copy()
        message_id = f"<{self._id}.{delivery.id}@{self._domain}>"
        pieces[0] = f"To: {delivery.address}\r\nMessage-ID: {message_id}\r\n".encode()
        for purpose, places in self._places.items():
            token = delivery.token(purpose).encode()
            for place in places:
                pieces[place] = token
        return b"".join(pieces)

    def return_path(self, delivery: Delivery) -> str:
        """Where the mail for this recipient comes back to: the sender in the envelope."""
        return verp.return_path(delivery) or self._sender

    def _headers(self, mailout: Mailout) -> dict[str, str]:
        headers = {
            "From": f"{_phrase(self._name)} <{self._sender}>" if self._name else self._sender,
            "Subject": _words(_one_line(mailout.subject)),
            "Date": format_datetime(mailout.created_at or timezone.now()),
            "Auto-Submitted": "auto-generated",  # RFC 3834: no out-of-office answers
            "X-Auto-Response-Suppress": "All",
        }
        if mailout.lane != Lane.NOW:
            headers["Precedence"] = "bulk"
            headers["Feedback-ID"] = f"{self._id}:{mailout.kind}:{self._domain}:postbag"
        if mailout.list_id:  # RFC 2919
            name, _, identity = _one_line(mailout.list_id).rpartition("<")
            headers["List-Id"] = f"{_phrase(name.strip())} <{identity}" if name else f"<{identity}"
        if mailout.unsubscribe:  # RFC 8058; however long, never as encoded words, which would spoil the link
            headers["List-Unsubscribe"] = f"<{iri_to_uri(_one_line(mailout.unsubscribe))}>"
            headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        return headers | {"MIME-Version": "1.0"}

    def _body(self, mailout: Mailout) -> bytes:
        text = self._part("plain", mailout.text)
        if not mailout.html:
            return text
        html = self._part("html", mailout.html)
        # No text can hold the hash of itself.
        boundary = hashlib.blake2b(text + html, digest_size=18).hexdigest()
        head = _head({"Content-Type": f'multipart/alternative; boundary="{boundary}"'}) + b"\r\n"
        line = b"\r\n--" + boundary.encode()
        return head + line + b"\r\n" + text + line + b"\r\n" + html + line + b"--\r\n"

    def _part(self, kind: str, text: str) -> bytes:
        content = LINE_END.sub(b"\r\n", text.encode("utf-8", "replace"))
        content = content.removesuffix(b"\r\n") + b"\r\n"
        encoding = "7bit"
        if NOT_7BIT.search(content):
            encoding, content = "quoted-printable", b"\r\n".join(map(self._quoted, content.split(b"\r\n")))
        headers = {"Content-Type": f'text/{kind}; charset="utf-8"', "Content-Transfer-Encoding": encoding}
        return _head(headers) + b"\r\n" + content

    def _quoted(self, line: bytes) -> bytes:
        """A line of text as lines of quoted-printable, none of which ends inside a mark."""
        return b"=\r\n".join(self._cut(NOT_QUOTED.sub(lambda found: b"=%02X" % found[0][0], line)))

    def _cut(self, line: bytes) -> Iterator[bytes]:
        while len(line) > WIDEST:
            end = WIDEST - 1  # and the = that says that the line goes on
            mark = next((mark for mark in self._marks.finditer(line, 0, end + 40) if mark.end() > end), None)
            if mark and mark.start() < end:
                end = mark.start()
            escape = line.rfind(b"=", end - 2, end)
            end = end if escape < 0 else escape
            yield line[:end]
            line = line[end:]
        yield line


def _head(headers: dict[str, str]) -> bytes:
    return "".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode()


def _mailbox(sender: str) -> tuple[str, str]:
    """The name and the address in a From, the name decoded, the domain in ASCII (IDNA)."""
    name, address = parseaddr(_one_line(sender))
    local, _, domain = address.rpartition("@")
    return _one_line(str(make_header(decode_header(name)))), f"{local}@{punycode(domain)}"


def _phrase(name: str) -> str:
    """A name that stands in front of an address."""
    if _is_plain(name) and not PLAIN_NAME.fullmatch(name):
        return f'"{quote(name)}"'
    return _words(name)


def _words(text: str) -> str:
    """Text in a header, folded, and as encoded words (RFC 2047) where it cannot stand as it is."""
    return Header(text, "us-ascii" if _is_plain(text) else "utf-8", maxlinelen=64).encode(linesep="\r\n")


def _is_plain(text: str) -> bool:
    """Whether text can stand in a header as it is: ASCII that nobody takes for an encoded word."""
    return text.isascii() and "=?" not in text


def _one_line(text: str) -> str:
    """`text` on one line, so that nothing in it becomes a header of its own."""
    return " ".join(CONTROL.sub(" ", text).split())
