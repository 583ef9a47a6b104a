"""django-anymail's backends, where a call with many mails needs more than they do.

Postmark, Resend and Brevo take a list of mails, each with its own words, but anymail copies one body into all of them.
These put each recipient's tokens into their copy, read Postmark's answers one by one, and send the keys by which Resend
and Brevo know a call that they had before.
"""

import json
import uuid
from typing import Any

from anymail.backends import brevo, postmark, resend
from anymail.message import AnymailRecipientStatus
from django.core.mail import EmailMultiAlternatives

INACTIVE, BAD = 406, 300  # of Postmark's error codes: those that are about a recipient


class Call(EmailMultiAlternatives):
    """What one call to a provider carries: one mail, or one for each of many."""

    key: str  # 32 hexadecimal digits, the same whenever the same mails are sent
    tokens: dict[str, dict[str, str]]  # by address: each mark in the words, and the token that goes in its place
    answers: dict[str, str]  # by address: what the provider said of it
    metadata: dict[str, str]
    merge_metadata: dict[str, dict[str, str]]
    merge_headers: dict[str, dict[str, str]]
    merge_data: dict[str, dict[str, str]]
    anymail_status: Any


class PostmarkPayload(postmark.PostmarkPayload):
    def data_for_recipient(self, to: Any) -> dict[str, Any]:
        mail: dict[str, Any] = super().data_for_recipient(to)
        return mail | _personal(mail, ["TextBody", "HtmlBody"], self.message.tokens[to.addr_spec])


class Postmark(postmark.EmailBackend):
    """Up to 500 mails a call, and an answer for each."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.use_bulk_api = False  # for newsletters with a template of Postmark's

    def build_message_payload(self, message: Call, defaults: dict[str, Any]) -> PostmarkPayload:
        return PostmarkPayload(message, defaults, self)

    def parse_recipient_status(self, response: Any, payload: PostmarkPayload, message: Call) -> dict[str, Any]:
        """In the order of the mails. Anymail would raise for all when one has an error that is not its recipient's."""
        answers = self.deserialize_json_response(response, payload, message)
        if not isinstance(answers, list) or len(answers) != len(payload.to_emails):
            statuses: dict[str, Any] = super().parse_recipient_status(response, payload, message)
            return statuses
        addresses = [to.addr_spec for to in payload.to_emails]
        message.answers = {
            address: f"{answer.get('ErrorCode')} {answer.get('Message')}"
            for address, answer in zip(addresses, answers, strict=True)
        }
        return {address: _postmark_status(answer) for address, answer in zip(addresses, answers, strict=True)}


class ResendPayload(resend.ResendPayload):
    def serialize_data(self) -> str:
        self.headers["Idempotency-Key"] = self.message.key
        data = json.loads(super().serialize_data())
        if isinstance(data, list):
            for mail, to in zip(data, self.to_recipients, strict=True):
                mail |= _personal(mail, ["text", "html"], self.message.tokens[to.addr_spec])
        return json.dumps(data)


class Resend(resend.EmailBackend):
    """Up to 100 mails a call. One that is repeated within 24 hours gets the first one's answer, and sends nothing."""

    def build_message_payload(self, message: Call, defaults: dict[str, Any]) -> ResendPayload:
        return ResendPayload(message, defaults, self)


class BrevoPayload(brevo.BrevoPayload):
    def serialize_data(self) -> str:
        # Not an HTTP header: Brevo reads it among the headers of the mail, and keeps it to itself.
        self.data["headers"]["idempotencyKey"] = str(uuid.UUID(hex=self.message.key, version=4))
        data = json.loads(super().serialize_data())
        for version in data.get("messageVersions", []):
            version |= _personal(data, ["textContent", "htmlContent"], self.message.tokens[version["to"][0]["email"]])
        return json.dumps(data)


class Brevo(brevo.EmailBackend):
    """Up to 1,000 mails a call. One that is repeated within a quarter of an hour is refused as such."""

    def build_message_payload(self, message: Call, defaults: dict[str, Any]) -> BrevoPayload:
        return BrevoPayload(message, defaults, self)


def _personal(mail: dict[str, Any], parts: list[str], tokens: dict[str, str]) -> dict[str, str]:
    """The parts of a mail that it has, with the tokens in the places of their marks."""
    personal = {part: mail[part] for part in parts if part in mail}
    for part, words in personal.items():
        for mark, token in tokens.items():
            words = words.replace(mark, token)
        personal[part] = words
    return personal


def _postmark_status(answer: dict[str, Any]) -> AnymailRecipientStatus:
    """“Failed” is what is wrong with us or with our account: it may pass."""
    code = answer.get("ErrorCode")
    known = {0: "sent", BAD: "invalid", INACTIVE: "rejected"}
    return AnymailRecipientStatus(answer.get("MessageID"), known.get(code, "failed") if code is not None else "unknown")
