"""Keeps what is personal or secret out of the logs."""

import logging
import re

TOKEN = re.compile(r"(?<![a-z2-7])[a-z2-7]{40}(?![a-z2-7])")
# It may start only where a run of its letters starts: tried at each, a long path takes the square of its length.
ADDRESS = re.compile(r"(?<![^\s@<>\"'/=,;])[^\s@<>\"'/=,;]+(?:@|%40)[^\s@<>\"'/,;]+")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")


class Scrub(logging.Filter):
    """Replaces tokens and addresses in a record, its traceback included, and removes control characters."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = scrub(_message(record)).replace("\n", "\\n"), None
        if record.exc_info:
            record.exc_text = scrub(logging.Formatter().formatException(record.exc_info))
        return True


def _message(record: logging.LogRecord) -> str:
    """A message that its arguments do not fit is logged without them: it breaks no request."""
    try:
        return record.getMessage()
    except (TypeError, ValueError, KeyError):
        return str(record.msg)


def scrub(text: str) -> str:
    """`text` without tokens, mail addresses and control characters."""
    return CONTROL.sub("?", ADDRESS.sub("[address]", TOKEN.sub("[token]", text)))
