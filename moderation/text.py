"""What readers type: cleaned on the way in, and only ever shown as text."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

import idna
from django.core.exceptions import ValidationError
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from linkify_it import LinkifyIt

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u206a-\u206f\ufff9-\ufffb\ufffe\uffff]")
BIDI = re.compile(r"[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]")
OVERRIDE = re.compile(r"[\u202a-\u202e]")
ISOLATE = re.compile(r"[\u2066-\u2069]")
FILLERS = "\u115f\u1160\u2800\u3164\uffa0"  # letters and a symbol by category, which show nothing
LINE_END = re.compile(r"\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
INVISIBLE = re.compile(r"[\u00ad\u180e\u200b\u2060-\u2064\ufeff]")
_HIDDEN = r"[\u00ad\u034f\u061c\u180e\u200b-\u200f\u2060-\u2064\ufeff]"
FLOOD = re.compile(rf"({_HIDDEN}{{2}}){_HIDDEN}+")
TAGS = re.compile("(\U0001f3f4[\U000e0030-\U000e007a]{1,6}\U000e007f)|[\U000e0000-\U000e007f]")
SELECTORS = re.compile("([\ufe00-\ufe0f\U000e0100-\U000e01ef])[\ufe00-\ufe0f\U000e0100-\U000e01ef]+")
SURROGATE = re.compile(r"[\ud800-\udfff]")
GAP = re.compile(r"\n[ \t]*\n\s*")  # between two paragraphs

POP = "\u2069"  # ends an isolate
ISOLATES = 8  # one within another; honest text has two
MARKS_IN_A_ROW = 8  # on one letter; no language needs more, and a hundred of them cover the lines around

_links = LinkifyIt(options={"fuzzy_link": False, "fuzzy_email": False})
for _scheme in ["ftp:", "mailto:", "//"]:
    _links.add(_scheme, None)


def clean_text(text: str) -> str:
    """A comment as it is stored and shown: NFC, line feeds only, without what hides, deceives or floods.

    A paste from a PDF is full of control characters that nobody sees; they go without a word, but for those that end
    a line, as a word processor's vertical tab does. Isolates (U+2066 to U+2069) stay, which honest right-to-left text
    needs, and end with their line; overrides only deceive. Cleaning twice is cleaning once.
    """
    text = CONTROL.sub("", LINE_END.sub("\n", text))
    if text.isascii():
        return text.strip()
    text = SURROGATE.sub("\ufffd", OVERRIDE.sub("", text))
    if ISOLATE.search(text):
        text = "\n".join(_closed(line) for line in text.split("\n"))
    return _without_floods(unicodedata.normalize("NFC", TAGS.sub(r"\1", text))).strip()


def clean_name(name: str) -> str:
    """A display name on one line. Raises ValidationError for one that hides something or shows nothing."""
    if CONTROL.search(name) or "\n" in name or "\t" in name:
        raise ValidationError(_("Name must be on one line, without control characters"))
    if BIDI.search(name) or SURROGATE.search(name):
        raise ValidationError(_("Name must not include hidden characters"))
    name = " ".join(_without_floods(unicodedata.normalize("NFC", TAGS.sub(r"\1", INVISIBLE.sub("", name)))).split())
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


def shown_name(name: str) -> str:
    """A name as pages show it, however it came to be stored: on one line, and harmless to what stands around it."""
    return name if name.isascii() and name.isprintable() else " ".join(clean_text(ISOLATE.sub("", name)).split())


def as_html(text: str, marked: Iterable[tuple[int, int]] = ()) -> SafeString:
    """Text as paragraphs, with line breaks kept and bare web addresses made links. No markup of the writer's.

    Each paragraph takes its direction from its own first letters, so right-to-left text disturbs nothing around it.
    `marked` are spans of a clean text to point out.
    """
    spans = sorted(marked)
    paragraphs = (_paragraph(start, words, spans) for start, words in _paragraphs(clean_text(text)))
    return mark_safe("".join(f'<p dir="auto">{paragraph}</p>' for paragraph in paragraphs))  # noqa: S308


def _paragraphs(text: str) -> Iterator[tuple[int, str]]:
    """Where each begins, and its words."""
    start = 0
    for gap in GAP.finditer(text):
        yield start, text[start : gap.start()]
        start = gap.end()
    yield start, text[start:]


def _paragraph(start: int, text: str, spans: list[tuple[int, int]]) -> str:
    spans = [(begin - start, end - start) for begin, end in spans]
    parts, done = [], 0
    found = _links.match(text) if "://" in text else None  # which takes longer than all else for a text without
    for link in found or []:
        parts += [_plain(text, done, link.index, spans), _link(link.url, text, (link.index, link.last_index), spans)]
        done = link.last_index
    return "".join([*parts, _plain(text, done, len(text), spans)]).replace("\n", "<br>")


def _plain(text: str, start: int, end: int, spans: list[tuple[int, int]]) -> str:
    parts, done = [], start
    for begin, finish in spans:
        begin, finish = max(begin, done), min(finish, end)
        if begin < finish:
            parts += [escape(text[done:begin]), f"<mark>{escape(text[begin:finish])}</mark>"]
            done = finish
    return "".join([*parts, escape(text[done:end])])


def _link(url: str, text: str, place: tuple[int, int], spans: list[tuple[int, int]]) -> str:
    """A link that says whose it is: beside the letters of an international domain, the host that is really asked."""
    try:
        address, host = _address(url)
    except (ValueError, UnicodeError):  # idna.IDNAError is one: no browser would get there
        return _plain(text, *place, spans)
    words = escape(f"{url} ({host})" if host else url)
    direction = "" if url.isascii() else ' dir="ltr"'
    link = f'<a class="govuk-link" rel="ugc nofollow noopener"{direction} href="{escape(address)}">{words}</a>'
    return f"<mark>{link}</mark>" if any(begin < place[1] and end > place[0] for begin, end in spans) else link


def _address(url: str) -> tuple[str, str]:
    """The address in letters that no other looks like, and its host where that is not what one reads.

    Raises ValueError or idna.IDNAError for a host that cannot be, or that follows a user's name, which only deceives.
    """
    parts = urlsplit(url)
    host, colon, port = parts.netloc.partition(":")
    if "@" in parts.netloc or len(host) > 253:
        raise ValueError
    if host.isascii():
        return url, ""
    real = idna.encode(host, uts46=True).decode()
    return parts._replace(netloc=f"{real}{colon}{port}").geturl(), real


def _closed(line: str) -> str:
    """`line` with its isolates ended, and without ends of none. One line is one paragraph to the bidi algorithm."""
    kept, depth, dropped = [], 0, 0
    for character in line:
        if character == POP:
            if dropped or not depth:
                dropped = max(dropped - 1, 0)
                continue
            depth -= 1
        elif "\u2066" <= character < POP:
            if depth == ISOLATES:
                dropped += 1
                continue
            depth += 1
        kept.append(character)
    return "".join(kept) + POP * depth


def _without_floods(text: str) -> str:
    return tamed(FLOOD.sub(r"\1", SELECTORS.sub(r"\1", text)))
