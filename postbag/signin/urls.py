"""Signing in, and one's own account. Those of django-allauth that have no path here do not exist."""

from collections.abc import Callable
from typing import Any

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from allauth.socialaccount import views as social
from allauth.socialaccount.providers.openid_connect import views as openid
from django.conf import settings
from django.urls import URLPattern
from django.urls import path as django_path
from django.views.decorators.http import require_POST

from postbag.private import private


def path(route: str, view: Callable[..., Any], name: str) -> URLPattern:
    """A page for one person."""
    return django_path(f"desk/{route}", private(view), name=name)


urlpatterns = [
    path("sign-in/", account.login, name="account_login"),
    path("sign-in/", account.login, name="desk-sign-in"),
    path("sign-in/closed/", account.account_inactive, name="account_inactive"),
    path("sign-in/code/", mfa.authenticate, name="mfa_authenticate"),
    path("sign-in/passkey/", passkeys.login_webauthn, name="mfa_login_webauthn"),
    path("sign-out/", require_POST(account.logout), name="account_logout"),
    path("sign-out/", require_POST(account.logout), name="desk-sign-out"),
    path("account/", mfa.index, name="mfa_index"),
    path("account/password/", account.password_change, name="account_change_password"),
    path("account/again/", account.reauthenticate, name="account_reauthenticate"),
    path("account/again/code/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("account/again/passkey/", passkeys.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("account/app/", totp.activate_totp, name="mfa_activate_totp"),
    path("account/app/remove/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("account/recovery/", recovery.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("account/recovery/new/", recovery.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("account/recovery/codes.txt", recovery.download_recovery_codes, name="mfa_download_recovery_codes"),
    path("account/passkeys/", passkeys.list_webauthn, name="mfa_list_webauthn"),
    path("account/passkeys/new/", passkeys.add_webauthn, name="mfa_add_webauthn"),
    path("account/passkeys/<number:pk>/", passkeys.edit_webauthn, name="mfa_edit_webauthn"),
    path("account/passkeys/<number:pk>/remove/", passkeys.remove_webauthn, name="mfa_remove_webauthn"),
]


def single_sign_on() -> list[URLPattern]:
    """What POSTBAG_OIDC adds."""
    return [
        path("sign-in/with/failed/", social.login_error, name="socialaccount_login_error"),
        path("sign-in/with/stopped/", social.login_cancelled, name="socialaccount_login_cancelled"),
        path("sign-in/with/unknown/", social.signup, name="socialaccount_signup"),
        path("sign-in/with/<slug:provider_id>/", openid.login, name="openid_connect_login"),
        path("sign-in/with/<slug:provider_id>/done/", openid.callback, name="openid_connect_callback"),
    ]


if settings.OIDC:
    urlpatterns += single_sign_on()
