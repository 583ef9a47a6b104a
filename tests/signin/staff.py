"""What people do who sign in, and what their authenticator app shows."""

import time

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.contrib.auth.models import User
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client

PASSWORD = "correct horse battery"


def sign_in(client: Client, password: str = PASSWORD, username: str = "mo", network: str = "192.0.2.1") -> HttpResponse:
    """Mo's name and password, or others, from a network."""
    return client.post("/desk/sign-in/", {"login": username, "password": password}, REMOTE_ADDR=network)


def enter(client: Client, code: str, network: str = "192.0.2.1") -> HttpResponse:
    """A code, after the password."""
    return client.post("/desk/sign-in/code/", {"code": code}, REMOTE_ADDR=network)


def code_of(secret: str) -> str:
    """What an app with this secret shows now; it counts, even when it was used."""
    cache.clear()
    return shown_by_app(secret)


def shown_by_app(secret: str) -> str:
    """RFC 6238."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def give_app(user: User) -> str:
    """An authenticator app, set up; returns its secret."""
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    return secret


def give_recovery_codes(user: User) -> list[str]:
    """Recovery codes; returns them."""
    return RecoveryCodes.activate(user).get_unused_codes()
