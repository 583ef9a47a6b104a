"""django-allauth's forms, in the words and with the looks of our other forms."""

from typing import Any

from allauth.account.forms import ChangePasswordForm, LoginForm
from allauth.account.forms import ReauthenticateForm as PasswordAgain
from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from axes.handlers.proxy import AxesProxyHandler
from django import forms
from django.contrib.auth.signals import user_login_failed
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

WIDE = {"class": "govuk-input--width-20"}
CODE = {"autocomplete": "one-time-code", "spellcheck": "false", "class": "govuk-input--width-10"}


def dress(field: forms.Field, label: Any, missing: Any, hint: Any = "", **attributes: str) -> None:
    """Our label, hint and error, and no placeholder."""
    field.label, field.help_text = label, hint
    field.error_messages["required"] = missing
    field.widget.attrs = attributes
    field.widget.is_required = False


class SignInForm(LoginForm):
    """Name and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name, secret = {"autocomplete": "username", "spellcheck": "false"}, {"autocomplete": "current-password"}
        dress(self.fields["login"], _("Username"), _("Enter your username"), **name, **WIDE)
        dress(self.fields["password"], _("Password"), _("Enter your password"), **secret, **WIDE)


class PasswordAgainForm(PasswordAgain):
    """The password, before something that matters."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        secret = {"autocomplete": "current-password"}
        dress(self.fields["password"], _("Password"), _("Enter your password"), **secret, **WIDE)


class NewPasswordForm(ChangePasswordForm):
    """The old password, and a new one twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known, fresh = {"autocomplete": "current-password", **WIDE}, {"autocomplete": "new-password", **WIDE}
        hint = _("12 characters or more, and not one that many people use")
        dress(self.fields["oldpassword"], _("Current password"), _("Enter your current password"), **known)
        dress(self.fields["password1"], _("New password"), _("Enter a new password"), hint, **fresh)
        dress(self.fields["password2"], _("New password again"), _("Enter the new password again"), **fresh)


class Counted:
    """Wrong codes count against the same lock-out as wrong passwords."""

    user: Any

    def clean_code(self) -> str:
        request, credentials = context.request, {"username": self.user.get_username()}
        if not AxesProxyHandler.is_allowed(request, credentials):
            request.axes_locked_out = True
            raise ValidationError(_("Too many wrong codes"))
        try:
            return super().clean_code()  # type: ignore[misc]
        except ValidationError:
            user_login_failed.send(sender=__name__, credentials=credentials, request=request)
            raise


class CodeForm(Counted, AuthenticateForm):
    """The code of an app, or one for recovery, after the password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self.fields["code"], _("Code"), _("Enter a code"), _("From your authenticator app"), **CODE)


class CodeAgainForm(Counted, ReauthenticateForm):
    """The same, before something that matters."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self.fields["code"], _("Code"), _("Enter a code"), _("From your authenticator app"), **CODE)


class FirstCodeForm(ActivateTOTPForm):
    """The code that shows that an app knows the secret."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self.fields["code"], _("Code"), _("Enter the code that your app shows"), **CODE)


class NewPasskeyForm(AddWebAuthnForm):
    """A name for a passkey that a browser makes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        hint = _("Where it is kept, such as “Work laptop”")
        dress(
            self.fields["name"], _("Name of the passkey"), _("Enter a name"), hint, **{"class": "govuk-input--width-20"}
        )
        if "passwordless" in self.fields:
            self.fields["passwordless"].label = _("Sign in with it alone, without a password")
            self.fields["passwordless"].help_text = ""


class PasskeyForm(EditWebAuthnForm):
    """Another name for it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self.fields["name"], _("Name of the passkey"), _("Enter a name"), **WIDE)
