"""/desk/records/: what people did, for leads; and a post's thread as a file."""

import csv
import io

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from blog.models import Blog, Post
from moderation.audit import Event
from moderation.models import Comment, Decision, Moderator, Reason
from tests.factories import make_blog, make_comment, make_moderator, make_notice, make_post, make_reason
from tests.moderation.writer import edit, make_refused, now, send

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
    assert page.index("Decided: Put back in the queue") < page.index("Decided: Marked as spam") and "Secret" not in page


def test_it_goes_on_by_pages(desk: Client, mo: User, blog: Blog) -> None:
    for number in range(60):
        Event.objects.note_down(Event.Kind.LIST_CHANGED, blog, mo, number=number)
    first = desk.get(URL).text
    link = first.split('href="/desk/records/?after=')[1].split('"')[0]
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
    assert rows[1][3:6] == ["Writer 1", "Call [redacted].", "Awaiting moderation"] and rows[1][7:10] == [
        "Rejected",
        "",
        "Stay on topic",
    ]
    assert rows[3][1] == str(comment.pk) and rows[3][4] == "'=HYPERLINK(1)"
    assert not {"Ann", "Bob", "mo"} & {cell for row in rows for cell in row} and "@" not in str(rows)


@pytest.mark.parametrize(("text", "told"), [
    ("I agree with Zebedee Quux, as zebedee quux knows.", "I agree with [redacted], as [redacted] knows."),
    ("To @Zebedee: it’s Quux’s bill. Will pays?", "To @[redacted]: it’s [redacted]’s bill. [redacted] pays?"),
    ("a quux in a Zebedee-like will", "a quux in a [redacted]-like will"), ("Zebedee", "[redacted]"), ("", ""),
])  # fmt: skip
def test_nor_are_writers_named_in_the_words_of_others(desk: Client, post: Post, mo: User, text: str, told: str) -> None:
    for name in ["Zebedee Quux", "Will", "A"]:
        make_comment(post, name=name, text=".")
    make_comment(post, name="B", text=text).decide(Decision.Outcome.CHANGE, by=mo, version=1, note=text)
    last = download(desk, post, redacted="on")[-1]
    assert (last[4], last[10]) == (told, told)


@pytest.mark.parametrize("redacted", [{"redacted": "on"}, {}])
def test_words_that_their_writer_took_back_are_not_in_it(desk: Client, post: Post, redacted: dict[str, str]) -> None:
    make_comment(post, "withdrawn", text="I took this back")
    row = download(desk, post, **redacted)[1]
    assert row[4:6] == ["", "Withdrawn"]


def test_a_rule_stands_in_it_as_it_was_when_it_was_quoted(desk: Client, post: Post, mo: User) -> None:
    comment = make_refused(post, mo)
    Reason.objects.update(title="Be kind", explanation="It was not kind.")
    assert download(desk, post)[1][9] == "Stay on topic"
    assert "Be kind" not in desk.get(reverse("desk-comment", args=[comment.pk])).text.split("History")[1]
    Decision.objects.update(reason_title="", reason_explanation="")  # from before that was kept
    assert download(desk, post)[1][9] == "Be kind"


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
    gone, kept = make_comment(post), make_comment(post)
    for comment in [gone, kept]:
        comment.decide(Decision.Outcome.SPAM, by=mo, version=1)
    Comment.objects.filter(pk=gone.pk).erase()
    page = desk.get(URL).text
    assert page.count("Decided: Marked as spam") == 2 and f"{gone.pk} (erased)" in page
    assert f"/desk/comments/{gone.pk}/" not in page and f">{kept.pk}</a>" in page


def test_decisions_about_edits_and_appeals_are_in_the_record_and_in_the_file(
    client: Client, desk: Client, mo: User, post: Post
) -> None:
    ann, bob = make_comment(post, "approved"), make_refused(post, make_moderator(post.blog, "mia"))
    edit(client, ann, "Quite other words.")
    send(client, bob, "appeal", words="It is on topic.")
    for comment, where, outcome in [(ann, "desk-edit", "kept"), (bob, "desk-appeal", "upheld")]:
        form = {
            "outcome": outcome,
            "version": now(comment).version,
            "note": "No.",
            "reason": post.blog.reasons.get().pk,
        }
        assert desk.post(reverse(where, args=[comment.pk]), form).status_code == 302
    page, file = desk.get(URL).text, [row[7] for row in download(desk, post)]
    for words in ["Did not publish the edit", "Upheld the refusal"]:
        assert f"Decided: {words}" in page and words in file


def test_the_file_says_who_looked_and_what_a_mode_did(desk: Client, mo: User, post: Post) -> None:
    comment = make_comment(post)
    Event.objects.note_down(Event.Kind.ADDRESS_SEEN, post.blog, mo, comment)
    Event.objects.note_down(Event.Kind.PUBLISHED, post.blog, None, comment)
    assert [row[7:9] for row in download(desk, post)[1:]] == [
        ["Looked at the address", "mo"],
        ["Published at once, as a regular’s", "the blog’s mode"],
    ]
    assert [row[8] for row in download(desk, post, redacted="on")[1:]] == ["", ""]


def days(desk: Client, since: str, until: str, **fields: str) -> str:
    answer = desk.post("/desk/records/file/", {"since": since, "until": until, **fields})
    assert answer.status_code == 200 and "record-20" in answer["Content-Disposition"]
    return b"".join(answer).decode("utf-8-sig")


def test_the_record_of_a_period_tells_of_erased_comments_without_names(desk: Client, mo: User, post: Post) -> None:
    comment = make_comment(post)
    comment.decide(Decision.Outcome.SPAM, by=mo, version=1)
    number = comment.pk
    Comment.objects.filter(pk=number).erase()
    Event.objects.note_down(Event.Kind.LIST_CHANGED, post.blog, mo, entry="Zebedee")
    today = f"{timezone.localdate():%d/%m/%Y}"
    file = days(desk, today, today, redacted="on")
    assert f"Decided: Marked as spam,{number},," in file and "Changed a list" in file
    assert "mo," not in file and "Zebedee" not in file
    named = days(desk, today, today)
    assert f"Decided: Marked as spam,{number},mo,outcome: spam" in named and "entry: Zebedee" in named
    assert named.count("Exported") == 2, "who took it is in it, too"


def test_a_period_before_holds_nothing_and_one_of_no_use_is_an_error(desk: Client, mo: User, blog: Blog) -> None:
    Event.objects.note_down(Event.Kind.LIST_CHANGED, blog, mo)
    assert "Changed a list" not in days(desk, "01/01/2020", "31/01/2020")
    wrong = desk.post("/desk/records/file/", {"since": "02/02/2020", "until": "01/02/2020"})
    assert wrong.status_code == 422 and "Last day must be the same as or after the first day" in wrong.text
    assert "Enter a date, like 31/12/2026" in desk.post("/desk/records/file/", {"since": "soon"}).text
