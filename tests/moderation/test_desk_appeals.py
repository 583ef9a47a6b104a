"""/desk/appeals/ and /desk/comments/<id>/appeal/: somebody else than who refused a comment answers the appeal."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from blog.models import Blog, Post
from mail.models import Delivery, Mailout
from moderation.models import Appeal, Comment, Decision, Moderator
from tests.at_once import at_once
from tests.database import whole_database
from tests.factories import make_author, make_blog, make_comment, make_moderator, make_notice, make_post, make_reason
from tests.moderation.writer import make_refused, now, send, status_url

pytestmark = pytest.mark.django_db


@pytest.fixture
def priya(blog: Blog) -> User:
    """The blog's other moderator, who refuses."""
    return make_moderator(blog, "priya")


@pytest.fixture
def ann(client: Client, post: Post, priya: User, settings) -> Comment:
    """Ann's comment, which Priya refused; Ann appealed."""
    comment = make_refused(post, priya)
    Delivery.objects.all().delete()
    send(client, comment, "appeal", words="It is <on> topic.")
    return now(comment)


def answer(desk: Client, comment: Comment, outcome: str, version: int | str | None = None, **more: Any) -> HttpResponse:
    """Send the form of one button."""
    url = reverse("desk-appeal", args=[comment.pk])
    return desk.post(url, {"outcome": outcome, "version": version or now(comment).version, **more})


def test_the_tab_shows_the_refusal_and_the_appeal(desk: Client, ann: Comment) -> None:
    page = desk.get("/desk/appeals/").text
    assert "Appeals (1)" in page and "Rejected by priya" in page and "Stay on topic" in page
    assert "It is &lt;on&gt; topic." in page and "Well said." in page


def test_granted_the_comment_is_published_and_its_writer_told(
    desk: Client, client: Client, mo: User, ann: Comment
) -> None:
    done = answer(desk, ann, "approved")
    assert done.status_code == 302 and "Approved" in desk.get(done.url).text
    assert now(ann).state == "approved" and "Well said." in client.get(ann.post.get_absolute_url()).text
    assert "We have looked again" in Mailout.objects.get(deliveries__state="pending").text
    made = Decision.objects.last()
    assert (made.outcome, made.moderator, made.appeal.state) == ("approved", mo, "granted")
    assert "Appeals (0)" in desk.get("/desk/appeals/").text


def test_upheld_the_refusal_stands_and_its_writer_is_told_why(desk: Client, client: Client, ann: Comment) -> None:
    assert answer(desk, ann, "upheld", note="It is about boats.").status_code == 302
    assert now(ann).state == "rejected" and Appeal.objects.get().state == "upheld"
    told = Mailout.objects.get(deliveries__state="pending")
    assert "We still do not publish it" in " ".join(told.text.split()) and "It is about boats." in told.text
    page = client.get(status_url(ann)).text
    assert "Refusal upheld" in page and "It is about boats." in page and "Stay on topic" in page


def test_to_uphold_needs_words(desk: Client, ann: Comment) -> None:
    refused = answer(desk, ann, "upheld")
    assert refused.status_code == 422 and "Enter why the refusal stands" in refused.text


def test_whoever_refused_does_not_answer(ann: Comment, priya: User, mo: User) -> None:
    desk = Client()
    desk.force_login(priya)
    before = whole_database()
    assert "so somebody else answers the appeal" in desk.get(f"/desk/comments/{ann.pk}/").text
    refused = answer(desk, ann, "approved")
    assert refused.status_code == 403 and "so somebody else answers the appeal" in refused.text
    assert whole_database()["moderation_decision"] == before["moderation_decision"]


@pytest.mark.parametrize("others", ["nobody", "a viewer", "a closed account"])
def test_whoever_refused_answers_where_there_is_nobody_else(ann: Comment, priya: User, others: str) -> None:
    if others != "nobody":
        other = make_moderator(ann.post.blog, "vera")
        User.objects.filter(pk=other.pk).update(is_active=others != "a closed account")
        ann.post.blog.moderators.filter(user=other).update(duty="viewer" if others == "a viewer" else "moderator")
    desk = Client()
    desk.force_login(priya)
    assert answer(desk, ann, "approved").status_code == 302


def test_a_superuser_answers_unless_they_refused(client: Client, post: Post, mo: User) -> None:
    root = User.objects.create_superuser("root")
    desk = Client()
    desk.force_login(root)
    for refuser, status in [(mo, 302), (root, 403)]:
        comment = make_refused(post, refuser)
        send(client, comment, "appeal", words="Why?")
        assert answer(desk, comment, "approved").status_code == status


@pytest.mark.parametrize(("outcome", "state"), [("approved", "rejected"), ("upheld", "rejected")])
def test_an_undo_opens_it_again_and_cancels_the_mail(
    desk: Client, client: Client, ann: Comment, outcome: str, state: str
) -> None:
    done = answer(desk, ann, outcome, note="So.")
    assert 'value="reopened"' in desk.get(done.url).text
    assert answer(desk, ann, "reopened").status_code == 302
    assert (now(ann).state, Appeal.objects.get().state) == (state, "open")
    assert not Delivery.objects.filter(state="pending").exists()
    assert "Well said." not in client.get(ann.post.get_absolute_url()).text
    page = desk.get("/desk/appeals/").text
    assert "Rejected by priya" in page, "the refusal is in force again"
    assert answer(desk, ann, "approved").status_code == 302


def test_a_comment_that_is_refused_no_longer_needs_no_answer(desk: Client, ann: Comment) -> None:
    Comment.objects.filter(pk=ann.pk).update(state="pending")
    assert "No appeal awaits an answer" in desk.get("/desk/appeals/").text
    assert answer(desk, ann, "approved").status_code == 409


def test_a_slow_moderator_is_told_that_the_writer_appealed(
    desk: Client, client: Client, post: Post, priya: User
) -> None:
    comment = make_refused(post, priya)
    send(client, comment, "appeal", words="Why?")
    late = desk.post(reverse("desk-decision", args=[comment.pk]), {"outcome": "undone", "version": comment.version})
    assert late.status_code == 409 and "“Appealed” by the writer" in late.text


@pytest.mark.parametrize("outcome", ["", "rejected", "undone", "edited", "x"])
def test_what_is_no_answer_is_an_error(desk: Client, ann: Comment, outcome: str) -> None:
    assert answer(desk, ann, outcome).status_code == 422


@pytest.mark.parametrize("state", ["pending", "approved", "rejected", "withdrawn"])
def test_without_an_appeal_there_is_nothing_to_answer(desk: Client, post: Post, state: str) -> None:
    comment = make_comment(post, state)
    for outcome in ["approved", "upheld", "reopened"]:
        assert answer(desk, comment, outcome, note="So.").status_code == 409
    assert now(comment).state == state


def test_another_blogs_appeals_are_neither_seen_nor_answered(desk: Client) -> None:
    other = make_blog(address="http://other.example")
    make_notice(other)
    comment = make_refused(make_post(other), make_moderator(other, "zed"))
    send(Client(headers={"Host": "other.example"}), comment, "appeal", words="Far away.")
    assert "Far away" not in desk.get("/desk/appeals/").text
    assert answer(desk, comment, "approved").status_code == 404


@pytest.mark.parametrize("method", ["get", "head", "put", "delete"])
def test_only_a_post_answers(desk: Client, ann: Comment, method: str) -> None:
    url = reverse("desk-appeal", args=[ann.pk])
    assert getattr(desk, method)(f"{url}?outcome=approved&version={ann.version}").status_code == 405


@pytest.mark.django_db(transaction=True)
def test_of_ten_answers_at_once_exactly_one_wins(blog: Blog) -> None:
    comment = make_refused(make_post(blog), make_moderator(blog, "priya"))
    send(Client(), comment, "appeal", words="Why?")
    desks = [Client() for _ in range(10)]
    for number, desk in enumerate(desks):
        desk.force_login(make_moderator(blog, f"mo{number}"))
    acts = [
        lambda desk=desk, number=number: (
            answer(desk, comment, ["approved", "upheld"][number % 2], 3, note="So.").status_code
        )
        for number, desk in enumerate(desks)
    ]
    assert sorted(at_once(acts)) == [302] + [409] * 9
    made = Decision.objects.exclude(appeal=None).get()
    granted = made.outcome == "approved"
    assert (now(comment).state, Appeal.objects.get().state) == (
        ("approved", "granted") if granted else ("rejected", "upheld")
    )


def test_who_proposed_the_refusal_does_not_answer(client: Client, desk: Client, post: Post, priya: User) -> None:
    comment = make_comment(post, text="It rains.")
    reason = make_reason(post.blog, needs_second=True)
    url = reverse("desk-decision", args=[comment.pk])
    for person in [desk, signed_in(priya)]:
        person.post(url, {"outcome": "rejected", "reason": reason.pk, "version": now(comment).version})
    send(client, now(comment), "appeal", words="It is about rain.")
    assert now(comment).last_decision().moderator == priya
    assert answer(desk, comment, "approved").status_code == 302, "as long as there is nobody else"
    answer(desk, comment, "reopened")
    mia = signed_in(make_moderator(post.blog, "mia"))
    assert answer(desk, comment, "approved").status_code == 403
    assert answer(mia, comment, "approved").status_code == 302


def test_an_author_does_not_answer_about_their_own_post(desk: Client, blog: Blog, ann: Comment) -> None:
    author, paula = make_author(blog), make_moderator(blog, "paula")
    Moderator.objects.filter(user=paula).update(duty="author", author=author)
    ann.post.authors.add(author)
    refused = answer(signed_in(paula), ann, "upheld", note="It stands.")
    assert refused.status_code == 403 and "You had a part in this refusal" in refused.text
    assert answer(desk, ann, "approved").status_code == 302


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client
