"""/desk/lists/: entries added, tried, removed, and carried as CSV, by those who lead a desk."""

import datetime
import itertools
import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models.signals import pre_save
from django.http import HttpResponse
from django.test import Client

from blog.models import Blog, Post
from mail.addresses import mailbox
from moderation.audit import Event
from moderation.lists import ListEntry
from moderation.models import Comment, Moderator
from tests.factories import make_blog, make_comment

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(desk: Client, mo: User) -> Client:
    Moderator.objects.filter(user=mo).update(duty="lead")
    return desk


def add(lead: Client, blog: Blog, /, **changed: str) -> HttpResponse:
    written = {"kind": "words", "entry": "casino", "blog": str(blog.pk), "expires_on": "", "why": "", **changed}
    return lead.post("/desk/lists/", written)


def bring(lead: Client, text: str) -> HttpResponse:
    return lead.post("/desk/lists/import/", {"file": SimpleUploadedFile("lists.csv", text.encode())})


def entries() -> list[str]:
    return [f"{entry.kind} {entry.entry}" for entry in ListEntry.objects.all()]


def test_an_entry_is_added_and_recorded(lead: Client, blog: Blog) -> None:
    assert add(lead, blog, shadow="on", expires_on="31/12/2026", why="Much of it").status_code == 302
    page = lead.get("/desk/lists/").text
    assert "casino" in page and "Shadow" in page and "stops counting on 31 December 2026" in page
    assert ListEntry.objects.get().expires_on == datetime.date(2026, 12, 31)
    assert Event.objects.get().details == {"what": "added", "listed": "words", "entry": "casino"}


@pytest.mark.parametrize(("changed", "error"), [
    ({"entry": ""}, "Enter what is listed"), ({"kind": ""}, "Select what is listed"), ({"blog": ""}, "Select a blog"),
    ({"kind": "pattern", "entry": "("}, "The pattern cannot be used: missing"), ({"kind": "domain"}, "Enter a domain"),
    ({"kind": "pattern", "entry": r"(x)\1"}, "The pattern cannot be used"), ({"kind": "no"}, "Select what is listed"),
    ({"expires_on": "soon"}, "Enter a date, like 31/12/2026"), ({"blog": "99"}, "Select a blog"),
])  # fmt: skip
def test_what_cannot_be_used_is_refused_beside_its_field(lead: Client, blog: Blog, changed, error: str) -> None:
    answer = add(lead, blog, **changed)
    assert answer.status_code == 422 and error in answer.text and entries() == []


def test_one_can_try_it_first(lead: Client, blog: Blog, post: Post) -> None:
    make_comment(post, name="Bob", text="To the casino"), make_comment(post, name="Cem")
    page = add(lead, blog, **{"try": "1"}).text
    assert (
        "Of the last 2 comments it would have held 1" in page
        and "Bob" in page
        and "Cem" not in page
        and entries() == []
    )


def test_what_one_tries_shows_no_abuse_in_the_clear(lead: Client, blog: Blog, post: Post) -> None:
    make_comment(post, name="Bob", text="You rotter", held=[{"kind": "listed-words", "blur": True}])
    page = add(lead, blog, entry="rotter", **{"try": "1"}).text
    assert "Bob" in page and "You rotter" not in page and "it may be abusive" in page


def test_the_record_does_not_know_a_listed_address_again(lead: Client, blog: Blog) -> None:
    add(lead, blog, kind="writer", entry="bob@example.net")
    assert Event.objects.get().details == {"what": "added", "listed": "writer", "entry": "address"}


@pytest.mark.parametrize(("kind", "entry", "told"), [
    ("words", "ann@example.org", "[redacted]"), ("pattern", r"^ann@example\.org$", "[redacted]"),
    ("words", "call 020 7946 0018", "call [redacted]"), ("writer", "@spam.example", "@spam.example"),
])  # fmt: skip
def test_the_record_keeps_no_address_that_is_listed(lead: Client, blog: Blog, kind: str, entry: str, told: str) -> None:
    add(lead, blog, kind=kind, entry=entry)
    assert entries() == [f"{kind} {entry}"] and Event.objects.get().details["entry"] == told


def test_an_entry_is_removed_and_recorded(lead: Client, blog: Blog) -> None:
    add(lead, blog)
    lead.post(f"/desk/lists/{ListEntry.objects.get().pk}/remove/")
    assert entries() == [] and Event.objects.count() == 2


def test_the_file_comes_back_as_it_went(lead: Client, blog: Blog) -> None:
    add(lead, blog, kind="pattern", entry="=cmd", why="+1")
    text = lead.get("/desk/lists/export.csv").content.decode()
    assert "'=cmd" in text and "'+1" in text, "no formula"
    ListEntry.objects.all().delete()
    assert bring(lead, text).status_code == 302
    assert entries() == ["pattern =cmd"] and ListEntry.objects.get().why == "+1"


def test_an_entry_can_hide_the_text_of_what_it_holds(lead: Client, blog: Blog, post: Post) -> None:
    add(lead, blog, entry="rotter", blur="on")
    text = lead.get("/desk/lists/export.csv").content.decode()
    ListEntry.objects.all().delete()
    bring(lead, text)
    held = make_comment(post, text="You rotter")
    Comment.objects.filter(pk=held.pk).update(**held.judged())
    assert "Hides the text" in lead.get("/desk/lists/").text
    assert "which may be abusive" in lead.get("/desk/").text


def test_of_a_bad_file_nothing_is_added_and_its_line_is_named(lead: Client, blog: Blog) -> None:
    answer = bring(lead, f"kind,entry,blog\nwords,casino,{blog.name}\npattern,(,{blog.name}\n")
    assert answer.status_code == 422 and "Line 3: The pattern cannot be used" in answer.text and entries() == []


def test_a_file_that_names_no_blog_of_ours_adds_nothing(admin_client: Client, blog: Blog) -> None:
    answer = bring(admin_client, "kind,entry,blog\nwords,casino,Digtal blog\n")
    assert answer.status_code == 422 and "Line 2: Select a blog" in answer.text and entries() == []


def test_what_is_listed_already_stays_as_it_is(lead: Client, blog: Blog) -> None:
    add(lead, blog, kind="pattern", entry="'=cmd")
    assert bring(lead, lead.get("/desk/lists/export.csv").text).status_code == 302
    assert entries() == ["pattern '=cmd"]
    assert "This is listed already" in add(lead, blog, kind="pattern", entry="'=cmd").text


def test_a_file_with_the_line_ends_of_old_macs_is_read(lead: Client, blog: Blog) -> None:
    assert bring(lead, f"kind,entry,blog\rwords,casino,{blog.name}\r").status_code == 302
    assert entries() == ["words casino"]


def test_a_file_that_is_too_large_is_refused_as_a_whole(lead: Client, blog: Blog) -> None:
    text = f"kind,entry,blog\nwords,casino,{blog.name}\n" + "\n" * 1_000_000
    answer = bring(lead, text)
    assert answer.status_code == 422 and "must be smaller than 1 MB" in answer.text and entries() == []


def test_a_file_asks_the_database_little_and_is_recorded_once(
    lead: Client, blog: Blog, django_assert_max_num_queries: Any
) -> None:
    lines = "".join(f"words,word{n},{blog.name}\n" for n in [*range(300), 0])
    with django_assert_max_num_queries(40):
        assert bring(lead, f"kind,entry,blog\n{lines}").url.endswith("?added=300")
    assert ListEntry.objects.count() == 300
    assert Event.objects.get().details == {"what": "added", "listed": "file", "entries": 300}


@pytest.mark.postgres  # SQLite has no such constraint: it cannot count an empty blog as one
def test_a_double_click_on_add_is_told_that_it_is_listed_already(lead: Client, blog: Blog) -> None:
    def overtake(instance: ListEntry, **_: Any) -> None:
        ListEntry.objects.bulk_create([ListEntry(kind=instance.kind, entry=instance.entry, blog=instance.blog)])

    pre_save.connect(overtake, sender=ListEntry)
    try:
        answer = add(lead, blog)
    finally:
        pre_save.disconnect(overtake, sender=ListEntry)
    assert answer.status_code == 422 and "This is listed already" in answer.text


@pytest.mark.parametrize("text", ["x" * 132_000, "a,b\n1,2\n", "\x00", "kind,entry\n"])
def test_what_is_no_such_file_is_refused(lead: Client, blog: Blog, text: str) -> None:
    assert bring(lead, text).status_code == 422


def test_addresses_do_not_leave_and_are_not_kept(lead: Client, blog: Blog) -> None:
    add(lead, blog, kind="writer", entry="bob@example.net")
    assert "bob" not in lead.get("/desk/lists/export.csv").text and "bob@" not in lead.get("/desk/lists/").text


@pytest.mark.parametrize("duty", ["viewer", "moderator", "author", "operator"])
def test_only_a_lead_keeps_lists(lead: Client, blog: Blog, duty: str) -> None:
    Moderator.objects.update(duty=duty)
    assert lead.get("/desk/lists/").status_code == 403 and add(lead, blog).status_code == 403
    assert lead.get("/desk/lists/export.csv").status_code == 403 and bring(lead, "x").status_code == 403


def test_another_blogs_entries_are_not_ones_own(lead: Client, blog: Blog) -> None:
    other = make_blog(name="Other", address="http://other.example")
    theirs = ListEntry.objects.create(kind="words", entry="secretword", blog=other)
    everybody = ListEntry.objects.create(kind="words", entry="forall")
    assert "secretword" not in lead.get("/desk/lists/").text and "forall" in lead.get("/desk/lists/").text
    assert [lead.post(f"/desk/lists/{entry.pk}/remove/").status_code for entry in [theirs, everybody]] == [404, 404]
    assert add(lead, other).status_code == 422


def test_looking_changes_nothing(lead: Client, blog: Blog) -> None:
    add(lead, blog)
    assert lead.get(f"/desk/lists/{ListEntry.objects.get().pk}/remove/").status_code == 405
    assert lead.get("/desk/lists/import/").status_code == 405 and entries() == ["words casino"]


def test_many_entries_are_on_pages(lead: Client, blog: Blog) -> None:
    ListEntry.objects.bulk_create(ListEntry(blog=blog, kind="words", entry=f"word{n:03}") for n in range(101))
    first = lead.get("/desk/lists/?added=1").text
    assert "added=" not in first, "the next page says it again"
    assert "word100" in first and "word001" in first and "word000" not in first
    second = lead.get(re.search(r'href="([^"]*after=\d+)"', first)[1]).text
    assert "word000" in second and "word001" not in second
    assert lead.get("/desk/lists/?after=soon").status_code == 200


def test_after_a_file_of_no_use_an_entry_can_still_be_added(lead: Client, blog: Blog) -> None:
    page = lead.post("/desk/lists/import/", {}).text
    assert '<form action="/desk/lists/" method="post"' in page


def test_addresses_whose_hashes_begin_alike_are_two_entries(lead: Client, blog: Blog) -> None:
    seen: dict[str, str] = {}
    for address in (f"ann{number}@example.net" for number in itertools.count()):
        if (begins := mailbox(address)[:6]) in seen:
            break
        seen[begins] = address
    for one in [address, seen[begins], address]:
        add(lead, blog, kind="writer", entry=one)
    assert ListEntry.objects.count() == 2


def test_it_says_how_many_were_added(lead: Client, blog: Blog) -> None:
    assert "1 entry is added" in lead.get(add(lead, blog, entry="rotter").url).text
    file = f"kind,entry,blog\nwords,rotter,{blog.name}\nwords,cad,{blog.name}\nwords,bounder,{blog.name}\n"
    assert "2 entries are added" in lead.get(bring(lead, file).url).text
    assert "0 entries are added, because all are listed already" in lead.get(bring(lead, file).url).text


@pytest.mark.parametrize("added", ["", "x", "-1", "1e3", "99999", "\u0663"])
def test_no_number_says_nothing(lead: Client, added: str) -> None:
    page = lead.get("/desk/lists/", {"added": added})
    assert page.status_code == 200 and "added-title" not in page.text
