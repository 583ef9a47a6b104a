"""postbag/origin.py: who may post from where."""

import pytest
from django.test import Client, RequestFactory
from django.urls import get_resolver

from postbag.origin import is_same_origin

SAME = {"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"}


def post_with(headers: dict[str, str], secure: bool = False):
    return RequestFactory().post("/", headers=headers, secure=secure)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        SAME,
        {"Origin": "http://testserver"},
        {"Referer": "http://testserver/any/page?x"},
        {"Sec-Fetch-Site": "same-origin"},
        {"Origin": "null", "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
    ],
)
def test_our_own_pages_and_no_browser_may_post(headers: dict[str, str]) -> None:
    assert is_same_origin(post_with(headers))


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://testserver.evil.example"},
        {"Origin": "http://evil.example/http://testserver"},
        {"Origin": "http://testserver@evil.example"},
        {"Origin": "https://testserver"},
        {"Origin": "http://testserver:8080"},
        {"Origin": "http://sub.testserver"},
        {"Origin": "HTTP://TESTSERVER"},
        {"Referer": "https://evil.example/?http://testserver/"},
        {"Referer": "http://testserver.evil.example/"},
        {"Referer": "x"},
        {"Origin": "http://testserver", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://testserver", "Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": ""},
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "none"},
        {"Referer": "https://evil.example/", "Sec-Fetch-Site": "none"},
    ],
)
def test_other_sites_may_not(headers: dict[str, str]) -> None:
    assert not is_same_origin(post_with(headers))


def test_https_is_another_origin_than_http() -> None:
    assert is_same_origin(post_with({"Origin": "https://testserver"}, secure=True))
    assert not is_same_origin(post_with({"Origin": "http://testserver"}, secure=True))


def test_a_page_behind_a_link_may_post_without_an_origin_over_plain_http() -> None:
    """There, a browser sends no Sec-Fetch-Site, and Origin: null from a page that says no-referrer."""
    assert is_same_origin(post_with({"Origin": "null"}), behind_link=True)
    assert not is_same_origin(post_with({"Origin": "https://evil.example"}), behind_link=True)
    assert not is_same_origin(post_with({"Origin": "null", "Sec-Fetch-Site": "cross-site"}), behind_link=True)


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
@pytest.mark.parametrize("url", ["/subscribe/", "/desk/sign-in/", "/desk/sign-out/", "/api/v1/subscriptions/", "/"])
def test_no_page_takes_anything_from_another_site(client: Client, blog, url: str, method: str) -> None:
    answer = getattr(client, method)(url, headers={"Origin": "https://evil.example"})
    assert answer.status_code in {403, 405} and not answer.cookies


@pytest.mark.django_db
def test_looking_is_allowed_from_everywhere(client: Client, blog) -> None:
    for ask in [client.get, client.head]:
        assert ask("/", headers={"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}).status_code == 200


def test_only_unsubscribing_is_open_to_other_sites() -> None:
    views = [view for view in get_resolver().reverse_dict if callable(view)]
    assert {view.__name__ for view in views if getattr(view, "any_origin", False)} == {
        "unsubscribe",
        "end_replies",
        "end_moderator_mail",
    }
