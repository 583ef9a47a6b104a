"""One call to a provider for many recipients: each gets their own, and each answer is settled by itself."""

import json
from collections.abc import Callable, Iterator
from threading import Thread
from typing import Any

import pytest
from django.core import mail as django_mail
from django.utils import timezone

from mail import provider as providers
from mail.domains import Domain
from mail.drain import drain, sweep
from mail.models import Delivery, Lane, Mailout
from mail.provider import Way
from tests.factories import make_delivery, make_mailout
from tests.mail import api_servers
from tests.mail.api_servers import Provider

pytestmark = pytest.mark.django_db
State = Delivery.State
MARK = "unsubscribe2unsubscribe2unsubscribe2unsu"
Start = Callable[[str], Provider]


@pytest.fixture
def start(settings) -> Iterator[Start]:
    """Starts the API of this provider, through which mail goes from then on."""
    servers: list[Provider] = []

    def run(name: str) -> Provider:
        server = Provider(getattr(api_servers, name))
        settings.EMAIL_BACKEND = f"anymail.backends.{name}.EmailBackend"
        key = "SERVER_TOKEN" if name == "postmark" else "API_KEY"
        words = {"API_URL": server.url, key: "x", "SENDER_DOMAIN": "example.org"}
        settings.ANYMAIL = {f"{name.upper()}_{word}": value for word, value in words.items()}
        Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
        servers.append(server)
        return server

    yield run
    for server in servers:
        server.shutdown()
        server.server_close()


def alert(readers: int = 3, **fields: Any) -> list[Delivery]:
    """What is owed of an alert with a link of each reader's own."""
    link = f"https://blog.example.org/unsubscribe/{MARK}/"
    words = {"text": f"Stop: {link}", "html": f'<a href="{link}">Stop</a>', "unsubscribe": link}
    mailout = make_mailout(Lane.ALERT, **{"kind": "alert", "marks": {"unsubscribe": MARK}, **words, **fields})
    return [make_delivery(mailout, f"reader{number}@example.org", about=number) for number in range(readers)]


def states() -> dict[str, str]:
    return dict(Delivery.objects.order_by("pk").values_list("address", "state"))


def bring_back() -> None:
    Delivery.objects.update(due_at=timezone.now())
    Domain.objects.all().delete()
    sweep()


def test_each_mail_of_a_call_is_its_recipients_own_at_postmark(start: Start) -> None:
    server, deliveries = start("postmark"), alert()
    drain()
    (call,) = server.requests
    assert call.path == "/email/batch" and len(call.json) == 3
    for mail, delivery in zip(call.json, deliveries, strict=True):
        token, headers = delivery.token("unsubscribe"), {each["Name"]: each["Value"] for each in mail["Headers"]}
        assert mail["To"] == delivery.address
        assert token in mail["TextBody"] and token in mail["HtmlBody"] and token in headers["List-Unsubscribe"]
        assert MARK not in json.dumps(mail)
        assert headers["Message-ID"] == delivery.message_id
        assert mail["Metadata"] == {"postbag": providers.verp.token(delivery)}
        assert {"List-Unsubscribe-Post", "Feedback-ID", "Auto-Submitted"} <= headers.keys()
    assert set(states().values()) == {State.ACCEPTED}


@pytest.mark.parametrize("name", ["resend", "brevo"])
def test_each_mail_of_a_call_is_its_recipients_own_elsewhere(start: Start, name: str) -> None:
    server, deliveries = start(name), alert()
    drain()
    (call,) = server.requests
    mails = call.json if name == "resend" else call.json["messageVersions"]
    parts = ["text", "html"] if name == "resend" else ["textContent", "htmlContent"]
    for mail, delivery in zip(mails, deliveries, strict=True):
        assert all(delivery.token("unsubscribe") in mail[part] for part in parts)
        assert MARK not in json.dumps(mail)
        assert mail["headers"]["Message-ID"] == delivery.message_id
        assert delivery.token("unsubscribe") in mail["headers"]["List-Unsubscribe"]
        assert providers.verp.token(delivery) in json.dumps(mail)
    assert set(states().values()) == {State.ACCEPTED}


def test_mailgun_fills_in_what_is_each_recipients_own(start: Start) -> None:
    server, deliveries = start("mailgun"), alert()
    drain()
    (call,) = server.requests
    assert call.form["text"] == "Stop: https://blog.example.org/unsubscribe/%recipient.t0%/"
    own = json.loads(call.form["recipient-variables"])
    for delivery in deliveries:
        said = own[delivery.address]
        assert said["t0"] == delivery.token("unsubscribe")
        assert delivery.message_id in said.values() and providers.verp.token(delivery) in said.values()
    assert set(states().values()) == {State.ACCEPTED}


def test_words_that_look_like_a_field_go_in_calls_of_their_own(start: Start) -> None:
    server = start("mailgun")
    alert(2, subject="How %recipient.name% works")
    drain()
    assert [call.form.get("recipient-variables") for call in server.requests] == [None, None]
    assert len(server.taken) == 2


def test_every_recipient_has_an_answer_of_their_own(start: Start) -> None:
    server, deliveries = start("postmark"), alert()
    server.refuse = {"reader1@example.org"}
    make_delivery(deliveries[0].mailout, "unpaid@example.org")
    drain()
    expected = [State.ACCEPTED, State.REJECTED, State.ACCEPTED, State.DEFERRED]
    assert list(states().values()) == expected and len(server.requests) == 1
    assert Delivery.objects.get(address="reader1@example.org").code.startswith("406 You tried")


def test_one_bad_address_spoils_a_call_for_nobody_else(start: Start) -> None:
    server = start("resend")
    alert(4)
    server.refuse = {"reader2@example.org"}
    drain()
    assert list(states().values()) == [State.ACCEPTED, State.ACCEPTED, State.REJECTED, State.ACCEPTED]
    assert server.taken == [f"reader{number}@example.org" for number in (0, 1, 3)]


def test_an_erased_address_spoils_a_call_for_nobody_else(start: Start) -> None:
    server, deliveries = start("postmark"), alert()
    Delivery.objects.filter(pk=deliveries[1].pk).update(address="erased 7")
    drain()
    assert list(states().values()) == [State.ACCEPTED, State.REJECTED, State.ACCEPTED]
    assert server.taken == ["reader0@example.org", "reader2@example.org"]


def test_addresses_that_differ_in_capitals_go_in_two_calls(start: Start) -> None:
    server, mailout = start("postmark"), make_mailout(Lane.ALERT)
    for address in ["ann@example.org", "Ann@example.org", "ben@example.org"]:
        make_delivery(mailout, address)
    drain()
    assert [len(call.json) if isinstance(call.json, list) else 1 for call in server.requests] == [2, 1]
    assert set(states().values()) == {State.ACCEPTED}


def test_no_call_is_larger_than_the_provider_takes(start: Start, settings, monkeypatch: pytest.MonkeyPatch) -> None:
    server = start("resend")
    monkeypatch.setitem(providers.WAYS, settings.EMAIL_BACKEND, Way(2, "mail.backends.Resend"))
    alert(5)
    drain()
    assert [len(call.json) for call in server.requests[:2]] == [2, 2] and len(server.requests) == 3


def test_a_provider_without_such_calls_gets_one_a_mail(start: Start, settings, monkeypatch: pytest.MonkeyPatch) -> None:
    server = start("postmark")
    monkeypatch.delitem(providers.WAYS, settings.EMAIL_BACKEND)
    deliveries = alert()
    drain()
    assert [call.path for call in server.requests] == ["/email"] * 3
    assert all(
        row.token("unsubscribe") in call.json["TextBody"] for row, call in zip(deliveries, server.requests, strict=True)
    )
    assert set(states().values()) == {State.ACCEPTED}


@pytest.mark.parametrize("name", ["resend", "brevo"])
@pytest.mark.parametrize("readers", [1, 3])
def test_a_repeated_call_repeats_no_mail_where_the_provider_knows_it(start: Start, name: str, readers: int) -> None:
    """The answer was lost, so nobody here knows."""
    server = start(name)
    alert(readers)
    server.hang_up_after = [1]
    drain()
    assert set(states().values()) == {State.DEFERRED}
    bring_back()
    drain()
    assert set(states().values()) == {State.ACCEPTED}
    assert len(server.requests) == 2 and len(server.taken) == readers


def test_other_mails_have_another_key(start: Start) -> None:
    server = start("resend")
    alert(2)
    alert(2)
    drain()
    keys = {call.headers["Idempotency-Key"] for call in server.requests}
    assert len(keys) == 2 and all(len(key) <= 256 for key in keys)


def test_a_call_without_an_answer_is_uncertain_for_all(start: Start, settings) -> None:
    settings.MAIL_HOLD_UNCERTAIN = True
    server = start("postmark")
    alert(3)
    server.hang_up_after = [1]
    drain()
    assert set(states().values()) == {State.UNCERTAIN}


def test_who_is_too_fast_stops_and_loses_no_try(start: Start) -> None:
    server = start("postmark")
    for number in range(4):  # letters: one call each
        make_delivery(address=f"reader{number}@example.org")
    server.api = lambda *_: (429, {"Message": "Too many requests"})
    drain()
    assert len(server.requests) == 1
    assert set(Delivery.objects.values_list("state", "attempts")) == {(State.DEFERRED, 0)}


def test_a_sub_batch_that_came_too_late_goes_back(start: Start, settings) -> None:
    server = start("postmark")
    settings.MAIL_LEASE_SECONDS = 0
    alert(2)
    drain(seconds=0.05)
    assert server.requests == [] and set(states().values()) == {State.PENDING}


def test_calls_go_side_by_side(start: Start, settings) -> None:
    server = start("postmark")
    settings.MAIL_BATCH = 2
    alert(20)
    drain()
    assert sorted(server.taken) == sorted(states()) and len(server.requests) == 10
    assert Mailout.objects.get().state == Mailout.State.DONE


def test_anymails_own_test_backend_sees_a_batch(settings, monkeypatch: pytest.MonkeyPatch, mailoutbox) -> None:
    settings.EMAIL_BACKEND = "anymail.backends.test.EmailBackend"
    monkeypatch.setitem(providers.WAYS, settings.EMAIL_BACKEND, Way(100, field="{{{{{}}}}}"))
    deliveries = alert(2)
    drain()
    (mail,) = django_mail.outbox  # type: ignore[attr-defined]
    told = mail.anymail_test_params
    assert told["is_batch_send"] and told["text_body"] == "Stop: https://blog.example.org/unsubscribe/{{t0}}/"
    assert told["merge_data"] == {row.address: {"t0": row.token("unsubscribe")} for row in deliveries}
    assert told["merge_headers"]["reader0@example.org"]["Message-ID"] == deliveries[0].message_id
    assert set(states().values()) == {State.ACCEPTED}
