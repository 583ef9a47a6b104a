"""Sends through Django's mail backends, and says what became of each mail."""

import logging
import smtplib
from collections.abc import Callable, Iterable, Iterator, Sequence

from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from mail import lease, verp
from mail.models import Delivery, Lane
from mail.outcome import About as About
from mail.outcome import Outcome as Outcome

log = logging.getLogger(__name__)
State = Delivery.State


def send(more: Callable[[int], list[Sequence[Delivery]]], settle: Callable[[Iterable[Outcome]], None]) -> None:
    """Send what there is through Django's mail backend, one after the other, and settle each sub-batch."""
    while batches := more(1):
        settle(send_batch(*batches))


def send_batch(batch: Sequence[Delivery]) -> Iterator[Outcome]:
    """Send these and yield an Outcome for each.

    Stops in time, so that nobody else takes up what we are still sending: the rest goes back as pending.
    """
    connection = get_connection()
    try:
        for delivery in batch:
            yield _open_and_send(connection, delivery) if lease.is_safe(delivery) else Outcome(delivery, State.PENDING)
    finally:
        connection.close()


def _open_and_send(connection: BaseEmailBackend, delivery: Delivery) -> Outcome:
    try:
        connection.open()
    except OSError as error:  # smtplib's exceptions among them. No byte of this mail has left
        log.warning("the mail server is away: %s", error.__class__.__name__)
        return Outcome(delivery, State.DEFERRED, _code(error), About.SERVER)
    return send_one(connection, delivery)


def send_one(connection: BaseEmailBackend, delivery: Delivery) -> Outcome:
    """Send one mail; never raises for what is wrong with one recipient."""
    try:
        message = compose(delivery)
        connection.send_messages([message])
    except smtplib.SMTPRecipientsRefused as error:
        code, answer = next(iter(error.recipients.values()))
        return _refused(connection, delivery, code, answer)
    except (smtplib.SMTPSenderRefused, smtplib.SMTPHeloError) as error:
        # It is us whom the server refuses: that says nothing of the recipient.
        connection.close()
        return Outcome(delivery, State.DEFERRED, _answer(error.smtp_code, error.smtp_error), About.SENDER)
    except smtplib.SMTPResponseException as error:
        # smtplib resets nothing when DATA is refused: the next mail would be a "nested MAIL".
        connection.close()
        return _refused(connection, delivery, error.smtp_code, error.smtp_error)
    except (OSError, smtplib.SMTPException) as error:
        # The line broke: the server may or may not have taken it.
        connection.close()
        return Outcome(delivery, State.UNCERTAIN, _code(error))
    except Exception as error:
        log.exception("delivery %s cannot be composed", delivery.pk)
        return Outcome(delivery, State.REJECTED, _code(error))
    return Outcome(delivery, State.ACCEPTED)


def compose(delivery: Delivery) -> EmailMultiAlternatives:
    """The mail for this recipient: the mailout's words with this recipient's own links. Raises ValueError."""
    mailout = delivery.mailout
    if "@" not in delivery.address:
        raise ValueError("it has no address")  # it was erased, and a lenient server would take it
    message = EmailMultiAlternatives(
        subject=mailout.subject,
        body=personal(mailout.text, delivery),
        from_email=mailout.sender,
        to=[delivery.address],
        headers=headers(delivery),
    )
    if path := verp.return_path(delivery):
        message.from_email, message.extra_headers["From"] = path, mailout.sender  # the envelope's, and the reader's
    if mailout.html:
        message.attach_alternative(personal(mailout.html, delivery), "text/html")
    return message


def headers(delivery: Delivery) -> dict[str, str]:
    """What stands in front of this recipient's mail, beyond its words, sender and recipient."""
    mailout = delivery.mailout
    found = {
        "Message-ID": delivery.message_id,
        "Auto-Submitted": "auto-generated",  # RFC 3834: no out-of-office answers
        "X-Auto-Response-Suppress": "All",
    }
    if mailout.lane != Lane.NOW:
        found["Precedence"] = "bulk"
        domain = delivery.message_id.rpartition("@")[2].rstrip(">")
        found["Feedback-ID"] = f"{mailout.pk}:{mailout.kind}:{domain}:postbag"  # Gmail's, for complaints by mailout
    if mailout.list_id:
        found["List-Id"] = mailout.list_id
    if mailout.unsubscribe:  # RFC 8058
        found["List-Unsubscribe"] = f"<{personal(mailout.unsubscribe, delivery)}>"
        found["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return found


def personal(text: str, delivery: Delivery) -> str:
    """`text` with this recipient's tokens in the places of their marks."""
    for purpose, mark in delivery.mailout.marks.items():
        text = text.replace(mark, delivery.token(purpose))
    return text


def _refused(connection: BaseEmailBackend, delivery: Delivery, code: int, answer: bytes | str) -> Outcome:
    """5xx is for ever, 4xx is for now (RFC 5321 section 4.2.1); after 421 the line is dead."""
    if code == 421:
        connection.close()
    return Outcome(delivery, State.REJECTED if code >= 500 else State.DEFERRED, _answer(code, answer))


def _answer(code: int, answer: bytes | str) -> str:
    words = answer.decode(errors="replace") if isinstance(answer, bytes) else answer
    return f"{code} {words}".replace("\0", "")[:200]


def _code(error: Exception) -> str:
    return f"{error.__class__.__name__}: {error}"[:200]
