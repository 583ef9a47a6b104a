"""Where our rules differ from django-allauth's."""

import base64
import hashlib
import hmac
import ipaddress
import time
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from postbag.signin import device
from postbag.throttle import client_network


def network_number(request: HttpRequest) -> str:
    """A stand-in for the sender's network, in the form of an address (RFC 4193): a keyed hash, for none is stored."""
    digest = hmac.digest(settings.SECRET_KEY.encode(), f"sign-in:{client_network(request)}".encode(), hashlib.sha256)
    return str(ipaddress.IPv6Address(b"\xfd" + digest[:15]))


class Accounts(DefaultAccountAdapter):
    """Accounts are made by whoever runs Postbag, and sign in by name."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": _("Check your username and password: there is no such account"),
        "account_inactive": _("This account is closed"),
        "incorrect_password": _("Enter your password as it is: this is not it"),
        "enter_current_password": _("Enter your current password"),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody makes an account by themselves."""
        return False

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Where one goes after it."""
        return reverse("mfa_index")

    def post_login(self, request: HttpRequest, user: User, **details: Any) -> HttpResponse:
        """Who is in, by whichever way, is known in this browser from now on."""
        response = super().post_login(request, user, **details)
        device.remember(response, user)
        return response

    def is_reauthentication_required(self, **details: Any) -> bool:
        """Before something that matters, unless this session has seen a proof of who it is just now.

        The account's own last_login would not do: it is as new in a session that was stolen long ago.
        """
        proofs = get_authentication_records(context.request, context.request.user)
        just_now = time.time() - settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
        return not any(proof["at"] > just_now for proof in proofs)

    def get_client_ip(self, request: HttpRequest) -> str:
        """See `network_number`."""
        return network_number(request)

    def add_message(self, request: HttpRequest, level: int, *args: Any, **kwargs: Any) -> None:
        """Only what went wrong: the pages say the rest."""
        if level >= messages.ERROR:
            super().add_message(request, level, *args, **kwargs)


class SecondFactors(DefaultMFAAdapter):
    """Second factors, their secrets sealed in the database."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("Enter the code that your app shows now, or a recovery code that you have not used"),
    }

    def encrypt(self, text: str) -> str:
        """`text`, sealed with the newest secret key."""
        return _sealer().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """What `encrypt` sealed with any of our secret keys. Raises ValueError for anything else."""
        try:
            return _sealer().decrypt(encrypted_text.encode()).decode()
        except InvalidToken as error:
            raise ValueError("a second factor was sealed with a key that is gone") from error

    def generate_authenticator_name(self, user: Any, type: Any) -> str:
        """What a new passkey is called, unless its owner knows better."""
        return _("Passkey %(number)s") % {"number": Authenticator.objects.filter(user=user, type=type).count() + 1}

    def get_totp_label(self, user: Any) -> str:
        """What an authenticator app calls the account: never an email address."""
        return user.get_username()


class SingleSignOn(DefaultSocialAccountAdapter):
    """Single sign-on opens accounts that are here; it makes none."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Nobody gets an account by signing in elsewhere."""
        return False


def signed_in_elsewhere(request: HttpRequest) -> bool:
    """Whether this session began with single sign-on, which asks for its own second factor."""
    methods = request.session.get("account_authentication_methods", [])
    return any(method.get("method") == "socialaccount" for method in methods)


def _sealer() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(_fernet_key(key)) for key in keys])


def _fernet_key(secret: str) -> bytes:
    digest = hashlib.blake2b(secret.encode(), digest_size=32, person=b"second factors").digest()
    return base64.urlsafe_b64encode(digest)
