"""Texts that are alike: a fingerprint of 64 bits, in which like texts differ in few (Charikar's simhash)."""

import hashlib
import re
import unicodedata
from itertools import pairwise

WORD = re.compile(r"\w+")
FEWEST = 8  # words: “Thank you for this” is honest, however often
MOST = 250  # pairs of words that count, so that a lane of eight bits holds their number
ALIKE = 10  # bits

# A byte as eight lanes of eight bits: sums of these count all bits of many bytes at once.
_LANES = [int.from_bytes(byte >> bit & 1 for bit in range(7, -1, -1)) for byte in range(256)]


def fingerprint(text: str) -> int | None:
    """Of a text's words, in pairs, as a signed 64-bit number. None for one that is too short to be told apart."""
    words = WORD.findall(unicodedata.normalize("NFKC", text).casefold())
    if len(words) < FEWEST:
        return None
    pairs = {f"{one} {two}" for one, two in pairwise(words[: MOST + 1])}
    hashes = b"".join([hashlib.blake2b(pair.encode(), digest_size=8).digest() for pair in pairs])
    counts = b"".join([sum(map(_LANES.__getitem__, hashes[place::8])).to_bytes(8) for place in range(8)])
    half = len(pairs) / 2
    bits = sum(1 << place for place, count in enumerate(reversed(counts)) if count > half)
    return bits - (1 << 64) if bits >> 63 else bits


def alike(one: int, other: int) -> bool:
    """Whether the texts of these two fingerprints are the same, or nearly."""
    return ((one ^ other) & 0xFFFFFFFFFFFFFFFF).bit_count() <= ALIKE
