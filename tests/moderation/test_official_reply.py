"""/desk/comments/<id>/official-reply/: staff answer in their own name and role."""

import re

import pytest
from django.contrib.auth.models import User
from django.core import mail as django_mail
from django.test import Client
from django.urls import reverse

from blog.models import Post
from moderation.models import Comment, Decision, Moderator
from tests.database import whole_database
from tests.factories import make_blog, make_comment, make_moderator, make_notice, make_post

pytestmark = pytest.mark.django_db
OFFICIAL = '<strong class="govuk-tag comment__tag">Official reply</strong>'


@pytest.fixture(autouse=True)
def _mo_has_a_name(mo: User) -> None:
    Moderator.objects.update(name="Mo Patel", role="Content designer")


def url(comment: Comment) -> str:
    """Where an official reply to it is written."""
    return reverse("desk-official-reply", args=[comment.pk])


def write(desk: Client, comment: Comment, reply: str = "Thank you.\n\nWe will.", **changed: object):
    """Send the form as the desk shows it."""
    return desk.post(url(comment), {"reply": reply, "version": comment.version, **changed})


def test_it_is_published_at_once_below_what_it_answers(desk: Client, client: Client, mo: User, post: Post) -> None:
    comment = make_comment(post, "approved")
    answer = write(desk, comment)
    said = Comment.objects.get(parent=comment)
    assert answer.status_code == 302 and answer["Location"] == reverse("desk-comment", args=[said.pk])
    assert (said.state, said.name, said.official) == (
        "approved",
        "Mo Patel",
        "Content designer, Department of Examples",
    )
    assert (said.root, said.address, said.mailbox) == (comment, "", "")
    (decision,) = said.decisions.all()
    assert (decision.outcome, decision.moderator) == (Decision.Outcome.APPROVED, mo)
    page = re.sub(r"\s+", " ", client.get(post.get_absolute_url()).text)
    assert f'{OFFICIAL} <span class="govuk-visually-hidden">by</span> <bdi class="comment__name">Mo Patel</bdi>' in page
    assert "<bdi>Content designer, Department of Examples</bdi>" in page
    assert '<p dir="auto">Thank you.</p><p dir="auto">We will.</p>' in page


def test_it_approves_a_comment_that_awaits_a_decision(desk: Client, post: Post, send_mail) -> None:
    comment = make_comment(post)
    assert write(desk, comment).status_code == 302
    comment.refresh_from_db()
    assert comment.state == "approved" and comment.decisions.count() == 1
    assert not [mail for mail in django_mail.outbox if mail.to == [""]]


@pytest.mark.parametrize("state", ["rejected", "spam", "withdrawn"])
def test_what_is_not_public_cannot_be_answered(desk: Client, post: Post, state: str) -> None:
    comment = make_comment(post, state)
    assert "Write an official reply" not in desk.get(reverse("desk-comment", args=[comment.pk])).text
    answer = write(desk, comment)
    assert answer.status_code == 409 and not Comment.objects.filter(parent=comment).exists()
    assert "We will." in answer.text, "the words are kept"


def test_a_comment_that_changed_meanwhile_is_not_answered(desk: Client, mo: User, post: Post) -> None:
    comment = make_comment(post)
    comment.decide(Decision.Outcome.SPAM, by=mo, version=1)
    answer = write(desk, comment, version=1)
    assert answer.status_code == 409 and "has changed since you opened it" in answer.text and "We will." in answer.text
    assert not Comment.objects.filter(parent=comment).exists()


def test_a_second_click_is_the_same_reply(desk: Client, post: Post) -> None:
    comment = make_comment(post)
    places = {write(desk, comment)["Location"] for _ in range(3)}
    assert len(places) == 1 and Comment.objects.filter(parent=comment).count() == 1


def test_its_page_on_the_desk_tells_of_no_address_and_no_confirmation(desk: Client, post: Post) -> None:
    page = desk.get(write(desk, make_comment(post))["Location"]).text
    assert "An official reply, written at the desk" in page and "Approved, mo" in page
    assert "no longer kept" not in page and "Address confirmed" not in page and "Submitted" not in page


@pytest.mark.parametrize("reply", ["", "   ", "\u200b\u00ad", "x" * 5001])
def test_nothing_and_too_much_are_refused(desk: Client, post: Post, reply: str) -> None:
    comment = make_comment(post, "approved")
    answer = write(desk, comment, reply)
    assert answer.status_code == 422 and "There is a problem" in answer.text
    assert not Comment.objects.filter(parent=comment).exists()


def test_a_moderator_without_a_name_has_no_form(desk: Client, post: Post) -> None:
    Moderator.objects.update(name="")
    comment = make_comment(post, "approved")
    assert "You have no name that readers may see" in desk.get(reverse("desk-comment", args=[comment.pk])).text
    assert write(desk, comment).status_code == 409 and not Comment.objects.filter(parent=comment).exists()


def test_the_accounts_full_name_will_do_and_its_user_name_never(desk: Client, mo: User, post: Post) -> None:
    Moderator.objects.update(name="", role="")
    mo.first_name, mo.last_name = "Mo", "Patel"
    mo.save()
    write(desk, make_comment(post, "approved"))
    said = Comment.objects.latest("pk")
    assert (said.name, said.official) == ("Mo Patel", "Department of Examples")


def test_it_is_for_moderators_of_that_blog_alone(client: Client, desk: Client, post: Post) -> None:
    other = make_blog(address="http://other.example")
    make_notice(other)
    comment, theirs = make_comment(post, "approved"), make_comment(make_post(other), "approved")
    assert write(desk, theirs).status_code == 404
    assert write(client, comment).status_code == 403 and not Comment.objects.filter(parent=comment).exists()
    root = Client()
    root.force_login(User.objects.create_superuser("root"))
    assert write(root, comment).status_code == 404, "whoever speaks for a blog is named in it"
    elsewhere = Client()
    elsewhere.force_login(make_moderator(other, "mel"))
    assert write(elsewhere, comment).status_code == 404 and Comment.objects.count() == 2


def test_it_is_for_those_who_decide(desk: Client, mo: User, post: Post) -> None:
    Moderator.objects.update(duty="viewer")
    comment = make_comment(post, "approved")
    assert write(desk, comment).status_code == 403
    assert "Write an official reply" not in desk.get(reverse("desk-comment", args=[comment.pk])).text


def test_markup_in_it_is_text(desk: Client, client: Client, post: Post) -> None:
    Moderator.objects.update(name="<b>Mo</b>", role="<i>Lead</i>")
    write(desk, make_comment(post, "approved"), "<script>alert(1)</script>")
    page = client.get(post.get_absolute_url()).text
    assert "&lt;b&gt;Mo&lt;/b&gt;" in page and "&lt;i&gt;Lead&lt;/i&gt;" in page and "<script>alert" not in page


def test_no_reader_can_draw_its_mark(client: Client, post: Post) -> None:
    make_comment(post, "approved", name="Official reply by Mo", text=f"{OFFICIAL} Mo Patel\n\nOfficial reply")
    page = client.get(post.get_absolute_url()).text
    assert "comment--official" not in page and OFFICIAL not in page and page.count('<strong class="govuk-tag') == 0


def test_looking_changes_nothing(desk: Client, post: Post) -> None:
    comment = make_comment(post)
    before = whole_database()
    for ask in [desk.head, desk.get]:
        answer = ask(url(comment))
        assert answer.status_code == 200 and answer["Cache-Control"] == "no-store, private"
    assert whole_database() == before


def test_the_same_words_after_an_undo_are_published_again(desk: Client, post: Post) -> None:
    comment = make_comment(post)
    write(desk, comment)
    said = Comment.objects.exclude(official="").get()
    for one in [comment, said]:
        one.refresh_from_db()
        desk.post(reverse("desk-decision", args=[one.pk]), {"outcome": "undone", "version": one.version})
    comment.refresh_from_db()
    write(desk, comment)
    assert set(Comment.objects.values_list("pk", "state")) == {(comment.pk, "approved"), (said.pk, "approved")}
