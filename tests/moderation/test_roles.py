"""Who may open and send what of the desk: a table of every address, by what a person does there."""

from typing import Any

import pytest
from django.test import Client

from moderation.models import Comment
from tests.moderation.roles import ALL, OWN, ROLES, address

pytestmark = pytest.mark.django_db

SIGN_IN = 302  # to the page where one signs in
# Of each kind of page, by role: nobody, a moderator of another blog, viewer, moderator, lead, author, operator,
# superuser. Of two numbers the first is for GET, the second for POST; a POST says nothing that could be done.
KINDS: dict[str, list[Any]] = {
    "list": [SIGN_IN, (200, 405), (200, 405), (200, 405), (200, 405), (200, 405), (403, 405), (200, 405)],
    "figures": [SIGN_IN, (200, 405), (200, 405), (200, 405), (200, 405), (200, 405), (403, 403), (200, 405)],
    "queue": [SIGN_IN, (200, 200), (200, 403), (200, 200), (200, 200), (200, 200), (302, 403), (200, 200)],
    "ticked": [SIGN_IN, (200, 200), (200, 403), (200, 200), (200, 200), (200, 200), (403, 403), (200, 200)],
    "look": [SIGN_IN, (404, 405), (200, 405), (200, 405), (200, 405), (200, 405), (403, 403), (200, 405)],
    "decide": [SIGN_IN, (405, 404), (405, 403), (405, 422), (405, 422), (405, 422), (405, 404), (405, 422)],
    "act": [SIGN_IN, (405, 404), (405, 403), (405, 404), (405, 404), (405, 404), (405, 404), (405, 404)],
    "write": [SIGN_IN, (405, 404), (405, 403), (405, 422), (405, 422), (405, 422), (405, 404), (405, 422)],
    "address": [SIGN_IN, (405, 404), (405, 403), (405, 200), (405, 200), (405, 403), (405, 404), (405, 200)],
    "lead": [SIGN_IN, (403, 405), (403, 405), (403, 405), (200, 405), (403, 405), (403, 405), (200, 405)],
    "leads": [SIGN_IN, (403, 403), (403, 403), (403, 403), (200, 405), (403, 403), (403, 403), (200, 405)],
    "lead-act": [SIGN_IN, (403, 403), (403, 403), (403, 403), (405, 422), (403, 403), (403, 403), (405, 422)],
    "own-mail": [SIGN_IN, (200, 422), (200, 422), (200, 422), (200, 422), (200, 422), (200, 302), (200, 302)],
    "lead-on": [SIGN_IN, (410, 405), (410, 405), (410, 405), (410, 405), (410, 405), (410, 405), (410, 405)],
    "lists": [SIGN_IN, (403, 403), (403, 403), (403, 403), (200, 200), (403, 403), (403, 403), (200, 200)],
    "lists-act": [SIGN_IN, (405, 403), (405, 403), (405, 403), (405, 404), (405, 403), (405, 403), (405, 404)],
    "lists-bring": [SIGN_IN, (405, 403), (405, 403), (405, 403), (405, 422), (405, 403), (405, 403), (405, 422)],
    "lists-file": [SIGN_IN, (403, 405), (403, 405), (403, 405), (200, 405), (403, 405), (403, 405), (200, 405)],
    "speak": [SIGN_IN, (404, 404), (403, 403), (200, 422), (200, 422), (200, 422), (403, 403), (404, 404)],
    "mail": [SIGN_IN, (403, 403), (403, 403), (403, 403), (403, 403), (403, 403), (200, 405), (200, 405)],
    "mail-act": [SIGN_IN, (403, 403), (403, 403), (403, 403), (403, 403), (403, 403), (405, 404), (405, 404)],
    "mail-ask": [SIGN_IN, (403, 403), (403, 403), (403, 403), (403, 403), (403, 403), (404, 405), (404, 405)],
}
DESK = {
    "desk/": "queue",
    "desk/held/": "ticked",
    "desk/likely-spam/": "ticked",
    "desk/published/": "ticked",
    "desk/reported/": "list",
    "desk/edits/": "list",
    "desk/appeals/": "list",
    "desk/proposed/": "list",
    "desk/decided/": "list",
    "desk/figures/": "figures",
    "desk/records/": "leads",
    "desk/records/export/": "lead-act",
    "desk/records/file/": "lead-act",
    "desk/mail-to-me/": "own-mail",
    "desk/from-mail/<token:token>/": "lead-on",
    "desk/lists/": "lists",
    "desk/lists/<number:pk>/remove/": "lists-act",
    "desk/lists/export.csv": "lists-file",
    "desk/lists/import/": "lists-bring",
    "desk/comments/<number:pk>/": "look",
    "desk/comments/<number:pk>/decision/": "decide",
    "desk/comments/<number:pk>/edit/": "decide",
    "desk/comments/<number:pk>/appeal/": "decide",
    "desk/escalated/": "lead",
    "desk/comments/<number:pk>/claim/": "act",
    "desk/comments/<number:pk>/notes/": "write",
    "desk/comments/<number:pk>/address/": "address",
    "desk/comments/<number:pk>/redaction/": "write",
    "desk/comments/<number:pk>/proposal/": "act",
    "desk/comments/<number:pk>/preview/": "act",
    "desk/comments/<number:pk>/official-reply/": "speak",
    "desk/mail/": "mail",
    "desk/mail/<int:pk>/": "mail",
    "desk/mail/<int:pk>/preview/": "mail",
    "desk/mail/<int:pk>/recipients/": "mail-ask",
    "desk/mail/<int:pk>/act/": "mail-act",
}
OF_DESK = [route for route in ALL if route.startswith("desk/") and not route.startswith(OWN)]


def test_no_address_of_the_desk_is_missing_here() -> None:
    assert sorted(DESK) == OF_DESK


@pytest.mark.parametrize("route", OF_DESK)
def test_each_does_what_they_are_there_for(route: str, people: dict[str, Client], comment: Comment) -> None:
    url, told = address(route, comment), {}
    for role, client in people.items():
        told[role] = (client.get(url).status_code, client.post(url, {}).status_code)
    expected = dict(zip(ROLES, KINDS[DESK[route]], strict=True))
    expected["nobody"] = told["nobody"] if set(told["nobody"]) <= {302, 405} else (SIGN_IN, SIGN_IN)
    assert told == expected
    comment.refresh_from_db()
    assert comment.state == "pending"


def test_nobody_is_led_to_where_one_signs_in(client: Client, comment: Comment) -> None:
    for route in OF_DESK:
        for ask in [client.get, client.post]:
            answer = ask(address(route, comment))
            assert answer.status_code == 405 or answer.url.startswith("/desk/sign-in/?next=/desk/")


def test_a_viewer_is_offered_nothing_to_press(people: dict[str, Client], comment: Comment) -> None:
    for url in ["/desk/", f"/desk/comments/{comment.pk}/"]:
        page = people["viewer"].get(url).text
        assert "Well said." in page and 'name="outcome"' not in page and 'name="pick"' not in page


def test_an_operator_sees_mail_and_no_comment(people: dict[str, Client], comment: Comment) -> None:
    page = people["operator"].get("/desk/", follow=True)
    assert page.redirect_chain == [("/desk/mail/", 302)] and "Awaiting a decision" not in page.text
