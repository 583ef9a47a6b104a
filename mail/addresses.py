"""Mail addresses: what we accept, and the one mailbox behind its many spellings."""

import hashlib
import hmac
from functools import cache

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from email_validator import EmailNotValidError, validate_email

FORMAT = _("Enter an email address in the correct format, like name@example.com")
GMAIL = {"gmail.com", "googlemail.com"}


def clean_address(text: str) -> str:
    """The address as we store it and mail to it: local part as typed, domain in lower-case ASCII (IDNA).

    Raises ValidationError, also for a local part beyond ASCII: few servers take SMTPUTF8, and no mail would arrive.
    No DNS is asked: nothing is fetched for what a stranger typed.
    """
    try:
        # Django 5.2 mangles a local part beyond ASCII into an encoded word: such mail would go to nobody.
        parts = validate_email(text.strip(), allow_smtputf8=False, check_deliverability=False, test_environment=True)
    except (EmailNotValidError, UnicodeError) as error:
        raise ValidationError(FORMAT) from error
    if (
        len(parts.local_part) > 64
        or "." not in parts.ascii_domain
        or len(parts.local_part) + len(parts.ascii_domain) > 253
    ):
        raise ValidationError(FORMAT)
    return f"{parts.local_part}@{parts.ascii_domain.lower()}"


def mailbox(address: str) -> str:
    """A keyed hash of the mailbox behind a clean address: 16 hexadecimal digits, the same for its spellings.

    Tags after + and case do not make another mailbox, nor do Gmail's dots. Budgets and suppressions count by this; mail
    still goes to the address as it was typed. 64 bits: two mailboxes of a million share one with a chance of 1 in 10⁷.
    """
    local, _at, domain = address.rpartition("@")
    local = local.lower().partition("+")[0] or local.lower()
    if domain in GMAIL:
        local, domain = local.replace(".", ""), "gmail.com"
    key = _mailbox_key(settings.MAILBOX_KEY)
    return hmac.digest(key, f"{local}@{domain}".encode(), "sha256").hex()[:16]


@cache
def _mailbox_key(key: str) -> bytes:
    return hashlib.blake2b(key.encode(), digest_size=32, person=b"postbag mailbox").digest()


def owned_by(address: str) -> Q:
    """The rows, with `address` and `mailbox`, that belong to who reads the mail to this clean address.

    In any case of letters, and at Gmail in any spelling. Elsewhere ann+tag may be somebody else than ann: only
    operators take them for one (`manage.py erase_person`).
    """
    rows = Q(mailbox=mailbox(address))
    return rows if address.rpartition("@")[2] in GMAIL else rows & Q(address__iexact=address)


class AddressField(forms.CharField):
    """A mail address, cleaned by `clean_address`."""

    widget = forms.EmailInput

    def __init__(self, **kwargs: object) -> None:
        kwargs.setdefault("max_length", 254)
        kwargs["error_messages"] = {
            "required": _("Enter your email address"),
            "max_length": FORMAT,
            "null_characters_not_allowed": FORMAT,
        }
        super().__init__(**kwargs)  # type: ignore[arg-type]

    def clean(self, value: object) -> str:
        try:
            return clean_address(super().clean(value))
        except ValidationError as error:  # too long, with a NUL: to say it once is enough
            raise ValidationError(error.error_list[:1]) from error
