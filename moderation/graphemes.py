"""Characters as people count them, and as a browser's Intl.Segmenter does: grapheme clusters (UAX #29)."""

import regex

CLUSTER = regex.compile(r"\X")
LONG = 16  # code points. Families of emoji have 11; frontend/counter.js has the same number


def count(text: str) -> int:
    """How many characters `text` has, line feeds included. A flood that hides in few clusters counts by its length."""
    if text.isascii() and "\r" not in text:
        return len(text)
    return max(len(CLUSTER.findall(text)), -(-len(text) // LONG))


def exceeds(text: str, limit: int) -> bool:
    """Whether `text` has more than `limit` characters: a hopeless paste is not counted to its end."""
    return len(text) > limit and (len(text) > limit * LONG or count(text) > limit)
