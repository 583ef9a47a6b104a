"""Sending through a provider's API: what it carries, and what its answers mean."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest

from mail import verp
from mail.drain import drain
from mail.models import Delivery
from tests.factories import make_delivery, make_mailout

pytestmark = pytest.mark.django_db
State = Delivery.State


class Provider(HTTPServer):
    """Speaks Postmark's API, and answers as it is told."""

    answer = (200, {"To": "ann@example.org", "ErrorCode": 0, "Message": "OK", "MessageID": "883953f4"})

    def __init__(self) -> None:
        self.mails: list[dict[str, Any]] = []
        super().__init__(("127.0.0.1", 0), Api)


class Api(BaseHTTPRequestHandler):
    server: Provider

    def do_POST(self) -> None:
        self.server.mails.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        status, said = self.server.answer
        if not status:  # it hangs up
            return
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(said).encode())

    def log_message(self, *_args: object) -> None:
        pass


@pytest.fixture
def provider(settings) -> Iterator[Provider]:
    server = Provider()
    settings.EMAIL_BACKEND = "anymail.backends.postmark.EmailBackend"
    url = f"http://127.0.0.1:{server.server_port}/"
    settings.ANYMAIL = {"POSTMARK_SERVER_TOKEN": "x", "POSTMARK_API_URL": url, "REQUESTS_TIMEOUT": 5}
    thread = Thread(target=server.serve_forever, args=[0.01])
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def sent(delivery: Delivery) -> Delivery:
    drain(seconds=5)
    delivery.refresh_from_db()
    return delivery


def test_a_mail_goes_whole_and_is_known_by_its_token(provider: Provider) -> None:
    delivery = make_delivery(
        make_mailout(html="<p>Some words.</p>", unsubscribe="https://x.org/u/", list_id="<a.x.org>")
    )
    assert sent(delivery).state == State.ACCEPTED
    (mail,) = provider.mails
    headers = {header["Name"]: header["Value"] for header in mail["Headers"]}
    assert verp.unseal(mail["Metadata"]["postbag"]) == delivery
    assert (mail["To"], mail["TextBody"], mail["HtmlBody"]) == ("ann@example.org", "Some words.", "<p>Some words.</p>")
    assert headers["Message-ID"] == delivery.message_id
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert {"List-Id", "List-Unsubscribe", "Auto-Submitted", "X-Auto-Response-Suppress"} <= headers.keys()


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ((422, {"ErrorCode": 406, "Message": "Found inactive addresses: ann@example.org. Inactive"}), State.REJECTED),
        ((422, {"ErrorCode": 10, "Message": "Something else"}), State.REJECTED),
        ((422, {"ErrorCode": 300, "Message": "Invalid 'To' address: 'ann@example.org'."}), State.REJECTED),
        ((413, {}), State.REJECTED),
        ((401, {"ErrorCode": 10, "Message": "Bad token"}), State.DEFERRED),
        ((429, {}), State.DEFERRED),
        ((503, {}), State.DEFERRED),
        ((500, {}), State.DEFERRED),  # whether it took the mail is uncertain: sent once more
        ((0, {}), State.DEFERRED),
    ],
)
def test_a_refusal_is_for_now_or_for_ever(provider: Provider, answer: tuple[int, dict], state: State) -> None:
    provider.answer = answer
    delivery = sent(make_delivery())
    assert delivery.state == state
    assert delivery.code.startswith("uncertain") is (answer[0] in {0, 500})


def test_a_provider_that_is_away_has_taken_nothing(provider: Provider, settings, free_port: int) -> None:
    settings.ANYMAIL = {**settings.ANYMAIL, "POSTMARK_API_URL": f"http://127.0.0.1:{free_port}/"}
    delivery = sent(make_delivery())
    assert delivery.state == State.DEFERRED and not delivery.code.startswith("uncertain")


def test_one_refused_mail_stops_no_other(provider: Provider) -> None:
    mailout = make_mailout()
    poison = make_delivery(mailout, "not an address")
    good = make_delivery(mailout, "ben@example.org")
    provider.answer = (200, {**Provider.answer[1], "To": "ben@example.org"})
    assert (sent(poison).state, sent(good).state) == (State.REJECTED, State.ACCEPTED)
