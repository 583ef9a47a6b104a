"""How long things are kept: one table for readers, from the settings that the clock obeys; and its dry run."""

import datetime
import re
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from blog.models import Blog, Post
from mail import tasks as mail_tasks
from mail.models import SoftBounce
from moderation import tasks as moderation_tasks
from moderation.models import Comment, Note
from moderation.revisions import Appeal
from postbag import retention
from postbag.forget import KINDS
from sharing import tasks as sharing_tasks
from tests.database import where_in_database, whole_database
from tests.factories import (
    make_comment,
    make_delivery,
    make_mailout,
    make_moderator,
    make_post,
    make_subscription,
)

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)
DOCS = Path(__file__).parent.parent / "docs" / "privacy.md"


@pytest.fixture
def post(blog: Blog) -> Post:
    return make_post(blog, published_at=ago(500))


def ago(days: float) -> datetime.datetime:
    return timezone.now() - days * DAY


def has_address(comment: Comment) -> bool:
    """After the clock has come by."""
    moderation_tasks.forget()
    comment.refresh_from_db()
    assert bool(comment.address) == bool(comment.mailbox)
    return bool(comment.address)


def test_the_privacy_page_shows_the_times_of_the_settings(client: Client, blog: Blog, settings) -> None:
    page = client.get("/privacy/").text
    assert "30 days after the decision" in page and "48 hours" in page and 'href="/my/"' in page
    settings.REFUSED_ADDRESS_DAYS = 1
    assert "1 day after the decision" in client.get("/privacy/").text, "also where the page is kept"


def test_the_page_without_the_table_would_be_another(client: Client, blog: Blog) -> None:
    rows = client.get("/privacy/").text.count('<tr class="govuk-table__row">')
    assert rows == len(retention.table()) + 1


def test_each_setting_of_the_table_stands_in_the_docs() -> None:
    words = DOCS.read_text()
    fixed = {"COMMENT_CONFIRM_HOURS": "48 hours", "SUBSCRIPTION_CONFIRM_DAYS": "7 days"}
    for kept in retention.table():
        assert not kept.setting or fixed.get(kept.setting, f"`POSTBAG_{kept.setting}`") in words


def test_each_time_of_the_docs_stands_in_the_table() -> None:
    rows = [line for line in DOCS.read_text().splitlines() if line.startswith("|")]
    named = set(re.findall(r"`POSTBAG_(\w+_DAYS)`", " ".join(rows)))
    assert named == {kept.setting for kept in retention.table() if kept.setting.endswith("_DAYS")} - {
        "SUBSCRIPTION_CONFIRM_DAYS",
        "REPLY_DAYS",
    }


@pytest.mark.parametrize(("days", "kept"), [(29, True), (31, False)])
def test_who_wants_no_notices_is_forgotten_after_the_approval(post: Post, days: int, kept: bool) -> None:
    assert has_address(make_comment(post, "approved", decided_at=ago(days))) is kept


@pytest.mark.parametrize(("days", "kept"), [(31, True), (394, True), (396, False)])
def test_who_wants_notices_is_kept_until_none_can_go(post: Post, days: int, kept: bool) -> None:
    assert has_address(make_comment(post, "approved", decided_at=ago(days), wants_replies=True)) is kept


@pytest.mark.parametrize(("days", "kept"), [(29, True), (31, False)])
@pytest.mark.parametrize("row", [Post, Blog])
def test_closing_by_hand_starts_the_clock(post: Post, row, days: int, kept: bool) -> None:
    comment = make_comment(post, "approved", decided_at=ago(100), wants_replies=True)
    row.objects.update(comments_open=False, comments_closed_at=ago(days))
    assert has_address(comment) is kept


@pytest.mark.parametrize(("days", "kept"), [(29, True), (31, False)])
def test_so_does_the_age_of_the_post(post: Post, days: int, kept: bool) -> None:
    comment = make_comment(post, "approved", decided_at=ago(100), wants_replies=True)
    Blog.objects.update(close_after_days=500 - days)
    assert has_address(comment) is kept


def test_a_post_that_was_taken_down_has_no_more_notices(post: Post) -> None:
    comment = make_comment(post, "approved", decided_at=ago(31), wants_replies=True)
    Post.objects.update(state="withdrawn")
    assert not has_address(comment)


def test_who_ends_the_notices_is_forgotten(post: Post) -> None:
    comment = make_comment(post, "approved", decided_at=ago(100), wants_replies=True)
    assert has_address(comment)
    Comment.objects.update(wants_replies=False)
    assert not has_address(comment)


@pytest.mark.parametrize(("age", "kept"), [(40, True), (181, False)])
def test_an_open_appeal_keeps_the_address_until_it_is_answered(post: Post, age: int, kept: bool) -> None:
    comment = make_comment(post, "rejected", decided_at=ago(200))
    Appeal.objects.create(comment=comment, words="Look again.", made_at=ago(age))
    assert has_address(comment) is kept


@pytest.mark.parametrize(("days", "left"), [(29, 1), (31, 0)])
def test_withdrawn_comments_go(post: Post, days: int, left: int) -> None:
    make_comment(post, "withdrawn", decided_at=ago(days))
    moderation_tasks.forget()
    assert Comment.objects.count() == left


@pytest.mark.parametrize(("days", "left"), [(364, 1), (366, 0)])
def test_notes_about_writers_go_and_those_about_comments_stay(post: Post, days: int, left: int) -> None:
    person, comment = make_moderator(post.blog), make_comment(post)
    Note.objects.create(blog=post.blog, mailbox="x", person=person, text="Kind.", written_at=ago(days))
    Note.objects.create(blog=post.blog, comment=comment, person=person, text="Odd.", written_at=ago(days))
    moderation_tasks.forget()
    assert Note.objects.exclude(mailbox="").count() == left and Note.objects.filter(comment=comment).exists()


def one_of_each(post: Post) -> None:
    """A row of each kind that is due."""
    make_comment(post, "unconfirmed", submitted_at=ago(3))
    make_comment(post, "pending", confirmed_at=ago(181))
    make_comment(post, "rejected", decided_at=ago(31))
    make_comment(post, "approved", decided_at=ago(31))
    make_comment(post, "withdrawn", decided_at=ago(31), address="")
    Comment.objects.get(state="approved").reports.create(kind="spam", reporter="x", weight=1, decided_at=ago(91))
    person = make_moderator(post.blog)
    Note.objects.create(blog=post.blog, mailbox="x", person=person, text="Kind.", written_at=ago(366))
    make_subscription(post.blog, state="unconfirmed", asked_at=ago(8))
    make_subscription(post.blog, state="ended", ended_at=ago(29))
    make_delivery(make_mailout(state="done", closed_at=ago(8)), state="accepted")
    SoftBounce.objects.create(mailbox="x", day=ago(31).date())


def dry_run() -> str:
    said = StringIO()
    call_command("forget", "--dry-run", stdout=said)
    return said.getvalue()


def test_a_dry_run_counts_and_changes_nothing(post: Post) -> None:
    one_of_each(post)
    before = whole_database()
    said = dry_run()
    assert whole_database() == before
    for kind in KINDS:
        assert f"       1  {kind.name}\n" in said, kind
    assert "@" not in said and "Ann" not in said and said.endswith("Nothing was changed.\n")


def test_the_command_does_what_the_clock_does(post: Post) -> None:
    one_of_each(post)
    call_command("forget", stdout=StringIO())
    by_hand = whole_database()
    for task in [moderation_tasks, sharing_tasks, mail_tasks]:
        task.forget()
    assert whole_database() == by_hand
    assert dry_run().count("       0  ") == len(KINDS)
    assert where_in_database("sue@example.org") == where_in_database("ann@example.org") == []


def test_the_clock_does_what_the_command_does(post: Post) -> None:
    one_of_each(post)
    for task in [moderation_tasks, sharing_tasks, mail_tasks]:
        task.forget()
    assert dry_run().count("       0  ") == len(KINDS)
