"""Whatever is sent to the API as JSON, the answer is a problem, never an accident."""

import json
from typing import Any

import pytest
from django.test import Client

from blog.models import Blog, PrivacyNotice
from mail.models import Delivery
from tests.factories import make_post

MALFORMED = {
    "nothing": b" ",
    "half": b'{"email": ',
    "two": b"{} {}",
    "a list": b"[1]",
    "a string": b'"x"',
    "null": b"null",
    "a number": b"7",
    "not a number": b'{"email": NaN}',
    "the same name twice": b'{"email": "a@example.org", "email": "b@example.org"}',
    "the same name twice, deeper": b'{"email": {"a": 1, "a": 2}}',
    "deep": b'{"email": ' + b"[" * 10_000 + b"]" * 10_000 + b"}",
    "deep and open": b"[" * 1_000_000,
    "deep objects": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "a number of 5000 digits": b'{"notice": ' + b"9" * 5000 + b"}",
    "Latin-1": '{"email": "José@example.org"}'.encode("latin-1"),
    "UTF-16": '{"email": "a@example.org"}'.encode("utf-16"),
    "half a character": b'{"email": "\xc3"}',
    "an encoded surrogate": b'{"email": "\xed\xa0\x80"}',
    "a raw NUL": b'{"email": "a\x00"}',
}
NOT_TEXT: list[Any] = [7, 1.5, True, [], ["a"], {}, {"a": {"b": []}}, None]
DEEP = json.loads("[" * 800 + "]" * 800)
IDS: list[Any] = [10**4000, -1, 1.0, True, [], {}, "x", "\ud800", "1" * 40, "\x00", "²", "١", DEEP]


@pytest.fixture
def address(blog: Blog) -> str:
    """Where comments are sent to."""
    return f"/api/v1/posts/{make_post(blog).pk}/comments/"


@pytest.fixture
def written(notice: PrivacyNotice) -> dict[str, Any]:
    """What would do for a comment and for a sign-up."""
    return {"comment": "Well said.", "name": "Ann", "email": "ann@example.org", "notice": notice.pk}


def send(client: Client, address: str, body: Any, content_type: str = "application/json") -> Any:
    """Send it, and see that the answer is a problem and that nothing came of it."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = client.post(address, data, content_type=content_type)
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == answer.status_code
    assert not Delivery.objects.exists()
    return answer


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED)
def test_what_is_no_object_is_400(client: Client, address: str, body: bytes) -> None:
    assert send(client, address, body).status_code == 400
    assert send(client, "/api/v1/subscriptions/", body).status_code == 400


@pytest.mark.parametrize("field", ["comment", "name", "email"])
@pytest.mark.parametrize("value", NOT_TEXT, ids=repr)
def test_what_is_no_text_is_an_error_at_its_field(
    client: Client, address: str, written: dict, field: str, value: Any
) -> None:
    answer = send(client, address, {**written, field: value})
    assert (answer.status_code, answer.json()["errors"]) == (422, {field: ["Must be a string"]})


@pytest.mark.parametrize("value", IDS, ids=lambda value: ascii(value)[:20])
def test_what_is_no_id_is_an_error(client: Client, address: str, written: dict, value: Any) -> None:
    parent = send(client, address, {**written, "parent": value})
    assert (parent.status_code, list(parent.json()["errors"])) == (422, ["parent"])
    assert send(client, address, {**written, "notice": value}).status_code == 422
    assert send(client, "/api/v1/subscriptions/", {**written, "notice": value}).status_code == 422


@pytest.mark.parametrize("text", ["\ud800", "\x00", "\u202e", "\r\nBcc: bob@example.org", "x" * 300])
def test_odd_text_in_a_name_or_an_address_is_an_error(client: Client, address: str, written: dict, text: str) -> None:
    for field in ["name", "email"]:
        answer = send(client, address, {**written, field: f"a{text}@example.org"})
        assert (answer.status_code, list(answer.json()["errors"])) == (422, [field])


def test_odd_text_in_a_comment_is_cleaned(client: Client, address: str, written: dict, blog: Blog) -> None:
    odd = json.dumps({**written, "comment": "\ud800 a\x00b \u202ec"})
    assert client.post(address, odd, content_type="application/json").status_code == 202
    assert blog.posts.get().comments.get().text == "\ufffd ab c"


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "x", ""])
def test_another_media_type_is_415(client: Client, address: str, written: dict, content_type: str) -> None:
    assert send(client, address, written, content_type).status_code == 415


@pytest.mark.parametrize("charset", ["utf-16", "bz2_codec", "nonsense"])
def test_a_charset_in_the_header_has_no_effect(client: Client, address: str, written: dict, charset: str) -> None:
    # Not client.post(): it would encode the body so.
    header = f"application/json; charset={charset}"
    answer = client.generic("POST", address, json.dumps(written), content_type=header)
    assert answer.status_code == 202


def test_a_body_that_is_too_large_is_413(client: Client, address: str, written: dict, settings) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    assert send(client, address, {**written, "comment": "x" * 1000}).status_code == 413


def test_a_megabyte_is_an_error_at_its_field(client: Client, address: str, written: dict) -> None:
    answer = send(client, address, {**written, "comment": "x" * 1_000_000})
    assert answer.json()["errors"] == {"comment": ["Comment must be 5000 characters or less"]}
