"""Keeps what is personal or secret out of the logs."""

import logging
import re

TOKEN = re.compile(r"(?<![a-z2-7])[a-z2-7]{40}(?![a-z2-7])")
ADDRESS = re.compile(r"[^\s@<>\"'/=]+@[^\s@<>\"'/,;]+")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class Scrub(logging.Filter):
    """Replaces tokens and addresses in a record, its traceback included, and removes control characters."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = scrub(record.getMessage()), None
        if record.exc_info:
            record.exc_text = scrub(logging.Formatter().formatException(record.exc_info))
        return True


def scrub(text: str) -> str:
    """`text` without tokens, mail addresses and control characters."""
    return CONTROL.sub("?", ADDRESS.sub("[address]", TOKEN.sub("[token]", text)))
