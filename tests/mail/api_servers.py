"""Providers' APIs, as real as their documentation lets us be: they take mails by HTTP, and remember what they took."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

Answer = tuple[int, Any]  # an HTTP status, or 0 to hang up without one; and what is said as JSON


@dataclass
class Request:
    path: str
    headers: dict[str, str]
    body: str

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, str]:
        return {name: values[-1] for name, values in parse_qs(self.body).items()}


class Provider(ThreadingHTTPServer):
    """Gives each request to `api`. The mails that it took are in `taken`, by address."""

    daemon_threads = True

    def __init__(self, api: Callable[["Provider", Request], Answer]) -> None:
        self.requests: list[Request] = []
        self.taken: list[str] = []
        self.known: dict[str, Any] = {}  # its answers to calls with a key
        self.hang_up_after: list[int] = []  # the numbers of requests that it takes, and does not answer
        self.refuse: set[str] = set()
        self.api = api
        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"


class Handler(BaseHTTPRequestHandler):
    server: Provider

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        request = Request(self.path, dict(self.headers.items()), body)
        self.server.requests.append(request)
        status, said = self.server.api(self.server, request)
        if not status or len(self.server.requests) in self.server.hang_up_after:
            return
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(said).encode())

    def log_message(self, *_args: object) -> None:
        pass


def postmark(server: Provider, request: Request) -> Answer:
    """Says something of each mail: https://postmarkapp.com/developer/api/email-api#send-batch-emails."""
    mails = request.json if request.path.endswith("/batch") else [request.json]
    answers = [_postmark(server, mail["To"]) for mail in mails]
    if request.path.endswith("/batch"):
        return 200, answers
    return (422 if answers[0]["ErrorCode"] else 200), answers[0]


def _postmark(server: Provider, address: str) -> dict[str, Any]:
    if address in server.refuse:
        return {"ErrorCode": 406, "Message": "You tried to send to a recipient that has been marked as inactive."}
    if "unpaid" in address:
        return {"ErrorCode": 405, "Message": "You are not allowed to send"}
    server.taken.append(address)
    return {"To": address, "ErrorCode": 0, "Message": "OK", "MessageID": f"id-{len(server.taken)}"}


def resend(server: Provider, request: Request) -> Answer:
    """Refuses a batch for one bad address, and knows a repeated call by its key."""
    mails = request.json if request.path.endswith("/batch") else [request.json]
    addresses = [mail["to"][0] for mail in mails]
    if server.refuse & set(addresses):
        return 422, {"statusCode": 422, "name": "validation_error", "message": "Invalid `to` field."}
    key = request.headers["Idempotency-Key"]
    if key in server.known and server.known[key][0] != request.body:
        return 409, {"statusCode": 409, "name": "invalid_idempotent_request"}
    if key not in server.known:
        server.taken += addresses
        server.known[key] = request.body, [{"id": f"id-{address}"} for address in addresses]
    ids = server.known[key][1]
    return 200, {"data": ids} if request.path.endswith("/batch") else ids[0]


def brevo(server: Provider, request: Request) -> Answer:
    """Refuses a repeated call: https://developers.brevo.com/docs/heterogenous-versions-batch-emails."""
    data = request.json
    addresses = [version["to"][0]["email"] for version in data.get("messageVersions", [data])]
    key = data["headers"]["idempotencyKey"]
    if key in server.known:
        return 400, {"code": "duplicate_parameter", "message": "This key was used before"}
    server.known[key] = True
    server.taken += addresses
    ids = [f"<{address}>" for address in addresses]
    return 201, {"messageIds": ids} if "messageVersions" in data else {"messageId": ids[0]}


def mailgun(server: Provider, request: Request) -> Answer:
    server.taken += request.form["to"].split(", ")
    return 200, {"id": "<one-id@example.org>", "message": "Queued. Thank you."}
