"""Single sign-on by OpenID Connect, with a provider of ours on this machine."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import clear_url_caches

from blog.models import Blog
from postbag import urls
from postbag.signin.urls import single_sign_on

pytestmark = pytest.mark.django_db


class Provider(BaseHTTPRequestHandler):
    """As much of one as a client asks for."""

    person: dict[str, Any] = {}

    def do_GET(self) -> None:
        own = f"http://127.0.0.1:{self.server.server_address[1]}"  # type: ignore[attr-defined]
        endpoints = {f"{name}_endpoint": f"{own}/{name}" for name in ["authorization", "token", "userinfo"]}
        self._answer(self.person if self.path == "/userinfo" else {"issuer": own, **endpoints, "jwks_uri": own})

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self._answer({"access_token": "secret", "token_type": "Bearer"})

    def _answer(self, found: dict[str, Any]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(found).encode())

    def log_message(self, *words: Any) -> None:
        """Say nothing."""


@pytest.fixture
def provider(settings) -> Iterator[type[Provider]]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    known = {"provider_id": "staff", "name": "Staff directory", "client_id": "postbag", "secret": "s" * 30}
    app = {**known, "settings": {"server_url": f"http://127.0.0.1:{server.server_address[1]}"}}
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}
    before = urls.urlpatterns[:]
    urls.urlpatterns[:0] = single_sign_on()
    clear_url_caches()
    yield Provider
    urls.urlpatterns[:] = before
    clear_url_caches()
    server.shutdown()
    server.server_close()


def come_back(client: Client, provider: type[Provider], **person: Any) -> Any:
    """Sign in there as this person, and be sent back."""
    provider.person = {"sub": "17", "email": "mo@example.org", "email_verified": True, **person}
    away = client.get("/desk/sign-in/with/staff/").url
    asked = parse_qs(urlsplit(away).query)
    assert asked["redirect_uri"] == ["http://testserver/desk/sign-in/with/staff/done/"]
    assert asked["code_challenge_method"] == ["S256"]
    return client.get("/desk/sign-in/with/staff/done/", {"code": "c", "state": asked["state"][0]})


def test_the_sign_in_page_offers_it(client: Client, blog: Blog, provider: type[Provider]) -> None:
    assert "Sign in with Staff directory" in client.get("/desk/sign-in/").text


def test_it_opens_the_account_with_that_address(client: Client, mo: User, provider: type[Provider], settings) -> None:
    settings.SECOND_FACTOR = True  # which the provider asks for
    User.objects.update(email="mo@example.org")
    assert come_back(client, provider).url == "/desk/"
    assert client.get("/desk/").status_code == 200
    assert "device" in client.cookies, "a browser that is known from now on"


@pytest.mark.parametrize("person", [{"email": "eve@example.org"}, {"email_verified": False}, {"email": ""}])
def test_it_makes_no_account_and_opens_none_by_an_unproved_address(
    client: Client, mo: User, provider: type[Provider], person: dict[str, Any]
) -> None:
    User.objects.update(email="mo@example.org")
    answer = come_back(client, provider, **person)
    assert "You have no account here" in answer.text
    assert User.objects.count() == 1 and client.get("/desk/").status_code == 302


def test_a_forged_return_signs_nobody_in(client: Client, mo: User, provider: type[Provider]) -> None:
    answer = client.get("/desk/sign-in/with/staff/done/", {"code": "c", "state": "made up"})
    assert "You are not signed in" in answer.text
    assert client.get("/desk/").status_code == 302


def test_without_the_setting_there_is_no_such_page(client: Client, blog: Blog) -> None:
    assert client.get("/desk/sign-in/with/staff/").status_code == 404
