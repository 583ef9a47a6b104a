"""/api/v1/subscriptions/."""

from typing import Any

import pytest
from django.test import Client

from blog.models import Blog, PrivacyNotice
from sharing.models import Subscription
from tests.factories import make_notice, make_subscription


@pytest.fixture
def written(notice: PrivacyNotice) -> dict[str, Any]:
    """What Sue sends."""
    return {"email": "sue@example.org", "notice": notice.pk}


def sign_up(client: Client, written: Any) -> Any:
    return client.post("/api/v1/subscriptions/", written, content_type="application/json")


def test_a_sign_up_waits_for_its_owner(client: Client, written: dict, send_mail) -> None:
    answer = sign_up(client, written)
    assert (answer.status_code, answer.json()) == (202, {"detail": "Check your email to confirm the sign-up"})
    assert not answer.cookies
    subscription = Subscription.objects.get()
    assert (subscription.state, subscription.notice_id) == ("unconfirmed", written["notice"])
    assert [mail.to for mail in send_mail()] == [["sue@example.org"]]


def test_the_answer_never_tells_whether_an_address_is_known(blog: Blog, client: Client, written: dict) -> None:
    make_subscription(blog, "sue@example.org")
    known, unknown = sign_up(client, written), sign_up(client, {**written, "email": "new@example.org"})
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content)
    assert known.headers == unknown.headers


@pytest.mark.parametrize("email", ["", "sue", "sue@example.org\r\nBcc: x@example.org", None, 7])
def test_an_error_stands_at_its_field(client: Client, written: dict, email: Any) -> None:
    answer = sign_up(client, {**written, "email": email})
    assert answer.status_code == 422
    assert list(answer.json()["errors"]) == ["email"]


def test_another_notice_is_shown_first(blog: Blog, client: Client, written: dict) -> None:
    make_notice(blog)
    assert "Our privacy notice has changed" in sign_up(client, written).json()["detail"]
    assert not Subscription.objects.exists()


def test_the_id_of_the_notice_may_be_text(client: Client, written: dict) -> None:
    assert sign_up(client, {**written, "notice": str(written["notice"])}).status_code == 202


def test_a_used_up_budget_is_429(client: Client, written: dict, settings) -> None:
    settings.MAIL_PER_NETWORK = (1, 1)
    assert sign_up(client, written).status_code == 202
    answer = sign_up(client, {**written, "email": "new@example.org"})
    assert answer.json()["status"] == answer.status_code == 429
    assert answer["RateLimit"] == f'"network-3600s";r=0;t={answer["Retry-After"]}'
    assert answer["RateLimit-Policy"].startswith('"network-3600s";q=')
    assert Subscription.objects.get().address == "sue@example.org"


def test_a_get_is_405(blog: Blog, client: Client) -> None:
    answer = client.get("/api/v1/subscriptions/")
    assert (answer.status_code, answer["Content-Type"]) == (405, "application/problem+json")
    assert "POST" in answer["Allow"]
