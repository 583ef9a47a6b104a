"""Mail through a provider's API, by django-anymail: how its events find our Deliveries, and what its refusals mean."""

from anymail.exceptions import AnymailError, AnymailRecipientsRefused
from django.conf import settings
from django.core.mail import EmailMessage
from urllib3.exceptions import ConnectTimeoutError

from mail import verp
from mail.models import Delivery

State = Delivery.State
KEY = "postbag"  # under which the token of a delivery travels, and comes back with each event
ABOUT_US = {401, 402, 403, 404, 408, 429, 503}  # HTTP: no right, no money, too fast; nothing of the recipient


def mark(message: EmailMessage, delivery: Delivery) -> None:
    """Let the provider, where mail goes through one, carry what its events will be known by."""
    if settings.EMAIL_BACKEND.startswith("anymail."):
        message.metadata = {KEY: verp.token(delivery)}  # type: ignore[attr-defined]


def check(message: EmailMessage) -> None:
    """Raise AnymailError for a refusal whose words anymail did not understand: it calls those “unknown”, no error."""
    status = getattr(message, "anymail_status", None)
    response = getattr(status, "esp_response", None)
    if getattr(response, "status_code", 200) >= 400:
        raise AnymailRecipientsRefused(getattr(response, "text", ""))


def verdict(error: AnymailError) -> tuple[State, str]:
    """What became of a mail that the provider did not confirm to have taken, and its words."""
    status, words = error.status_code, " ".join(str(error).split())[:200]
    if status in ABOUT_US or _never_left(error):
        return State.DEFERRED, words
    if status is None and isinstance(error, OSError):  # no answer
        return State.UNCERTAIN, words
    return (State.UNCERTAIN if status and status >= 500 else State.REJECTED), words


def _never_left(error: BaseException | None) -> bool:
    """Whether no connection came about."""
    while error and not isinstance(error, ConnectTimeoutError):
        error = error.__cause__ or error.__context__
    return error is not None
