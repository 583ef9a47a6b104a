"""/mail/webhooks/: what a provider says of our mails, when it proves that it is the provider."""

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from anymail.signals import AnymailTrackingEvent, tracking
from django.core import mail as django_mail
from django.test import Client
from django.urls import Resolver404, include, path, resolve

from blog.models import Blog
from mail import verp
from mail.drain import drain
from mail.models import Delivery, Lane, SoftBounce, Suppression
from postbag import urls
from tests.database import whole_database
from tests.factories import make_delivery, make_mailout

pytestmark = pytest.mark.django_db
State = Delivery.State
SECRET = "postmark:correct-horse-battery-staple"
SIGNING_KEY = "key-of-mailgun"

# As mail/urls.py includes them where there is a secret; without one, as in these tests' settings, they are not there.
urlpatterns = [path("mail/webhooks/", include("mail.webhooks")), *urls.urlpatterns]


@pytest.fixture(autouse=True)
def _provider(settings, blog: Blog) -> None:
    settings.ROOT_URLCONF = __name__
    settings.ANYMAIL = {"WEBHOOK_SECRET": SECRET, "MAILGUN_WEBHOOK_SIGNING_KEY": SIGNING_KEY}


@pytest.fixture
def ann() -> Delivery:
    return make_delivery(make_mailout(Lane.ALERT), state=State.ACCEPTED)


def basic(secret: str = SECRET) -> dict[str, str]:
    return {"Authorization": f"Basic {base64.b64encode(secret.encode()).decode()}"}


def postmark(event: dict[str, Any], headers: dict[str, str] | None = None) -> int:
    """The status of the answer to an event of Postmark, signed unless `headers` says otherwise."""
    headers = basic() if headers is None else headers
    body = json.dumps(event)
    answer = Client().post("/mail/webhooks/postmark/tracking/", body, "application/json", headers=headers)
    return answer.status_code


def bounce(delivery: Delivery, kind: str = "HardBounce", **changed: Any) -> dict[str, Any]:
    details = {"HardBounce": "smtp;550 5.1.1 unknown user", "SoftBounce": "smtp;552 5.2.2 over quota"}
    said = {"RecordType": "Bounce", "Type": kind, "Details": details.get(kind, ""), "Email": "ann@example.org"}
    known = {"ID": 42, "MessageID": "883953f4", "BouncedAt": "2026-11-22T10:00:00Z"}
    return {**known, **said, "Metadata": {"postbag": verp.token(delivery)}, **changed}


def reasons() -> list[str]:
    return list(Suppression.objects.values_list("reason", flat=True))


@pytest.mark.parametrize(
    ("event", "state", "reason"),
    [
        ({}, State.BOUNCED, ["bounced"]),
        ({"Type": "SoftBounce"}, State.BOUNCED, []),
        ({"Type": "Blocked"}, State.BOUNCED, []),
        ({"Type": "BadEmailAddress"}, State.BOUNCED, ["bounced"]),
        ({"RecordType": "SpamComplaint", "Type": "SpamComplaint"}, State.COMPLAINED, ["complained"]),
        ({"RecordType": "SubscriptionChange", "SuppressSending": True}, State.ACCEPTED, ["asked"]),
        ({"Type": "Transient"}, State.ACCEPTED, []),
        ({"Type": "AutoResponder"}, State.ACCEPTED, []),
        ({"Type": "ChallengeVerification"}, State.ACCEPTED, []),
        ({"RecordType": "Open"}, State.ACCEPTED, []),
        ({"RecordType": "Click"}, State.ACCEPTED, []),
        ({"RecordType": "Delivery"}, State.ACCEPTED, []),
        ({"RecordType": "Nonsense"}, State.ACCEPTED, []),
    ],
)
def test_a_signed_event_has_its_consequence(
    ann: Delivery, event: dict[str, str], state: str, reason: list[str]
) -> None:
    assert postmark(bounce(ann, **event)) == 200
    ann.refresh_from_db()
    assert (ann.state, reasons()) == (state, reason)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        basic("postmark:wrong"),
        basic(""),
        basic(SECRET + "x"),
        {"Authorization": "Bearer x"},
        {"Authorization": "Basic %"},
    ],
)
def test_an_unsigned_event_changes_nothing(ann: Delivery, headers: dict[str, str]) -> None:
    before = whole_database()
    assert postmark(bounce(ann), headers) == 400
    assert whole_database() == before


def test_a_hundred_replays_are_one(ann: Delivery) -> None:
    postmark(bounce(ann))
    before = whole_database()
    assert {postmark(bounce(ann)) for _ in range(99)} == {200}
    assert whole_database() == before


@pytest.mark.parametrize(
    "changed",
    [
        {"Metadata": {}},
        {"Metadata": {"postbag": "a" * 40}},
        {"Metadata": {"postbag": None}},
        {"Metadata": {"postbag": "1"}, "MessageID": "<1.1@example.org>"},
        {"Metadata": {}, "MessageID": "<9.9@example.org>"},
        {"Metadata": {}, "MessageID": "<1.1@elsewhere.example>"},
        {"Metadata": {}, "MessageID": "9" * 30 + "." + "9" * 30 + "@example.org"},
    ],
)
def test_an_event_about_no_mail_of_ours_changes_nothing(ann: Delivery, changed: dict[str, Any]) -> None:
    before = whole_database()
    assert postmark(bounce(ann, **changed)) == 200
    assert whole_database() == before


@pytest.mark.parametrize("brackets", ["<>", ""])
def test_a_provider_that_keeps_our_message_id_needs_nothing_else(ann: Delivery, brackets: str) -> None:
    name = ann.message_id if brackets else ann.message_id.strip("<>")
    postmark(bounce(ann, Metadata={}, MessageID=name))
    assert reasons() == ["bounced"]


def test_delivered_settles_what_was_uncertain(ann: Delivery) -> None:
    Delivery.objects.update(state=State.UNCERTAIN)
    postmark(bounce(ann, RecordType="Delivery", DeliveredAt="2026-11-22T10:00:00Z"))
    ann.refresh_from_db()
    assert ann.state == State.ACCEPTED


@pytest.mark.parametrize(("kind", "reason"), [("hard_bounce", ["bounced"]), ("soft_bounce", [])])
def test_brevo_says_hard_and_soft_in_words(ann: Delivery, kind: str, reason: list[str]) -> None:
    event = {
        "event": kind,
        "email": "ann@example.org",
        "ts_epoch": 1763805602000,
        "reason": "unknown user",
        "X-Mailin-custom": json.dumps({"postbag": verp.token(ann)}),
    }
    answer = Client().post("/mail/webhooks/brevo/tracking/", json.dumps(event), "application/json", headers=basic())
    assert (answer.status_code, reasons()) == (200, reason)
    assert SoftBounce.objects.exists() is not bool(reason)


@pytest.mark.parametrize(("kind", "reason"), [("Permanent", ["bounced"]), ("Transient", []), ("Undetermined", [])])
def test_amazon_says_hard_and_soft_in_words(ann: Delivery, kind: str, reason: list[str]) -> None:
    """Its view needs boto3, which is not installed for everybody: this is the event that it makes."""
    event = {"event_type": "bounced", "metadata": {"postbag": verp.token(ann)}, "description": f"{kind}: General"}
    tracking.send(None, event=AnymailTrackingEvent(**event), esp_name="Amazon SES")
    assert reasons() == reason


@pytest.mark.parametrize("key", [SIGNING_KEY, "another"])
def test_a_signature_of_the_provider_is_checked_besides(ann: Delivery, key: str) -> None:
    signature = hmac.new(key.encode(), b"1763805602token", hashlib.sha256).hexdigest()
    event = {
        "signature": {"timestamp": "1763805602", "token": "token", "signature": signature},
        "event-data": {
            "event": "failed",
            "severity": "permanent",
            "recipient": "ann@example.org",
            "user-variables": {"postbag": verp.token(ann)},
            "delivery-status": {
                "message": "5.1.1 The email account that you tried to reach does not exist",
                "code": 550,
            },
        },
    }
    answer = Client().post("/mail/webhooks/mailgun/tracking/", json.dumps(event), "application/json", headers=basic())
    assert (answer.status_code, reasons()) == ((200, ["bounced"]) if key == SIGNING_KEY else (400, []))


def test_a_get_says_nothing(client: Client) -> None:
    assert client.get("/mail/webhooks/postmark/tracking/").status_code == 405


def test_mail_is_not_received_this_way() -> None:
    for provider in ["postmark", "mailgun", "amazon_ses", "resend", "brevo"]:
        with pytest.raises(Resolver404):
            resolve(f"/mail/webhooks/{provider}/inbound/")


def test_without_a_secret_there_are_no_such_addresses(client: Client, settings) -> None:
    settings.ROOT_URLCONF = "postbag.urls"
    assert client.post("/mail/webhooks/postmark/tracking/").status_code == 404


# Sending


def test_a_mail_carries_what_its_events_are_known_by(settings) -> None:
    settings.EMAIL_BACKEND = "anymail.backends.test.EmailBackend"
    delivery = make_delivery()
    drain()
    (mail,) = django_mail.outbox  # type: ignore[attr-defined]
    assert verp.unseal(mail.anymail_test_params["metadata"]["postbag"]) == delivery
    delivery.refresh_from_db()
    assert delivery.state == State.ACCEPTED
