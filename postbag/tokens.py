"""Links that prove something: opaque tokens, sealed, with no table behind them.

A token is AES-SIV (RFC 5297) over a row's number and a serial, with its purpose as associated data: altered, foreign
and made-up ones all read as None, and nothing of the row shows. It is 40 characters of a-z and 2-7, which no mail
client rewraps or re-encodes. It does not expire by itself; the row that it names says until when it means something,
and raising the row's serial ends all earlier ones.
"""

import base64
import hashlib
import struct
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from django.conf import settings

_PAYLOAD = struct.Struct(">BQ")  # 9 bytes and SIV's 16 make 25: exactly 40 base32 characters, no spare bits


def make(purpose: str, number: int, serial: int = 0) -> str:
    """The token that lets its holder do `purpose` to row `number`; `serial` is 0 to 255 and wraps."""
    sealed = _cipher(settings.SECRET_KEY).encrypt(_PAYLOAD.pack(serial % 256, number), [purpose.encode()])
    return base64.b32encode(sealed).decode().lower()


def read(purpose: str, token: str) -> tuple[int, int] | None:
    """The (number, serial) of a token of ours for `purpose`, else None."""
    sealed = _unarmour(token)
    for key in [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]:
        try:
            serial, number = _PAYLOAD.unpack(_cipher(key).decrypt(sealed, [purpose.encode()]))
        except (InvalidTag, ValueError):
            continue
        return number, serial
    return None


def _unarmour(token: str) -> bytes:
    if len(token) != 40 or token != token.lower():
        return b""
    try:
        return base64.b32decode(token.upper())
    except ValueError:
        return b""


@cache
def _cipher(secret_key: str) -> AESSIV:
    return AESSIV(hashlib.blake2b(secret_key.encode(), digest_size=32, person=b"postbag tokens").digest())
