"""What somebody sends about a comment that they have no say in: whole forms, which do something for others."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client

from moderation.models import Comment
from tests.database import whole_database
from tests.factories import make_comment, make_reason
from tests.moderation.roles import ALL
from tests.moderation.writer import edit, make_refused, now, send

pytestmark = pytest.mark.django_db
People = dict[str, Client]
ONE = "desk/comments/<number:pk>/"


def waiting(comment: Comment, people: People) -> Comment:
    """One that awaits a decision."""
    return comment


def edited(comment: Comment, people: People) -> Comment:
    """One with an edit that awaits a decision."""
    published = make_comment(comment.post, "approved")
    edit(Client(), published, "Well meant.")
    return now(published)


def appealed(comment: Comment, people: People) -> Comment:
    """One that the lead refused, with an appeal."""
    refused = make_refused(comment.post, User.objects.get(username="lead"))
    send(Client(), refused, "appeal", words="Why?")
    return now(refused)


def proposed(comment: Comment, people: People) -> Comment:
    """One that the lead would refuse."""
    reason = make_reason(comment.post.blog, needs_second=True)
    form = {"outcome": "rejected", "reason": reason.pk, "version": comment.version}
    people["lead"].post(f"/desk/comments/{comment.pk}/decision/", form)
    return now(comment)


SENT: list[tuple[str, Callable[[Comment, People], Comment], dict[str, str]]] = [
    ("decision", waiting, {"outcome": "approved"}),
    ("decision", waiting, {"outcome": "escalated"}),
    ("edit", edited, {"outcome": "edited"}),
    ("appeal", appealed, {"outcome": "approved"}),
    ("claim", waiting, {"act": "claim"}),
    ("notes", waiting, {"note": "Ann again.", "about": "writer"}),
    ("address", waiting, {}),
    ("redaction", waiting, {"words": "said"}),
    ("proposal", proposed, {"act": "confirm"}),
    ("proposal", proposed, {"act": "drop"}),
    ("preview", waiting, {"preview": "change", "note": "Leave out the name."}),
    ("official-reply", waiting, {"reply": "Thank you."}),
]
SHOWN = {"address", "preview"}  # on the page that comes back


def test_no_act_on_a_comment_is_missing_here() -> None:
    acts = {route.removeprefix(ONE).strip("/") for route in ALL if route.startswith(ONE)} - {""}
    assert acts == {act for act, _, _ in SENT}


@pytest.mark.parametrize(("act", "what", "words"), SENT)
def test_who_has_no_say_in_it_does_nothing(
    act: str, what: Callable[[Comment, People], Comment], words: dict[str, str], people: People, comment: Comment
) -> None:
    comment = what(comment, people)
    url, form = f"/desk/comments/{comment.pk}/{act}/", {**words, "version": comment.version}
    before = whole_database()
    told = {role: people[role].post(url, form).status_code for role in ["elsewhere", "operator", "viewer"]}
    assert told == {"elsewhere": 404, "operator": 403 if act == "official-reply" else 404, "viewer": 403}
    assert whole_database() == before
    assert people["moderator"].post(url, form).status_code == (200 if act in SHOWN else 302), "it is a whole form"
    assert (whole_database() == before) is (act == "preview")
