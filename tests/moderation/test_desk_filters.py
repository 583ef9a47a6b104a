"""What a list is narrowed by stands in its address: through pages, tabs and links, without a script."""

import datetime
import html
import itertools
import re

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from blog.models import Post
from moderation import keyset, narrowing, search
from moderation.models import Comment, Decision, Moderator, Proposal
from moderation.queue import TABS
from moderation.reports import Report
from moderation.revisions import Appeal, Revision
from tests.factories import make_blog, make_comment, make_notice, make_post
from tests.moderation.test_desk_queue import names, next_page

pytestmark = pytest.mark.django_db
PHONE = [{"kind": "phone", "start": 0, "end": 2}]


def test_what_was_decided_is_narrowed_to_one_outcome(desk: Client, post: Post) -> None:
    make_comment(post, "approved", name="Out", decided_at="2020-01-01T00:00Z")
    make_comment(post, "spam", name="Junk", decided_at="2020-01-01T00:00Z")
    assert names(desk.get("/desk/decided/?state=spam").text) == ["Junk"]
    assert "Decided as" not in desk.get("/desk/?state=spam").text


def href(page: str, words: str) -> str:
    """Where the first link with these words leads."""
    return html.unescape(re.search(rf'href="([^"]*)"[^>]*>\s*{words}', page)[1])


def many_of_one(post: Post, number: int, **fields: object) -> None:
    """So many of Ann's on this post, each followed by one of Bob's on another."""
    other = make_post(post.blog, title="Another post")
    for _ in range(number):
        make_comment(post, **fields)
        make_comment(other, name="Bob", text="Other words")


@pytest.mark.parametrize(
    ("asked", "fields"),
    [
        ("q=heliotrope", {"text": "A heliotrope"}),
        ("kind=phone", {"held": PHONE, "is_held": True}),
        ("band=late", {"due_at": "2020-01-01T00:00Z"}),
        ("post={post}", {}),
    ],
)
def test_the_next_page_is_narrowed_as_the_first(desk: Client, post: Post, asked: str, fields: dict) -> None:
    many_of_one(post, 26, **fields)
    first = desk.get(f"/desk/?{asked.format(post=post.pk)}").text
    second = desk.get(next_page(first)).text
    assert names(first) == ["Ann"] * 25 and names(second) == ["Ann"]


def test_the_next_page_of_one_blog_is_of_that_blog(post: Post) -> None:
    other = make_blog(name="Other", address="http://other.example")
    make_notice(other)
    elsewhere = make_post(other)
    for _ in range(26):
        make_comment(post)
        make_comment(elsewhere, name="Bob")
    root = Client()
    root.force_login(User.objects.create_superuser("root"))
    first = root.get(f"/desk/?blog={post.blog_id}").text
    assert names(first) + names(root.get(next_page(first)).text) == ["Ann"] * 26


def test_a_tab_is_narrowed_as_the_one_before(desk: Client, post: Post) -> None:
    make_comment(post, text="A heliotrope")
    make_comment(post, "spam", name="Sue", text="A heliotrope")
    make_comment(post, "spam", name="Other")
    page = desk.get("/desk/?q=heliotrope&band=late").text
    decided = href(page, "Decided")
    there = desk.get(decided).text
    assert names(there) == ["Sue"]
    assert href(there, "Held") == "/desk/held/?q=heliotrope&band=late"


def test_a_list_that_is_not_narrowed_leads_to_tabs_that_are_not(desk: Client, post: Post) -> None:
    assert href(desk.get("/desk/?after=1").text, "Decided") == "/desk/decided/"


def test_what_is_kept_is_no_markup(desk: Client, post: Post) -> None:
    page = desk.get("/desk/", {"q": '"><b>x'}).text
    assert "<b>x" not in page


def test_a_card_leads_to_its_post_alone_and_back(desk: Client, post: Post) -> None:
    many_of_one(post, 2)
    page = desk.get("/desk/?q=words").text
    page = desk.get(f"/desk/{href(page, 'Only this post')}").text
    assert names(page) == ["Bob", "Bob"] and "Only comments on “Another post”" in page and "Only this post" not in page
    page = desk.get(f"/desk/{href(page, 'Show all posts')}").text
    assert "Only this post" in page and 'value="words"' in page


def test_looking_for_words_stays_on_the_post(desk: Client, post: Post) -> None:
    page = desk.get(f"/desk/?post={post.pk}").text
    assert re.search(rf'<input type="hidden" name="post" value="{post.pk}"', page)


def test_a_post_of_another_desk_is_not_named(desk: Client) -> None:
    other = make_blog(name="Other", address="http://other.example")
    make_notice(other)
    page = desk.get(f"/desk/?post={make_post(other, title='Secret post').pk}").text
    assert "Secret post" not in page


def test_the_promise_narrows_no_list_on_which_no_clock_runs(desk: Client, post: Post) -> None:
    make_comment(post, "approved")
    page = desk.get("/desk/decided/?band=late").text
    assert names(page) == ["Ann"] and 'name="band"' not in page


def test_every_comment_that_a_rule_held_is_found_among_thousands(desk: Client, post: Post, monkeypatch) -> None:
    monkeypatch.setattr(narrowing, "MANY", 2)
    for place in range(4):
        make_comment(post, "approved", held=[{"kind": "link-count", "about": str(place)}], is_held=True)
    make_comment(post, "approved", name="Phone", held=PHONE, is_held=True)
    assert names(desk.get("/desk/decided/?kind=phone").text) == ["Phone"]


@pytest.mark.parametrize("kind", ["' OR 1=1", "$", '"', "phone'"])
def test_a_kind_that_there_is_not_narrows_nothing(desk: Client, post: Post, kind: str) -> None:
    make_comment(post)
    assert names(desk.get("/desk/", {"kind": kind}).text) == ["Ann"]


@pytest.mark.parametrize("few", [0, 1000])
@pytest.mark.parametrize("rare", [-1, 0, 2000])
def test_words_are_found_however_common_and_however_long_the_list(
    desk: Client, post: Post, monkeypatch: pytest.MonkeyPatch, few: int, rare: int
) -> None:
    monkeypatch.setattr(narrowing, "MANY", few)
    monkeypatch.setattr(search, "RARE", rare)
    monkeypatch.setattr(search, "SURELY_MANY", rare)
    make_comment(post, name="Waits", text="The heliotrope bridge")
    make_comment(post, "approved", name="Out", text="The heliotrope bridge")
    make_comment(post, name="Other")
    for url, found in [("/desk/", ["Waits"]), ("/desk/decided/", ["Out"]), ("/desk/held/", [])]:
        assert names(desk.get(f"{url}?q=heliotrope").text) == found


def one_of_each(post: Post, mo: User) -> None:
    """A comment for every list of the desk, each of its own post, with a parent and a history."""
    post = make_post(post.blog, title=f"Post {Post.objects.count()}")
    parent = make_comment(post, "approved")
    make_comment(post, parent=parent, held=PHONE, is_held=True, spam_percent=99)
    make_comment(post, "approved", parent=parent, unseen=True)
    Report.objects.make(make_comment(post, "approved", parent=parent), f"192.0.2.{post.pk}", "abuse")
    edited = make_comment(post, "approved", parent=parent)
    words = {"before": "a", "text": "b", "html": "b"}
    Revision.objects.create(comment=edited, way="published", state="waiting", version=1, **words)
    make_comment(post, parent=parent, escalated_at=timezone.now())
    refused = make_comment(post, parent=parent)
    refused.decide(Decision.Outcome.APPROVED, by=mo, version=1)
    refused.decide(Decision.Outcome.SPAM, by=mo, version=2)
    Appeal.objects.create(comment=refused, words="But why?")
    Proposal.objects.create(comment=make_comment(post, "approved"), version=1, outcome="spam", moderator=mo)


def asked(desk: Client, url: str) -> int:
    """How many SELECTs the page takes, those of a cursor included."""
    desk.get("/guidelines/")  # whoever comes first asks what the blog is
    with CaptureQueriesContext(connection) as queries:
        assert desk.get(url).status_code == 200
    return sum("SELECT " in entry["sql"] for entry in queries)


@pytest.fixture
def proved(post: Post) -> None:
    """The guess at spam was right often enough to sort."""
    Comment.objects.bulk_create(
        Comment(
            post=post, state="spam", spam_percent=97, decided_at="2020-01-01T00:00Z", notice=post.blog.notices.get()
        )
        for _ in range(60)
    )


@pytest.mark.usefixtures("proved")
@pytest.mark.parametrize("tab", TABS)
def test_a_full_page_takes_as_many_queries_as_one_row(desk: Client, mo: User, post: Post, tab: str) -> None:
    Moderator.objects.update(duty="lead")
    url, most = reverse(TABS[tab].url), 21 + {"proposed": 1, "decided": 1, "escalated": 2}.get(tab, 0)
    one_of_each(post, mo)
    one = asked(desk, url)
    for _ in range(26):
        one_of_each(post, mo)
    assert len(names(desk.get(url).text)) == 25
    assert asked(desk, url) == one == most


def test_an_empty_list_asks_for_no_card(desk: Client, post: Post) -> None:
    with CaptureQueriesContext(connection) as queries:
        desk.get("/desk/?q=words")
    assert not [entry for entry in queries if '"moderation_comment"."text"' in entry["sql"]]


def test_pages_together_are_the_whole_list_whatever_has_no_value(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyset, "PAGE", 3)
    moments = [None, *(timezone.now() + datetime.timedelta(hours=hours) for hours in [1, 2])]
    for due_at, confirmed_at, _twice in itertools.product(moments, moments, range(2)):
        make_comment(post, due_at=due_at, confirmed_at=confirmed_at)
    far = datetime.datetime.max.replace(tzinfo=datetime.UTC)
    whole = sorted(Comment.objects.all(), key=lambda one: (one.due_at or far, one.confirmed_at or far, one.pk))
    found: list[int] = []
    after: str | None = ""
    while after is not None:
        page = keyset.page(Comment.objects.all(), TABS["queue"].order, after)
        found, after = found + [one.pk for one in page.comments], page.after
    assert found == [one.pk for one in whole]
