"""In production, the desk opens only to those who proved more than a password."""

from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from postbag.signin.adapter import signed_in_elsewhere

STAFF = ("/desk/", "/admin/")
ALWAYS_OPEN = ("/desk/account/", "/desk/sign-in/", "/desk/sign-out/", "/admin/logout/", "/admin/jsi18n/")


class SecondFactorMiddleware:
    """Sends people without a second factor to where they set one up, from every page of the staff."""

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.second_factor_required = settings.SECOND_FACTOR  # type: ignore[attr-defined]  # the page tells why
        if settings.SECOND_FACTOR and _is_for_staff(request.path) and not _has_proved_enough(request):
            return redirect("mfa_index")
        return self.get_response(request)


def _is_for_staff(path: str) -> bool:
    return path.startswith(STAFF) and not path.startswith(ALWAYS_OPEN)


def _has_proved_enough(request: HttpRequest) -> bool:
    """Or is not signed in: then the page itself asks for that."""
    user = request.user
    return not user.is_authenticated or signed_in_elsewhere(request) or is_mfa_enabled(user)
