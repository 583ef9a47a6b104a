"""Characters as people count them, and as a browser's Intl.Segmenter does: grapheme clusters (UAX #29)."""

import re

import regex

# Table 1c of UAX #29. Not \X, which joins a consonant to what is none (rule GB9c), as no browser does.
CLUSTER = regex.compile(
    r"""\r\n | [\p{GCB=Control}\r\n] |
    (?:
        \p{GCB=Prepend}*+ (?:
            \p{GCB=RI}{2} |
            \p{Extended_Pictographic} (?: \p{GCB=Extend}*+ \p{GCB=ZWJ} \p{Extended_Pictographic} )*+ |
            \p{InCB=Consonant} (?:
                (?= \p{InCB=Extend}*+ \p{InCB=Linker} ) [\p{InCB=Extend}\p{InCB=Linker}]*+ \p{InCB=Consonant}
            )++ |
            \p{GCB=L}*+ (?: \p{GCB=V}++ | \p{GCB=LV} \p{GCB=V}*+ | \p{GCB=LVT} ) \p{GCB=T}*+ |
            \p{GCB=L}++ | \p{GCB=T}++ |
            [^\p{GCB=Control}\r\n]
        ) |
        \p{GCB=Prepend}++
    ) [\p{GCB=Extend}\p{GCB=ZWJ}\p{GCB=SpacingMark}]*+""",
    regex.VERBOSE,
)
# What most comments are made of: each of these is one, beside whichever of them.
PLAIN = re.compile(r"[\n\x20-\x7e\xa0-\xac\xae-\u02ff\u2010-\u2027\u2030-\u205e\u20a0-\u20bf]*")
LONG = 16  # code points. Families of emoji have 11; frontend/counter.js has the same number


def count(text: str) -> int:
    """How many characters `text` has, line feeds included. A flood that hides in few clusters counts by its length."""
    if PLAIN.fullmatch(text):
        return len(text)
    return max(len(CLUSTER.findall(text)), -(-len(text) // LONG))


def exceeds(text: str, limit: int) -> bool:
    """Whether `text` has more than `limit` characters: a hopeless paste is not counted to its end."""
    return len(text) > limit and (len(text) > limit * LONG or count(text) > limit)
