"""The inbox of the embedded default: a Maildir of every mail that was sent, and how to read it.

Nothing here may fail on a broken mail: whatever cannot be read is shown as well as it can be.
"""

import datetime
import re
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses
from functools import cached_property
from html.parser import HTMLParser
from pathlib import Path
from typing import Self, TypeVar

from django.conf import settings

T = TypeVar("T")

KEPT = 1000  # mails
KEY = re.compile(r"\d{19}-[0-9a-f]{8}")
LINK = re.compile(r"https?://[^\s<>\"']*[^\s<>\"'.,;:!?)\]]")
HEADERS_END = re.compile(rb"\r?\n\r?\n")


def store(content: bytes) -> str:
    """Keep one mail and return its key. The file appears complete or not at all; the oldest above KEPT go.

    Raises OSError when it cannot be written.
    """
    key = f"{time.time_ns()}-{secrets.token_hex(4)}"
    unfinished = _folder("tmp") / key
    unfinished.write_bytes(content)
    unfinished.rename(_folder("new") / key)
    for old in keys(skip=KEPT):
        (_folder("new") / old).unlink(missing_ok=True)
    return key


def keys(skip: int = 0) -> list[str]:
    """The keys of the kept mails, newest first. Files that we did not name are not ours."""
    names = sorted((path.name for path in _folder("new").iterdir()), reverse=True)
    return [name for name in names if KEY.fullmatch(name)][skip:]


def delete_all() -> None:
    """Delete every mail that is there now."""
    for key in keys():
        (_folder("new") / key).unlink(missing_ok=True)


@dataclass
class Mail:
    """One kept mail. Its properties are text that can be shown and encoded, whatever the file holds."""

    key: str
    content: bytes

    @classmethod
    def read(cls, key: str) -> Self | None:
        """The mail with this key, or None when there is none, or no more."""
        try:
            return cls(key, (_folder("new") / key).read_bytes()) if KEY.fullmatch(key) else None
        except FileNotFoundError:
            return None

    @classmethod
    def newest(cls) -> Iterator[Self]:
        """Every kept mail, newest first."""
        return (mail for key in keys() if (mail := cls.read(key)))

    @property
    def date(self) -> datetime.datetime:
        """When it came in, by our clock; what it says itself is among its headers."""
        return datetime.datetime.fromtimestamp(int(self.key[:19]) / 1e9, tz=datetime.UTC)

    @cached_property
    def headers(self) -> list[tuple[str, str]]:
        """Names and decoded values, in the order they stand in."""
        head = message_from_bytes(HEADERS_END.split(self.content, maxsplit=1)[0], policy=policy.compat32)
        return [(_clean(name), _decoded(value)) for name, value in head.raw_items()]

    def header(self, name: str) -> str:
        """The first header of this name; empty when there is none."""
        return next((value for found, value in self.headers if found.lower() == name), "")

    @property
    def sender(self) -> str:
        return self.header("from")

    @property
    def to(self) -> str:
        return self.header("to")

    @property
    def subject(self) -> str:
        return self.header("subject")

    def is_to(self, address: str) -> bool:
        """Whether it was written or delivered to this address, in any case."""
        fields = [value for name, value in self.headers if name.lower() in {"to", "cc", "delivered-to"}]
        return address.strip().lower() in {found.lower() for _name, found in getaddresses(fields)}

    @cached_property
    def text(self) -> str:
        """The plain text part; empty when there is none."""
        return _or_none(lambda: self._part("plain")) or ""

    @cached_property
    def html(self) -> str:
        """The HTML part, as it came; empty when there is none."""
        return _or_none(lambda: self._part("html")) or ""

    @property
    def links(self) -> list[str]:
        """The web addresses in its text and HTML, each once, in the order they stand in."""
        return list(dict.fromkeys([*LINK.findall(self.text), *_hrefs(self.html)]))

    @cached_property
    def _message(self) -> Message:
        # Not policy.default: it takes twice the time, and raises on much of what is broken.
        return message_from_bytes(self.content, policy=policy.compat32)

    def _part(self, kind: str) -> str:
        parts = (part for part in self._message.walk() if part.get_content_type() == f"text/{kind}")
        return next((_words(part) for part in parts if part.get_content_disposition() != "attachment"), "")


class _Hrefs(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if name == "href" and value and LINK.match(value)]


def _hrefs(html: str) -> list[str]:
    parser = _Hrefs()
    _or_none(lambda: parser.feed(html))
    return parser.found


def _folder(name: str) -> Path:
    folder: Path = settings.INBOX_DIR / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _decoded(value: str) -> str:
    """A header's value on one line: encoded words decoded (RFC 2047), raw UTF-8 as it is (RFC 6532)."""
    raw = value.encode("ascii", "surrogateescape").decode("utf-8", "replace")
    unfolded = re.sub(r"\r?\n(?=[ \t])", "", raw)
    return _clean(_or_none(lambda: str(make_header(decode_header(unfolded)))) or unfolded).strip()


def _words(part: Message) -> str:
    """What a part says, in its own character set, or as UTF-8 when that is not known."""
    content = _or_none(lambda: part.get_payload(decode=True))
    if not isinstance(content, bytes):
        return ""
    text = _or_none(lambda: content.decode(part.get_content_charset("utf-8"), "replace"))
    return _clean(content.decode("utf-8", "replace") if text is None else text)


def _clean(text: str) -> str:
    """`text` without what neither a page nor JSON can carry: NUL and lone surrogates."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "")


def _or_none(read: Callable[[], T]) -> T | None:
    """None for what cannot be read: broken mail makes the email package raise a dozen kinds of exception."""
    try:
        return read()
    except Exception:
        return None
