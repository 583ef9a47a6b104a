"""What readers type: cleaned on the way in, and only ever shown as text."""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from linkify_it import LinkifyIt

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]")
BIDI = re.compile(r"[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]")
OVERRIDE = re.compile(r"[\u202a-\u202e]")
FILLERS = "\u115f\u1160\u2800\u3164\uffa0"  # letters and a symbol by category, which show nothing
LINE_END = re.compile(r"\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
INVISIBLE = re.compile(r"[\u00ad\u180e\u200b\u2060-\u2064\ufeff]")
SURROGATE = re.compile(r"[\ud800-\udfff]")

MARKS_IN_A_ROW = 8  # on one letter; no language needs more, and a hundred of them cover the lines around

_links = LinkifyIt(options={"fuzzy_link": False, "fuzzy_email": False})
for _scheme in ["ftp:", "mailto:", "//"]:
    _links.add(_scheme, None)


def clean_text(text: str) -> str:
    """A comment as it is stored: NFC, line feeds only, without control characters and direction overrides.

    A paste from a PDF is full of control characters that nobody sees; they go without a word, but for those that end
    a line, as a word processor's vertical tab does. Isolates (U+2066 to U+2069) stay, which honest right-to-left text
    needs; overrides only deceive.
    """
    text = LINE_END.sub("\n", SURROGATE.sub("\ufffd", text))
    return tamed(unicodedata.normalize("NFC", OVERRIDE.sub("", CONTROL.sub("", text)))).strip()


def clean_name(name: str) -> str:
    """A display name on one line. Raises ValidationError for one that hides something or shows nothing."""
    if CONTROL.search(name) or "\n" in name or "\t" in name:
        raise ValidationError(_("Name must be on one line, without control characters"))
    if BIDI.search(name) or SURROGATE.search(name):
        raise ValidationError(_("Name must not include hidden characters"))
    name = " ".join(tamed(unicodedata.normalize("NFC", INVISIBLE.sub("", name))).split())
    if not shows(name, "LN"):
        raise ValidationError(_("Name must include a letter or a number"))
    return name


def tamed(text: str) -> str:
    """`text` with no more than MARKS_IN_A_ROW combining marks on one letter: the rest would cover other lines."""
    if text.isascii():
        return text
    kept, marks = [], 0
    for character in text:
        marks = marks + 1 if unicodedata.category(character) in {"Mn", "Me"} else 0
        if marks <= MARKS_IN_A_ROW:
            kept.append(character)
    return "".join(kept)


def shows(text: str, kinds: str = "LNPS") -> bool:
    """Whether any character of these Unicode categories leaves a mark: letter, number, punctuation, symbol."""
    return any(unicodedata.category(character)[0] in kinds and character not in FILLERS for character in text)


def as_html(text: str) -> SafeString:
    """Clean text as paragraphs, with line breaks kept and bare web addresses made links. No markup of the writer's.

    Each paragraph takes its direction from its own first letters, so right-to-left text disturbs nothing around it.
    """
    paragraphs = re.split(r"\n[ \t]*\n\s*", text)
    return mark_safe("".join(f'<p dir="auto">{_paragraph(paragraph)}</p>' for paragraph in paragraphs))  # noqa: S308


def _paragraph(text: str) -> str:
    parts, end = [], 0
    for link in _links.match(text) or []:
        parts += [escape(text[end : link.index]), _link(link.url)]
        end = link.last_index
    return "".join([*parts, escape(text[end:])]).replace("\n", "<br>")


def _link(url: str) -> str:
    return f'<a class="govuk-link" rel="ugc nofollow noopener" href="{escape(url)}">{escape(url)}</a>'
