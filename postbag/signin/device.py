"""The cookie by which a browser where somebody signed in is told from strangers who try that account.

Without it, strangers in one's own network could lock one out. What it is worth is a count of its own: OWASP, “Slow Down
Online Guessing Attacks with Device Cookies”. It is sealed, and says nothing to anybody but us.
"""

import secrets
import struct
import time
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse

from postbag import tokens

PATH = "/desk/"  # not only where one signs in: /desk/account/again/ asks for the password too
_PAYLOAD = struct.Struct(">10sI")  # a number of the browser's, drawn at each sign-in; when that was


def remember(response: HttpResponse, user: User) -> None:
    """Let the browser that gets this response be one of this account's. A browser is of one account: the last."""
    response.set_cookie(
        settings.DEVICE_COOKIE_NAME,
        tokens.seal(_purpose(user.get_username()), _PAYLOAD.pack(secrets.token_bytes(10), int(time.time()))),
        max_age=settings.DEVICE_DAYS * 86400,
        path=PATH,
        secure=settings.HTTPS,
        httponly=True,
        samesite="Strict",
    )


def name_tried(request: HttpRequest, credentials: dict[str, Any] | None) -> str | None:
    """Under which name django-axes counts: the account's, for a browser of its own with that browser's number.

    There is a space between them, which no username has.
    """
    name = (credentials or {}).get("username")
    number = _number(request, name) if name else None
    return f"{name} {number}" if number else name


def _number(request: HttpRequest, username: str) -> str | None:
    payload = tokens.unseal(_purpose(username), request.COOKIES.get(settings.DEVICE_COOKIE_NAME, ""))
    if payload is None or len(payload) != _PAYLOAD.size:
        return None
    number, seconds = _PAYLOAD.unpack(payload)
    is_fresh = 0 <= time.time() - seconds < settings.DEVICE_DAYS * 86400
    return number.hex() if is_fresh else None


def _purpose(username: str) -> str:
    """What is sealed for one account opens for no other."""
    return f"device of {username}"
