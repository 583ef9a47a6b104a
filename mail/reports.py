"""Reads mails that came back: whether they say that a mail bounced, or was complained of.

Standard reports are multipart/report (RFC 3464, RFC 5965); flufl.bounce knows the others as well. A server that says
why uses the codes of RFC 3463, and most of those say nothing of the mailbox: a full one, a mail too large, or our
server on a block list must not end a subscription. Only codes for “there is no such mailbox” are hard.
"""

import logging
import re
from collections.abc import Iterator
from email import message_from_string
from email.message import Message

from flufl.bounce import all_failures

from mail.bounces import Kind

STATUS = re.compile(r"(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?!\.?\d)")
REPLY = re.compile(r"(?<![\d.])([45])\d\d\b")  # of SMTP, without such a code
NO_MAILBOX = {"0.0", "1.0", "1.1", "1.2", "1.3", "1.6", "1.10", "2.1", "4.4"}
ELSE = re.compile(r"spam|block|blacklist|reputation|polic|\bspf\b|\bdkim\b|dmarc|quota|\bfull\b|storage", re.IGNORECASE)
ABUSE = {"abuse", "fraud"}  # of the types of feedback; others are “not spam”, and reports on signatures
ANSWERS = ["X-Autoreply", "X-Autorespond", "X-Auto-Reply-From"]  # headers of vacation notes older than RFC 3834

logging.getLogger("flufl.bounce").setLevel(logging.WARNING)  # it tells of each thing that it tries


def read(message: Message) -> tuple[Kind, str] | None:
    """What this mail says became of another, and its status; None when that is nothing, or not yet the end."""
    feedback = _part(message, "message/feedback-report")
    if feedback:
        return (Kind.COMPLAINT, "complaint") if _feedback_type(feedback) in ABUSE else None
    if _is_automatic_answer(message):
        return None
    _delayed, failed = all_failures(message)  # what is delayed may still arrive
    if not failed:
        return None
    verdicts = [_of_block(block) for block in _blocks(message)] or [verdict(_words(message))]
    # An address may stand for several people: it is no good only when none of them was reached.
    return min(verdicts, key=lambda said: said[0] is Kind.HARD)


def verdict(words: str) -> tuple[Kind, str]:
    """Hard or soft, and the status, from what a server said. A failure without a reason counts as hard."""
    codes = [found[0] for found in STATUS.finditer(words)]
    exact = [code for code in codes if not code.endswith(".0.0")]  # some say x.0.0, and then what they mean
    reply = REPLY.search(words)
    status = (exact or codes or [f"{reply[1]}.0.0" if reply else "5.0.0"])[0]
    kind, _dot, detail = status.partition(".")
    told_off = not exact and ELSE.search(words)
    return Kind.HARD if kind == "5" and detail in NO_MAILBOX and not told_off else Kind.SOFT, status


def quoted(message: Message) -> Iterator[str]:
    """Every header that a complaint quotes of the mail that it is about, and its own."""
    for part in message.walk():
        yield from map(str, part.values())
        if part.get_content_type() == "text/rfc822-headers":
            yield str(part.get_payload())


def _part(message: Message, kind: str) -> Message | None:
    return next((part for part in message.walk() if part.get_content_type() == kind), None)


def _feedback_type(part: Message) -> str:
    """RFC 5965 section 3.1. The parser takes what follows the part's own headers for a message of its own."""
    fields = part.get_payload()
    told = fields[0] if isinstance(fields, list) and fields else message_from_string(str(fields))
    return str(told.get("Feedback-Type", "")).strip().lower()  # type: ignore[union-attr]


def _is_automatic_answer(message: Message) -> bool:
    """A vacation note and its like (RFC 3834). Bounces say auto-replied, too, but they report on a delivery."""
    if _part(message, "message/delivery-status") or "X-Failed-Recipients" in message:
        return False
    said = str(message.get("Auto-Submitted", "")).strip().lower()
    old = str(message.get("Precedence", "")).strip().lower() == "auto_reply" or any(map(message.get, ANSWERS))
    return said.startswith("auto-replied") or old


def _blocks(message: Message) -> list[Message]:
    """What a report says of each recipient (RFC 3464 section 2.3)."""
    part = _part(message, "message/delivery-status")
    blocks = part.get_payload() if part else []
    return [block for block in blocks if isinstance(block, Message) and "Action" in block]


def _of_block(block: Message) -> tuple[Kind, str]:
    kind, status = verdict(f"{block.get('Status', '')} {block.get('Diagnostic-Code', '')}")
    failed = str(block["Action"]).strip().lower().startswith(("fail", "error"))
    return kind if failed else Kind.SOFT, status


def _words(message: Message) -> str:
    """How the text of an older bounce begins, before it quotes our mail."""
    part = _part(message, "text/plain")
    content = part.get_payload(decode=True) if part else b""
    return content[:2000].decode("ascii", "replace") if isinstance(content, bytes) else ""
