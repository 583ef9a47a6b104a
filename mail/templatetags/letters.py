"""What the text of a mail needs."""

import re
import textwrap

from django import template
from django.template.defaultfilters import stringfilter

register = template.Library()
WIDTH = 72  # characters; addresses of pages are never broken
BULLET = re.compile(r"\s*[*-] ")


@register.filter
@stringfilter
def letter(text: str) -> str:
    """`text` as a mail's body: long lines wrapped, no two blank lines in a row, none around it."""
    lines = "\n".join(_wrapped(line) for line in text.strip().splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines)


def _wrapped(line: str) -> str:
    bullet = BULLET.match(line)
    indent = " " * (bullet.end() if bullet else 0)
    return textwrap.fill(line.rstrip(), WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
