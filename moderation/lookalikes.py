"""Names that look like another's: by letters of other scripts, hidden characters, case and spacing (UTS #39)."""

import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from confusable_homoglyphs.confusables import confusables_data

RESERVED = ("admin", "administrator", "moderator", "GOV.UK")  # of anybody's office, beside the blog's own names
LONG = 8  # letters; shorter names are in too many others
# What Unicode's table leaves out: digits written for letters, and strokes that are one in some typeface.
DIGITS = str.maketrans({**dict(zip("013457@$!", "oleastasl", strict=True)), "&": "and"})
STROKES = str.maketrans("i1|", "lll")


def resembles(name: str, others: Iterable[str]) -> str:
    """The one of `others` that `name` looks like or has in it, or the RESERVED word; nothing when there is none."""
    mine = skeleton(name)
    words = {mine, *map(skeleton, name.split())}
    for other in others:
        theirs = skeleton(other)
        if theirs and (theirs == mine or (len(theirs) >= LONG and theirs in mine)):
            return other
    return next((word for word in RESERVED if skeleton(word) in words), "")


@lru_cache(maxsize=4096)
def skeleton(name: str) -> str:
    """What is the same for names that look alike: only letters and digits, each as the simplest that looks like it."""
    simplest = "".join(plainest(character) for character in unicodedata.normalize("NFKD", name))
    folded = unicodedata.normalize("NFKD", simplest.casefold()).translate(DIGITS)
    letters = "".join(character for character in folded if character.isalnum()).translate(STROKES)
    return letters.replace("rn", "m").replace("vv", "w")


def plainest(character: str) -> str:
    """The plainest character, or two, that it looks like; itself when it looks like none."""
    return _prototypes().get(character, character)


@lru_cache(maxsize=1)
def _prototypes() -> dict[str, str]:
    """Each character that looks like others, and the one of them that stands for all.

    The library's table holds every pair both ways round, so like characters are joined into classes. “m” looks like
    “rn”; since characters are looked up one by one, it is “rn” that stands for both.
    """
    classes: dict[str, set[str]] = {}
    for one, found in confusables_data.items():
        for other in (entry["c"] for entry in found):
            joined = classes.get(one, {one}) | classes.get(other, {other})
            classes.update(dict.fromkeys(joined, joined))
    best = {id(alike): min(alike, key=_plainness) for alike in classes.values()}
    return {one: best[id(alike)] for one, alike in classes.items() if len(one) == 1}


def _plainness(seen: str) -> tuple[bool, bool, str]:
    """Sorts what is plainest first: two letters of English, one of them, a digit or a sign, all else."""
    return not (seen.isascii() and seen.isalpha()), len(seen) != 2, seen
