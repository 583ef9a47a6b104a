"""What looks like a personal detail in a text, so that its writer is asked before everybody can read it.

It looks for what people here write by mistake, not for what somebody hides. Every pattern is bounded, so the time is
linear in the text.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

AREAS = (
    "AB AL B BA BB BD BF BH BL BN BR BS BT CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E EC EH EN "
    "EX FK FY G GL GU GY HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL LN LS LU M ME MK ML "
    "N NE NG NN NP NR NW OL OX PA PE PH PL PO PR RG RH RM S SA SE SG SK SL SM SN SO SP SR SS ST SW SY TA TD TF "
    "TN TQ TR TS TW UB W WA WC WD WF WN WR WS WV YO ZE"
).split()
STREETS = (
    "Street|St|Road|Rd|Avenue|Ave|Lane|Close|Drive|Way|Court|Crescent|Gardens|Grove|Place|Terrace|Square|Hill|Row|Mews"
)
DIGIT = re.compile(r"\d")
# A number that goes on from a word, or is part of a web address, is none of these.
NUMBER = re.compile(r"(?<![\w/=&#.:@-])\+?\(?\d(?:[ ().\-]{0,2}\d){8,18}(?!\w)")
EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
POSTCODE = re.compile(  # its first letters are looked up after: so many ways to begin take six times as long
    r"(?<!\w)([A-Z]{1,2})\d(?:\d|[A-Z])? ?\d[ABD-HJLNP-UW-Z]{2}(?!\w)", re.IGNORECASE | re.ASCII
)
ADDRESS = re.compile(rf"(?<![\w.,/])\d{{1,4}}[A-Za-z]?,? (?:[A-Z][\w’'-]{{1,30}} ){{1,3}}(?:{STREETS})(?!\w)")
# HMRC's National Insurance Manual, NIM39110: which letters and prefixes there are.
INSURANCE = re.compile(
    r"(?<!\w)(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d\d ?\d\d ?\d\d ?[A-D](?!\w)",
    re.IGNORECASE | re.ASCII,
)
WORDS: dict[str, str | Promise] = {
    "phone": _("a phone number"),
    "email": _("an email address"),
    "address": _("a postal address"),
    "postcode": _("a postcode"),
    "ni-number": _("a National Insurance number"),
    "card": _("a payment card number"),
}


class Detail(NamedTuple):
    """One of them: its kind, a key of WORDS, and where it stands in the text."""

    kind: str
    start: int
    end: int


@lru_cache(maxsize=8)  # a form asks about its text, and the rules do a moment later
def details(text: str) -> tuple[Detail, ...]:
    """What looks like a personal detail in `text`, in its order."""
    return tuple(sorted(_found(text), key=lambda detail: detail.start))


def left_out(text: str) -> str:
    """`text` with “[redacted]” for each of them."""
    for detail in sorted(_found(text), key=lambda detail: -detail.start):
        text = f"{text[: detail.start]}[redacted]{text[detail.end :]}"
    return text


def _found(text: str) -> Iterator[Detail]:
    if "@" in text:
        yield from (Detail("email", *match.span()) for match in EMAIL.finditer(text))
    if not DIGIT.search(text):
        return
    for match in POSTCODE.finditer(text):
        if match[1].upper() in AREAS:
            yield Detail("postcode", *match.span())
    for kind, pattern in [("address", ADDRESS), ("ni-number", INSURANCE)]:
        yield from (Detail(kind, *match.span()) for match in pattern.finditer(text))
    for match in NUMBER.finditer(text):
        if kind := _kind_of(match[0]):
            yield Detail(kind, *match.span())


def _kind_of(number: str) -> str:
    """What a long number looks like; nothing for an order number or a list of years."""
    digits = "".join(str(int(character)) for character in number if character.isdecimal())
    if number.startswith("+"):
        return "phone" if 9 <= len(digits) <= 15 else ""
    if digits.startswith("0"):
        return "phone" if len(digits) in {10, 11} or (digits.startswith("00") and len(digits) <= 17) else ""
    return "card" if len(digits) >= 13 and digits[0] in "23456" and _passes_luhn(digits) else ""


def _passes_luhn(digits: str) -> bool:
    """ISO/IEC 7812-1, annex B."""
    doubled = [sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2]]
    return (sum(doubled) + sum(map(int, digits[-1::-2]))) % 10 == 0
