"""What a provider's answers say became of mails."""

import ssl

from anymail.exceptions import AnymailError, AnymailRecipientsRefused
from urllib3.exceptions import ConnectTimeoutError

from mail.backends import Call
from mail.models import Delivery
from mail.smtp import About, Outcome

State = Delivery.State
BARRED = {401, 402, 408, 429, 503}  # HTTP: no right, no money, too fast, away; nothing of sender or recipient
SENDER = {403, 404}  # mostly: this sender's domain is not one of ours
HAD_BEFORE = 409  # a call with this key, which is under way, or was made with other words


def outcome(call: Call, delivery: Delivery, among_others: bool) -> Outcome:
    """What the provider said of this recipient."""
    told = call.anymail_status.recipients.get(delivery.address)
    words = getattr(call, "answers", {}).get(delivery.address, told.status if told else "")[:200]
    match told.status if told else None:
        case "rejected" | "invalid":
            return Outcome(delivery, State.REJECTED, words)
        case "failed":
            return Outcome(delivery, State.DEFERRED, words, About.SENDER)
        case "sent" | "queued" if told.message_id is not None or not among_others:
            return Outcome(delivery, State.ACCEPTED)
    return Outcome(delivery, State.UNCERTAIN if among_others else State.ACCEPTED, words)


def check(call: Call) -> None:
    """Raise AnymailError for a refusal whose words anymail did not understand: it calls those “unknown”, no error."""
    response = getattr(call.anymail_status, "esp_response", None)
    if getattr(response, "status_code", 200) >= 400:
        raise AnymailRecipientsRefused(getattr(response, "text", ""))


def verdict(error: AnymailError) -> tuple[State, str, About]:
    """What became of mails that the provider did not confirm to have taken, its words, and what they say it of."""
    status, said = error.status_code, " ".join(str(error).split())
    words = f"{status} {said}"[:200] if status else said[:200]
    if status in BARRED or _never_left(error):
        return State.DEFERRED, words, About.SERVER
    if status in SENDER:
        return State.DEFERRED, words, About.SENDER
    if status == 400 and "duplicate_parameter" in said:  # Brevo had this call before
        return State.ACCEPTED, "", About.RECIPIENT
    no_answer = status is None and isinstance(error, OSError)
    if no_answer or status == HAD_BEFORE or (status and status >= 500):
        return State.UNCERTAIN, words, About.RECIPIENT
    return State.REJECTED, words, About.RECIPIENT


def _never_left(error: BaseException | None) -> bool:
    """Whether no connection came about."""
    while error and not isinstance(error, (ConnectTimeoutError, ssl.SSLCertVerificationError)):
        error = error.__cause__ or error.__context__
    return error is not None
