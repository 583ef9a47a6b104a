"""/desk/sign-in/ and /desk/sign-out/, and that nothing of the desk shows without them."""

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client
from django.urls import get_resolver, reverse

from blog.models import Post
from moderation.models import Comment
from tests.database import whole_database
from tests.factories import make_comment

pytestmark = pytest.mark.django_db
NAMES = {name for name in get_resolver().reverse_dict if isinstance(name, str) and name.startswith("desk")}
DESK = sorted(NAMES - {"desk-sign-in", "desk-sign-out"})


def url_of(name: str, comment: Comment) -> str:
    """The address of a page of the desk: of this comment, if it is about one."""
    needed = get_resolver().reverse_dict[name][0][0][1]
    return reverse(name, args=["a" * 40 if what == "token" else comment.pk for what in needed])


def sign_in(client: Client, **changed: str) -> HttpResponse:
    """Mo's name and password, or others."""
    return client.post("/desk/sign-in/", {"login": "mo", "password": "correct horse battery", **changed})


@pytest.mark.parametrize("name", DESK)
@pytest.mark.parametrize("method", ["get", "post", "head"])
def test_nobody_gets_in_anywhere(client: Client, post: Post, name: str, method: str) -> None:
    comment = make_comment(post, text="Secret words")
    before = whole_database()
    answer = getattr(client, method)(url_of(name, comment), {"outcome": "approved", "version": 1})
    assert answer.status_code == 302 and answer.url.startswith("/desk/sign-in/?next=/desk/")
    assert "Secret" not in answer.text and answer["Cache-Control"] == "no-store, private"
    assert whole_database() == before


def test_every_page_of_the_desk_is_tried() -> None:
    assert {"desk", "desk-decided", "desk-comment", "desk-decision"} <= set(DESK)


def test_mo_signs_in_and_out(client: Client, mo: User) -> None:
    assert client.get("/desk/sign-in/").status_code == 200
    assert sign_in(client).url == "/desk/"
    assert client.get("/desk/").status_code == 200
    assert client.get("/desk/sign-out/").status_code == 405
    old = client.cookies["session"].value
    assert client.post("/desk/sign-out/").url == "/desk/sign-in/"
    client.cookies["session"] = old
    assert client.get("/desk/").status_code == 302, "the old cookie is dead"


@pytest.mark.parametrize("blank", [True, False])
def test_errors_are_shown_as_on_every_form(client: Client, mo: User, blank: bool) -> None:
    page = sign_in(client, password="" if blank else "wrong").text
    assert "<title>Error: " in page and "There is a problem" in page
    assert "please" not in page.lower() and "wrong" not in page
    assert "Enter your password" in page if blank else "Check your username and password" in page


def test_an_unknown_name_and_a_wrong_password_read_the_same(client: Client, mo: User) -> None:
    known = sign_in(client, password="wrong").text
    unknown = sign_in(client, password="wrong", login="mp").text
    without = [page.split("csrfmiddlewaretoken")[0] for page in [known, unknown]]
    assert without[0] == without[1]


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_signing_in_leads_nowhere_else(client: Client, mo: User, elsewhere: str) -> None:
    assert sign_in(client, next=elsewhere).url == "/desk/"


def test_signing_in_gives_a_new_session(client: Client, mo: User) -> None:
    sign_in(client)
    first = client.cookies["session"].value
    client.post("/desk/sign-out/")
    sign_in(client)
    assert client.cookies["session"].value != first


def test_the_cookies_are_for_the_desk_alone(client: Client, mo: User) -> None:
    sign_in(client)
    for cookie in client.cookies.values():
        assert cookie["httponly"] and cookie["samesite"] in {"Lax", "Strict"}


def test_signing_in_needs_djangos_own_token(mo: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert sign_in(strict).status_code == 403
    strict.get("/desk/sign-in/")
    assert sign_in(strict, csrfmiddlewaretoken=strict.cookies["csrf"].value).status_code == 302
