"""/desk/records/: what people did, for leads; and a post's thread as a file."""

import csv
import io

import pytest
from django.contrib.auth.models import User
from django.test import Client

from blog.models import Blog, Post
from moderation.audit import Event
from moderation.models import Comment, Decision, Moderator
from tests.factories import make_blog, make_comment, make_notice, make_post, make_reason

pytestmark = pytest.mark.django_db
URL, FILE = "/desk/records/", "/desk/records/export/"


@pytest.fixture(autouse=True)
def lead(mo: User) -> None:
    Moderator.objects.update(duty="lead")


def download(desk: Client, post: Post, **fields: str) -> list[list[str]]:
    answer = desk.post(FILE, {"post": post.full_url(), **fields})
    assert answer.status_code == 200 and answer["Content-Disposition"].endswith('.csv"')
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_it_shows_who_did_what_the_newest_first(desk: Client, mo: User, post: Post) -> None:
    comment = make_comment(post, text="Secret words")
    comment.decide(Decision.Outcome.SPAM, by=mo, version=1)
    comment.decide(Decision.Outcome.UNDONE, by=mo, version=2)
    page = desk.get(URL).text
    assert page.index("Decided: undone") < page.index("Decided: spam") and "Secret" not in page


def test_it_goes_on_by_pages(desk: Client, mo: User, blog: Blog) -> None:
    for number in range(60):
        Event.objects.note_down(Event.Kind.LIST_CHANGED, blog, mo, number=number)
    first = desk.get(URL).text
    link = first.split('href="?after=')[1].split('"')[0]
    assert first.count("Changed a list") == 50 and desk.get(URL, {"after": link}).text.count("Changed a list") == 10


def test_it_holds_nothing_of_other_blogs(desk: Client, mo: User) -> None:
    other = make_blog(name="Other blog", address="http://other.example")
    make_notice(other)
    Event.objects.note_down(Event.Kind.LIST_CHANGED, other, mo)
    assert "Changed a list" not in desk.get(URL).text
    assert desk.post(FILE, {"post": make_post(other).full_url()}).status_code == 422


def test_the_file_has_the_thread_and_its_decisions_without_names(desk: Client, mo: User, post: Post) -> None:
    comment = make_comment(post, text="Call 020 7946 0018.")
    reply = make_comment(post, parent=comment, name="Bob", address="bob@example.org", text="=HYPERLINK(1)")
    make_comment(post, "unconfirmed", text="Nobody proved this")
    comment.decide(Decision.Outcome.REJECTED, by=mo, version=1, reason=make_reason(post.blog), note="Sorry.")
    comment.decide(Decision.Outcome.UNDONE, by=mo, version=2)
    rows = download(desk, post, redacted="on")
    assert [row[0] for row in rows] == ["comment", str(comment.pk), str(comment.pk), str(reply.pk)]
    assert rows[1][3:6] == ["Writer 1", "Call [redacted].", "pending"] and rows[1][7:10] == [
        "rejected",
        "",
        "Stay on topic",
    ]
    assert rows[3][1] == str(comment.pk) and rows[3][4] == "'=HYPERLINK(1)"
    assert not {"Ann", "Bob", "mo"} & {cell for row in rows for cell in row} and "@" not in str(rows)


def test_with_names_where_that_is_asked_for(desk: Client, post: Post, mo: User) -> None:
    make_comment(post).decide(Decision.Outcome.APPROVED, by=mo, version=1)
    assert download(desk, post)[1][3] == "Ann" and download(desk, post)[1][8] == "mo"


def test_who_took_a_file_is_recorded(desk: Client, mo: User, post: Post) -> None:
    download(desk, post, redacted="on")
    event = Event.objects.get()
    assert (event.kind, event.person, event.details) == ("exported", mo, {"post": post.pk, "redacted": True})


@pytest.mark.parametrize("typed", ["", "x", "http://testserver/2020/01/01/none/", "\0", "http://[", "a" * 501])
def test_what_is_no_post_is_an_error(desk: Client, post: Post, typed: str) -> None:
    answer = desk.post(FILE, {"post": typed})
    assert answer.status_code == 422 and "<title>Error: " in answer.text and not Event.objects.exists()


def test_an_erased_comment_leaves_its_decisions_in_the_record(desk: Client, mo: User, post: Post) -> None:
    comment = make_comment(post)
    comment.decide(Decision.Outcome.SPAM, by=mo, version=1)
    Comment.objects.filter(pk=comment.pk).erase()
    assert f">{comment.pk}</a>" in desk.get(URL).text
