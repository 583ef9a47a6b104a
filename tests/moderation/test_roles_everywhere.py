"""Who may open and send what outside the desk: every address of the site, none left out."""

from typing import Any

import pytest
from django.test import Client

from moderation.models import Comment
from tests.database import whole_database
from tests.factories import make_author, make_category
from tests.moderation.roles import ALL, OWN, ROLES, address

pytestmark = pytest.mark.django_db

# For everybody, whoever they are: a moderator who reads is a reader. The first number is for GET, the second for a POST
# that says nothing. The comment awaits a decision, so no public page has it, and no link is one that was mailed.
PUBLIC = {
    "": (200, 405),
    "<yyyy:year>/<dd:month>/<dd:day>/<slug:slug>/": (200, 405),
    "<yyyy:year>/<dd:month>/<dd:day>/<slug:slug>/comments/": (302, 422),
    "<yyyy:year>/<dd:month>/<dd:day>/<slug:slug>/comments/<number:parent>/reply/": (404, 405),
    "<yyyy:year>/<dd:month>/<dd:day>/<slug:slug>/comments/<number:root>/": (404, 405),
    "<yyyy:year>/<dd:month>/<dd:day>/<slug:slug>/comments/feed/": (200, 405),
    "accessibility/": (200, 405),
    "author/<slug:slug>/": (200, 405),
    "category/<slug:slug>/": (200, 405),
    "comments/<number:pk>/": (404, 405),
    "comments/<number:pk>/report/": (404, 404),
    "comments/<number:pk>/reported/": (200, 405),
    "comments/confirm/<token:token>/": (410, 410),
    "comments/feed/": (200, 405),
    "comments/new/<number:pk>/": (302, 422),
    "comments/new/forget-me/": (200, 200),
    "comments/proof/<number:pk>/": (200, 405),
    "comments/replies/end/<token:token>/": (410, 410),
    "comments/sent/<token:token>/": (410, 405),
    "comments/sent/<token:token>/address/": (410, 410),
    "comments/sent/<token:token>/again/": (410, 410),
    "comments/sent/<token:token>/code/": (410, 410),
    "comments/status/<token:token>/": (410, 405),
    "comments/status/<token:token>/appeal/": (410, 410),
    "comments/status/<token:token>/edit/": (410, 410),
    "comments/status/<token:token>/replies/": (405, 410),
    "comments/status/<token:token>/withdraw/": (410, 410),
    "cookies/": (200, 405),
    "guidelines/": (200, 405),
    "guidelines/figures/": (404, 405),
    "inbox/": (200, 405),
    "inbox/<slug:key>/": (404, 405),
    "inbox/<slug:key>/html/": (404, 405),
    "inbox/deletion/": (405, 302),
    "inbox/messages.json": (200, 405),
    "mail/stop/<token:token>/": (410, 410),
    "moderators/mail/end/<token:token>/": (410, 410),
    "my/": (200, 422),
    "my/<token:token>/": (410, 405),
    "my/<token:token>/alerts/<number:pk>/ending/": (405, 410),
    "my/<token:token>/comments/<number:pk>/withdrawal/": (410, 410),
    "my/<token:token>/data.csv": (410, 405),
    "my/<token:token>/data.json": (410, 405),
    "my/<token:token>/erasure/": (410, 410),
    "my/sent/": (200, 405),
    "privacy/": (200, 405),
    "subscribe/": (200, 422),
    "subscribe/confirm/<token:token>/": (410, 410),
    "subscribe/sent/": (200, 405),
    "unsubscribe/<token:token>/": (410, 410),
}
# For who is not signed in, and for all that are, whatever they do there: one's own account. tests/signin has the rest.
ACCOUNT = {
    "desk/account/": ((302, 302), (200, 405)),
    "desk/account/again/": ((302, 302), (200, 200)),
    "desk/account/again/code/": ((302, 302), (302, 302)),
    "desk/account/again/passkey/": ((302, 302), (302, 302)),
    "desk/account/app/": ((302, 302), (200, 200)),
    "desk/account/app/remove/": ((302, 302), (404, 404)),
    "desk/account/passkeys/": ((302, 302), (200, 405)),
    "desk/account/passkeys/<number:pk>/": ((302, 302), (404, 404)),
    "desk/account/passkeys/<number:pk>/remove/": ((302, 302), (404, 404)),
    "desk/account/passkeys/new/": ((302, 302), (200, 200)),
    "desk/account/password/": ((302, 302), (200, 200)),
    "desk/account/recovery/": ((302, 302), (404, 405)),
    "desk/account/recovery/codes.txt": ((302, 302), (404, 404)),
    "desk/account/recovery/new/": ((302, 302), (200, 200)),
    "desk/sign-in/": ((200, 200), (302, 302)),
    "desk/sign-in/closed/": ((200, 405), (200, 405)),
    "desk/sign-in/code/": ((302, 302), (302, 302)),
    "desk/sign-in/passkey/": ((302, 302), (302, 302)),
    "desk/sign-out/": ((405, 302), (405, 302)),
}
OF_DESK = [route for route in ALL if route.startswith("desk/") and not route.startswith(OWN)]
OF_ADMIN = [route for route in ALL if route.startswith("admin/")]
OF_API = [route for route in ALL if route.startswith("api/")]
SIGNING_IN = ["admin/login/", "admin/logout/"]  # leads to the pages above; and to refuse who has no business there


def asked(client: Client, url: str) -> tuple[int, int]:
    return client.get(url).status_code, client.post(url, {}).status_code


def without_sessions() -> dict[str, list[tuple[Any, ...]]]:
    """All but what the admin tells one person on their next page."""
    return {table: rows for table, rows in whole_database().items() if table != "django_session"}


def test_no_address_of_the_site_is_left_out() -> None:
    assert sorted([*PUBLIC, *ACCOUNT, *OF_DESK, *OF_ADMIN, *OF_API]) == ALL
    assert all([OF_DESK, OF_ADMIN, OF_API])


def test_readers_pages_are_the_same_for_everybody(people: dict[str, Client], comment: Comment) -> None:
    make_author(comment.post.blog)
    make_category(comment.post.blog, "Priya Nair")
    for route, expected in PUBLIC.items():
        url = address(route, comment)
        told = {role: asked(client, url) for role, client in people.items()}
        assert told == dict.fromkeys(ROLES, expected), route


def test_no_reader_s_page_has_a_comment_that_awaits_a_decision(people: dict[str, Client], comment: Comment) -> None:
    make_author(comment.post.blog)
    for route in [*PUBLIC, *OF_API]:
        for role, client in people.items():
            answer = client.get(address(route, comment))
            assert "Well said." not in answer.text and "Signed in as" not in answer.text, (route, role)


@pytest.mark.parametrize("route", ACCOUNT)
def test_everybody_signs_in_and_has_an_account_of_their_own(
    route: str, people: dict[str, Client], comment: Comment
) -> None:
    nobody, signed_in = ACCOUNT[route]
    for client in people.values():
        client.post("/desk/account/again/", {"password": "correct horse battery"})  # for what asks who you are again
    told = {role: asked(client, address(route, comment)) for role, client in people.items()}
    assert told == {**dict.fromkeys(ROLES, signed_in), "nobody": nobody}


def test_the_admin_is_for_superusers(people: dict[str, Client], comment: Comment) -> None:
    root = people.pop("superuser")
    for route in OF_ADMIN:
        url = address(route, comment)
        assert root.get(url).status_code < 500, route
        if route not in SIGNING_IN:
            for role, client in people.items():
                assert client.post(url, {}).status_code == 302, (route, role)
                answer = client.get(url)
                assert answer.status_code == 302, (route, role)
                assert answer.url.startswith("/admin/login/?next=/admin/"), (route, role)


def test_who_has_no_business_in_the_admin_is_not_let_in_by_its_own_door(people: dict[str, Client]) -> None:
    told = {role: people[role].get("/admin/login/").status_code for role in ROLES}
    assert told == {**dict.fromkeys(ROLES, 403), "nobody": 302, "superuser": 302}


def test_to_ask_for_every_page_changes_nothing(people: dict[str, Client], comment: Comment) -> None:
    ways_in = [*ACCOUNT, *SIGNING_IN]
    routes = [route for route in ALL if route not in ways_in]
    urls = [address(route, comment) for route in routes]
    for client in [people["nobody"], people["lead"], people["superuser"]]:
        before = without_sessions()
        for url in urls:
            client.get(url)
            client.head(url)
        assert without_sessions() == before


@pytest.mark.parametrize("route", OF_API)
def test_the_api_answers_everybody_alike(route: str, people: dict[str, Client], comment: Comment) -> None:
    url = address(route, comment)
    for method in ["get", "post", "put", "patch", "delete"]:
        told = {role: getattr(client, method)(url).status_code for role, client in people.items()}
        assert len(set(told.values())) == 1 and told["nobody"] != 500, told
