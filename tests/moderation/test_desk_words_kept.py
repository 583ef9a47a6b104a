"""What a moderator typed is still there when the decision was not taken."""

import re

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from blog.models import Blog, Post
from moderation import editing
from moderation.models import Comment, Decision, Revision
from tests.database import whole_database
from tests.factories import make_comment, make_reason
from tests.moderation.writer import make_refused, now, send

pytestmark = pytest.mark.django_db
WORDS = "My long words to the writer"


def post_form(desk: Client, comment: Comment, name: str = "desk-decision", **typed: str | int) -> HttpResponse:
    """Send a form of the comment's page as it was at version 1, unless another is typed."""
    return desk.post(reverse(name, args=[comment.pk]), {"version": 1, "note": WORDS, **typed})


def test_in_the_form_with_its_rule_and_the_new_version(desk: Client, comment: Comment) -> None:
    reason = comment.post.blog.reasons.get()
    editing.edit(now(comment), Revision.Way.IN_PLACE, "Other words")
    answer = post_form(desk, comment, outcome="rejected", reason=reason.pk)
    assert answer.status_code == 409 and f"{WORDS}</textarea>" in answer.text
    assert re.search(rf'value="{reason.pk}"[^>]*checked>', answer.text)
    assert post_form(desk, comment, outcome="rejected", reason=reason.pk, version=2).status_code == 302
    assert 'name="version" value="1"' not in answer.text and "What you wrote" not in answer.text


def test_beside_it_when_somebody_else_decided(desk: Client, mo: User, comment: Comment) -> None:
    comment.decide(Decision.Outcome.APPROVED, by=mo, version=1)
    answer = post_form(desk, comment, outcome="change")
    assert answer.status_code == 409 and "What you wrote" in answer.text and WORDS in answer.text


def test_of_an_edit_that_was_replaced(desk: Client, post: Post) -> None:
    comment = make_comment(post, "approved")
    make_reason(post.blog)
    for words in ["First edit.", "Second try."]:
        editing.edit(now(comment), Revision.Way.PUBLISHED, words)
    answer = post_form(desk, comment, "desk-edit", outcome="kept", reason=post.blog.reasons.get().pk, version=2)
    assert answer.status_code == 409 and f"{WORDS}</textarea>" in answer.text


def test_of_an_answer_when_the_appeal_is_answered(desk: Client, client: Client, post: Post, mo: User) -> None:
    comment = make_refused(post, User.objects.create_user("priya"))
    send(client, comment, "appeal", words="It is on topic.")
    version = now(comment).version
    assert post_form(desk, comment, "desk-appeal", outcome="upheld", version=version).status_code == 302
    answer = post_form(desk, comment, "desk-appeal", outcome="upheld", version=version)
    assert answer.status_code == 409 and "What you wrote" in answer.text and WORDS in answer.text


def test_where_a_claim_is_required_first(desk: Client, comment: Comment) -> None:
    Blog.objects.update(claims="required")
    answer = post_form(desk, comment, outcome="change")
    assert answer.status_code == 409 and f"{WORDS}</textarea>" in answer.text


@pytest.mark.parametrize("unclaimed", [True, False])
def test_of_a_redaction(desk: Client, comment: Comment, unclaimed: bool) -> None:
    if unclaimed:
        Blog.objects.update(claims="required")
    else:
        editing.edit(now(comment), Revision.Way.IN_PLACE, "Well said, Bob.")
    answer = post_form(desk, comment, "desk-redaction", words="Well said")
    assert answer.status_code == 409 and "Well said</textarea>" in answer.text
    assert f'name="version" value="{now(comment).version}"' in answer.text
    assert unclaimed or 'name="version" value="1"' not in answer.text


FORMS = [("decision", "note"), ("note", "note"), ("redaction", "words"), ("official-reply", "reply")]


@pytest.mark.parametrize(("name", "field"), FORMS)
def test_when_signed_out_meanwhile_they_can_be_copied(client: Client, comment: Comment, name: str, field: str) -> None:
    before = whole_database()
    answer = client.post(reverse(f"desk-{name}", args=[comment.pk]), {"version": 1, field: "My <long> words"})
    assert answer.status_code == 403 and "My &lt;long&gt; words" in answer.text and "Well said." not in answer.text
    back = f"/desk/comments/{comment.pk}/{'official-reply/' if name == 'official-reply' else ''}"
    assert f'href="/desk/sign-in/?next={back}"' in answer.text
    assert answer["Cache-Control"] == "no-store, private" and whole_database() == before


@pytest.mark.parametrize(("name", "field"), FORMS)
def test_when_signed_in_anew_in_another_tab_they_can_be_copied(comment: Comment, name: str, field: str) -> None:
    before, strict = whole_database(), Client(enforce_csrf_checks=True)
    typed = {"version": 1, field: "My <long> words", "csrfmiddlewaretoken": "x" * 64}
    answer = strict.post(reverse(f"desk-{name}", args=[comment.pk]), typed)
    assert answer.status_code == 403 and "My &lt;long&gt; words" in answer.text and whole_database() == before


def test_a_form_of_another_site_shows_nothing_of_what_it_sends(comment: Comment) -> None:
    strict = Client(enforce_csrf_checks=True, headers={"Origin": "https://evil.example"})
    answer = strict.post(reverse("desk-note", args=[comment.pk]), {"note": "Call 0900 123"})
    assert answer.status_code == 403 and "0900" not in answer.text
