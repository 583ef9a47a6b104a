"""What stands in front of every mail, read strictly, whichever way it is sent."""

from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from mail import pipeline, smtp, verp
from mail.drain import settle
from mail.handover import hand_over
from mail.mime import Mould
from mail.models import Delivery, Lane
from mail.smtp import compose
from postbag import tokens
from tests.factories import make_delivery, make_mailout
from tests.mail.servers import Postbox

pytestmark = pytest.mark.django_db
STRICT = policy.default.clone(raise_on_defect=True)
MARK = "unsubscribe2unsubscribe2unsubscribe2unsu"
Make = Callable[[Delivery], bytes]
SENDERS = [
    "A blog <blog@example.org>",
    '"Blog, the" <blog@example.org>',
    "Zoë’s blog <blog@example.org>",
    "blog@example.org",
]


def by_mould(delivery: Delivery) -> bytes:
    return Mould(delivery.mailout).cast(delivery)


def by_django(delivery: Delivery) -> bytes:
    return compose(delivery).message().as_bytes()


ways = pytest.mark.parametrize("make", [by_mould, by_django])


def read(content: bytes) -> EmailMessage:
    return message_from_bytes(content, policy=STRICT)  # type: ignore[return-value]


def alert(sender: str = SENDERS[0]) -> Delivery:
    words = {"sender": sender, "subject": "Brücken über den Fluss, " * 9, "html": "<p>Some words.</p>"}
    link = f"https://blog.example.org/unsubscribe/{MARK}/"
    marked = {"marks": {"unsubscribe": MARK}, "unsubscribe": link, "list_id": "<alerts.example.org>"}
    return make_delivery(make_mailout(Lane.ALERT, kind="alert", **words, **marked))


@ways
def test_bulk_mail_says_what_it_is_and_how_to_end_it(make: Make) -> None:
    delivery = alert()
    mail = read(make(delivery))
    token = tokens.make("unsubscribe", delivery.about)
    assert mail["List-Unsubscribe"].strip() == f"<https://blog.example.org/unsubscribe/{token}/>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["List-Id"] == "<alerts.example.org>"
    assert mail["Precedence"] == "bulk"
    assert mail["Feedback-ID"] == f"{delivery.mailout_id}:alert:example.org:postbag"


@ways
@pytest.mark.parametrize("bulk", [True, False])
def test_no_robot_is_to_answer(make: Make, bulk: bool) -> None:
    mail = read(make(alert() if bulk else make_delivery()))
    assert (mail["Auto-Submitted"], mail["X-Auto-Response-Suppress"]) == ("auto-generated", "All")


@ways
@pytest.mark.parametrize("sender", SENDERS)
def test_every_mail_passes_a_strict_reading(make: Make, sender: str) -> None:
    delivery = alert(sender)
    mail = read(make(delivery))
    for part in mail.walk():
        assert not part.defects and not any(value.defects for value in part.values())
    assert mail["Message-ID"] == f"<{delivery.mailout_id}.{delivery.pk}@example.org>"
    assert mail["Date"].datetime
    assert [address.addr_spec for address in mail["From"].addresses] == ["blog@example.org"]
    for name in ["From", "To", "Subject", "Date", "Message-ID", "MIME-Version"]:  # RFC 5322 section 3.6
        assert len(mail.get_all(name)) == 1


@ways
def test_what_is_made_of_the_domain_is_ascii_where_the_domain_is_not(make: Make) -> None:
    delivery = alert("Ein Blog <blog@brücken.example>")
    mail = read(make(delivery))
    assert delivery.message_id == f"<{delivery.mailout_id}.{delivery.pk}@xn--brcken-4ya.example>"
    assert mail["Message-ID"] == delivery.message_id
    assert mail["Feedback-ID"] == f"{delivery.mailout_id}:alert:xn--brcken-4ya.example:postbag"


@ways
@pytest.mark.parametrize("sender", SENDERS)
def test_a_return_path_changes_nothing_that_people_read(make: Make, sender: str, settings) -> None:
    delivery = alert(sender)
    before = read(make(delivery))
    settings.BOUNCE_DOMAIN = "bounces.example.org"
    after = read(make(delivery))
    assert {**dict(after.items()), "Date": "", "Content-Type": ""} == {
        **dict(before.items()),
        "Date": "",
        "Content-Type": "",
    }


@pytest.mark.parametrize("send", [pipeline.send, smtp.send])
def test_it_stands_in_the_envelope(postbox: Postbox, settings, send: Callable) -> None:
    settings.BOUNCE_DOMAIN = "bounces.example.org"
    delivery = make_delivery()
    batches = [hand_over()]
    send(lambda _: [batches.pop()] if batches else [], settle)
    (mail,) = postbox.mails
    assert postbox.senders == [verp.return_path(delivery)]
    assert mail["From"] == "A blog <blog@example.org>"
    assert verp.return_path(delivery) not in mail.as_string()
