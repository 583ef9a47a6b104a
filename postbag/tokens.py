"""Links that prove something: opaque tokens, sealed, with no table behind them.

A token is AES-SIV (RFC 5297) over a row's number and a serial, with its purpose as associated data: altered, foreign
and made-up ones all read as None, and nothing of the row shows. It is 40 characters of a-z and 2-7, which no mail
client rewraps or re-encodes. It does not expire by itself; the row that it names says until when it means something,
and raising the row's serial ends all earlier ones.
"""

import base64
import hashlib
import hmac
import struct
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from django.conf import settings

_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
_PAIRS = [first + second for first in _LETTERS for second in _LETTERS]
_PAYLOAD = struct.Struct(">BQ")  # 9 bytes and SIV's 16 make 25: exactly 40 base32 characters, no spare bits


def make(purpose: str, number: int, serial: int = 0) -> str:
    """The token that lets its holder do `purpose` to row `number`; `serial` is 0 to 255 and wraps."""
    return seal(purpose, _PAYLOAD.pack(serial % 256, number))


def read(purpose: str, token: str) -> tuple[int, int] | None:
    """The (number, serial) of a token of ours for `purpose`, else None."""
    payload = unseal(purpose, token) if len(token) == 40 else None
    if payload is None:
        return None
    serial, number = _PAYLOAD.unpack(payload)
    return number, serial


def code(purpose: str, number: int, serial: int = 0) -> str:
    """Six digits that stand for the same as a token, for a person to type: whoever checks them limits the tries."""
    return _code(settings.SECRET_KEY, purpose, number, serial)


def is_code(purpose: str, number: int, serial: int, typed: str) -> bool:
    """Whether `typed` is that code, in the same time whatever it is."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    right = [hmac.compare_digest(_code(key, purpose, number, serial).encode(), _bytes(typed)) for key in keys]
    return any(right)


def seal(purpose: str, payload: bytes) -> str:
    """`payload` in lower-case base32, for nobody else to read or alter. With 16 bytes more, make its length fives."""
    sealed = _cipher(settings.SECRET_KEY).encrypt(payload, [purpose.encode()])
    return _armour(sealed)


def unseal(purpose: str, sealed: str) -> bytes | None:
    """What we sealed for `purpose`, else None."""
    for key in [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]:
        try:
            return _cipher(key).decrypt(_unarmour(sealed), [purpose.encode()])
        except (InvalidTag, ValueError):
            continue
    return None


def _code(secret_key: str, purpose: str, number: int, serial: int) -> str:
    key = hashlib.blake2b(secret_key.encode(), digest_size=32, person=b"postbag codes").digest()
    drawn = hmac.digest(key, f"{purpose}:{number}:{serial % 256}".encode(), hashlib.sha256)
    return f"{int.from_bytes(drawn) % 1_000_000:06d}"


def _bytes(typed: str) -> bytes:
    return typed.encode("utf-8", "replace")


def _armour(sealed: bytes) -> str:
    """In lower-case base32. Each mail has some: base64.b32encode takes twice as long."""
    bits = int.from_bytes(sealed)
    return "".join([_PAIRS[bits >> place & 1023] for place in range(len(sealed) * 8 - 10, -1, -10)])


def _unarmour(token: str) -> bytes:
    try:
        return base64.b32decode(token.upper()) if token == token.lower() else b""
    except ValueError:
        return b""


@cache
def _cipher(secret_key: str) -> AESSIV:
    return AESSIV(hashlib.blake2b(secret_key.encode(), digest_size=32, person=b"postbag tokens").digest())
