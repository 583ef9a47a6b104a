"""The names that people gave, found in what others say: “I agree with Ann Lee”, “@Ann”."""

import re
from collections.abc import Iterable

WORD = re.compile(r"\w+")
SHORTEST = 2  # letters of a part that is looked for: an initial stands everywhere


class KnownNames:
    """Names in full, however they are written, and their parts as they are written: a Will is not every “will”."""

    def __init__(self, names: Iterable[str]) -> None:
        words = [WORD.findall(name) for name in set(names)]
        parts = {part for name in words for part in name if part[0].isupper() or len(name) == 1}
        self.parts = {part for part in parts if len(part) >= SHORTEST}
        self.whole = {tuple(part.casefold() for part in name) for name in words if len(name) > 1}
        self.lengths = sorted({len(name) for name in self.whole}, reverse=True)

    def left_out(self, text: str) -> str:
        """`text` with “[redacted]” for each of them. Takes as long as the text, however many names there are."""
        words, kept, done, place = list(WORD.finditer(text)), [], 0, 0
        while place < len(words):
            length = self._length_at(words, place)
            if length:
                kept.append(text[done : words[place].start()])
                done = words[place + length - 1].end()
            place += length or 1
        return "[redacted]".join([*kept, text[done:]])

    def _length_at(self, words: list[re.Match[str]], place: int) -> int:
        """How many words from `place` on are a name: the longest there is."""
        for length in self.lengths:
            if tuple(word[0].casefold() for word in words[place : place + length]) in self.whole:
                return length
        return int(words[place][0] in self.parts)
