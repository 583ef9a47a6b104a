"""What moderators do around a decision: claims, notes, the address, redactions, previews; and what the page shows."""

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from blog.models import Blog, Post
from mail.models import Delivery
from moderation import claims, record
from moderation.audit import Event
from moderation.lists import ListEntry
from moderation.models import Comment, Note
from moderation.reports import Report
from tests.database import whole_database
from tests.factories import make_blog, make_comment, make_moderator, make_notice, make_post, make_reason

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann(post: Post) -> Comment:
    return make_comment(post, text="Call me on 020 7946 0018, Bob.")


def send(desk: Client, name: str, comment: Comment, **fields: object) -> HttpResponse:
    return desk.post(reverse(f"desk-{name}", args=[comment.pk]), fields)


def page(desk: Client, comment: Comment) -> str:
    return desk.get(reverse("desk-comment", args=[comment.pk])).text


def kinds() -> list[str]:
    return list(Event.objects.values_list("kind", flat=True))


def test_the_writers_record_shows_and_the_address_does_not(desk: Client, ann: Comment, post: Post) -> None:
    assert "First comment" in page(desk, ann)
    for state in ["approved", "rejected", "spam", "pending", "unconfirmed"]:
        make_comment(post, state)
    make_comment(post, "approved", address="bob@example.org")
    shown = page(desk, ann)
    assert "has sent 4 other comments" in shown and "1 published, 2 refused" in shown and "ann@" not in shown


def test_the_record_is_of_this_blog_alone_and_takes_one_query(ann: Comment, django_assert_num_queries) -> None:
    other = make_blog(address="http://other.example")
    make_notice(other)
    make_comment(make_post(other), "approved")
    with django_assert_num_queries(1):
        assert record.of(ann).others == 0
    ann.mailbox = ""
    assert record.of(ann) is None


def test_the_address_shows_once_and_that_is_recorded(desk: Client, ann: Comment, mo: User) -> None:
    assert "ann@example.org" in send(desk, "address", ann).text
    event = Event.objects.get()
    assert (event.kind, event.person, event.comment_number) == ("address-seen", mo, ann.pk)
    again = page(desk, ann)
    assert "ann@example.org" not in again and "Looked at the address, mo" in again


def test_claim_and_give_back(desk: Client, ann: Comment, blog: Blog, mo: User) -> None:
    send(desk, "claim", ann, act="claim")
    mia = Client()
    mia.force_login(make_moderator(blog, "mia"))
    assert "You have had this since" in page(desk, ann) and "mo has had this since" in page(mia, ann)
    assert "mo has had this since" in mia.get("/desk/").text
    answer = send(mia, "claim", ann, act="claim")
    assert answer.status_code == 409 and "mo has had this comment since" in answer.text
    send(desk, "claim", ann, act="release")
    ann.refresh_from_db()
    assert claims.holder(ann) is None and kinds() == ["claimed", "released"]


@pytest.mark.parametrize("script", [True, False])
def test_where_a_claim_is_required_a_decision_without_one_is_refused(
    desk: Client, ann: Comment, blog: Blog, script: bool
) -> None:
    Blog.objects.update(claims="required")
    headers = {"HX-Request": "true"} if script else {}
    url, decision = reverse("desk-decision", args=[ann.pk]), {"outcome": "approved", "version": 1}
    answer = desk.post(url, decision, headers=headers)
    assert answer.status_code == 409 and "Claim this comment before you decide it" in answer.text
    claims.claim(ann, make_moderator(blog, "mia"))
    answer = desk.post(url, decision, headers=headers)
    assert answer.status_code == 409 and "mia has had this comment since" in answer.text
    assert ("<html" in answer.text) is not script
    claims.release(ann, User.objects.get(username="mia"))
    send(desk, "claim", ann, act="claim")
    assert desk.post(url, decision).status_code == 302
    assert desk.post(url, {"outcome": "undone", "version": 2}).status_code == 302, "an undo needs none"


def test_bulk_leaves_alone_what_needs_a_claim(desk: Client, ann: Comment) -> None:
    Blog.objects.update(claims="required")
    assert "Not decided" in desk.post("/desk/", {"pick": f"{ann.pk}:1", "outcome": "approved"}).text


def test_notes_on_the_comment_and_on_the_writer(desk: Client, ann: Comment, post: Post) -> None:
    send(desk, "note", ann, note="Asked the office.")
    send(desk, "note", ann, note="Knows <bridges>.", about="writer")
    other = make_comment(post)
    assert "Asked the office." in page(desk, ann) and "Knows &lt;bridges&gt;." in page(desk, ann)
    assert "Asked the office." not in page(desk, other) and "Knows &lt;bridges&gt;." in page(desk, other)


@pytest.mark.parametrize("words", ["", "  ", "\0", "a" * 2001])
def test_a_note_that_says_nothing_or_too_much_is_an_error(desk: Client, ann: Comment, words: str) -> None:
    answer = send(desk, "note", ann, note=words)
    assert answer.status_code == 422 and "<title>Error: " in answer.text and not Note.objects.exists()


def test_redaction_leaves_a_mark_and_a_trace(desk: Client, ann: Comment) -> None:
    assert send(desk, "redaction", ann, words="020 7946 0018", version=1).status_code == 302
    ann.refresh_from_db()
    assert ann.text == "Call me on [removed by a moderator], Bob." and "removed by a moderator" in ann.html
    assert not ann.held and ann.version == 2 and "redacted" in kinds()
    shown = page(desk, ann)
    assert "Removed words, mo" in shown and "<del>" in shown
    assert "7946" not in str(list(Event.objects.values()))


@pytest.mark.parametrize(
    ("words", "version", "status"), [("", 1, 422), ("Cem", 1, 422), ("Bob", 2, 409), ("Bob", "x", 422)]
)
def test_what_cannot_be_redacted_is_left(desk: Client, ann: Comment, words: str, version: object, status: int) -> None:
    assert send(desk, "redaction", ann, words=words, version=version).status_code == status
    ann.refresh_from_db()
    assert ann.text == "Call me on 020 7946 0018, Bob."


@pytest.mark.parametrize("words", ["020 7946\r\n\r\n0018", "020  7946 0018", " 020\t7946 0018\n"])
def test_words_are_found_however_they_are_spaced(desk: Client, ann: Comment, words: str) -> None:
    Comment.objects.filter(pk=ann.pk).update(text="Call 020 7946\n\n0018, or 020  7946 0018, Bob.")
    assert send(desk, "redaction", ann, words=words, version=1).status_code == 302
    ann.refresh_from_db()
    assert ann.text == "Call [removed by a moderator], or [removed by a moderator], Bob."
    assert Event.objects.get(kind="redacted").details["places"] == 2


def test_a_form_for_words_is_open_to_marks(desk: Client, ann: Comment) -> None:
    shown = page(desk, ann)
    assert shown.count("data-words") == 1 and "data-mark-words hidden" in shown and "<textarea" in shown


@pytest.mark.parametrize(
    ("text", "words", "left"),
    [
        ("an annual plan of an Ann", "an", "[] annual plan of [] Ann"),
        ("Bob's, not Bobby's", "Bob", "[]'s, not Bobby's"),
        ("so (bad): too bad:-", "bad)", "so ([]: too bad:-"),
        ("Müller, Müllers", "Müller", "[], Müllers"),
        ("我叫张伟住在北京", "张伟", "我叫[]住在北京"),
    ],
)
def test_only_whole_words_are_removed(desk: Client, ann: Comment, text: str, words: str, left: str) -> None:
    Comment.objects.filter(pk=ann.pk).update(text=text)
    assert send(desk, "redaction", ann, words=words, version=1).status_code == 302
    ann.refresh_from_db()
    assert ann.text == left.replace("[]", "[removed by a moderator]")


def test_a_part_of_a_word_is_not_found(desk: Client, ann: Comment) -> None:
    assert send(desk, "redaction", ann, words="Bo", version=1).status_code == 422


def test_what_is_published_is_not_redacted(desk: Client, post: Post) -> None:
    comment = make_comment(post, "approved")
    assert send(desk, "redaction", comment, words="Well", version=1).status_code == 409


def test_a_preview_shows_the_mail_and_sends_nothing(desk: Client, ann: Comment) -> None:
    reason, before = make_reason(ann.post.blog), whole_database
    rows = before()
    answer = send(desk, "preview", ann, preview="rejected", version=1, reason=reason.pk, note="Not <here>.")
    assert "was not published" in answer.text and "It was not about the post." in answer.text
    assert answer.text.count("Not &lt;here&gt;.") == 2, "in the mail, and in the form still"
    assert whole_database() == rows and not Delivery.objects.exists()
    assert send(desk, "preview", ann, preview="rejected", version=1).status_code == 422


def test_reports_are_shown_with_their_words(desk: Client, post: Post) -> None:
    comment = make_comment(post, "approved")
    Report.objects.make(comment, "192.0.2.1", "abuse", "He <shouts>.")
    shown = page(desk, comment)
    assert "It is abusive or hateful" in shown and "He &lt;shouts&gt;." in shown


def test_what_is_listed_as_abuse_is_hidden_until_somebody_asks(desk: Client, post: Post) -> None:
    ListEntry.objects.create(blog=post.blog, kind="words", entry="rotter", blur=True)
    comment = make_comment(post, text="You rotter.")
    Comment.objects.filter(pk=comment.pk).update(**comment.judged())
    for shown in [desk.get("/desk/").text, page(desk, comment)]:
        assert "Show the text" in shown and shown.index("<details") < shown.index("rotter</mark>")
    assert "Show the text" not in page(desk, make_comment(post))
