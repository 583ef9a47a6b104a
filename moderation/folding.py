"""Text as lists match it: what looks alike is alike, and each character remembers where it stood."""

import re
import unicodedata
from dataclasses import dataclass

from moderation.lookalikes import DIGITS, STROKES, plainest

HIDDEN = re.compile(r"[\u00ad\u034f\u061c\u180e\u200b-\u200f\u2060-\u2064\ufeff]")
WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Folded:
    """`text`, folded, and for each of its characters the place in the original; one more for the end."""

    text: str
    places: list[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where in the original a part of the folded text stood."""
        return self.places[start], self.places[end - 1] + 1 if end > start else self.places[start]

    def words(self) -> list[tuple[str, int, int]]:
        """Its words, with digits and signs read as the letters that they stand for; and where they stood, folded."""
        return [
            (match[0].translate(DIGITS).translate(STROKES), match.start(), match.end())
            for match in WORD.finditer(self.text)
        ]


def fold(text: str) -> Folded:
    """NFKC, lower case, confusable characters as the plainest (UTS #39), hidden ones and accents left out."""
    if text.isascii():
        return Folded(text.lower(), [*range(len(text) + 1)])
    letters: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        folded = "" if HIDDEN.match(character) else _fold_one(character)
        letters.append(folded)
        places += [place] * len(folded)
    return Folded("".join(letters), [*places, len(text)])


def _fold_one(character: str) -> str:
    if character.isascii():
        return character.lower()
    plain = "".join(plainest(part) for part in unicodedata.normalize("NFKD", character))
    return "".join(part for part in plain.casefold() if not unicodedata.combining(part))
