"""Comments that are closed: why, since when, until when; and pages that change at their minute by themselves."""

import datetime
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import Permission, User
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from blog.closures import Closed, Closure, Why
from blog.models import Blog, Post
from tests.factories import make_blog, make_comment, make_notice, make_post
from tests.moderation.reader import send_comment

pytestmark = pytest.mark.django_db
MINUTE, HOUR, DAY = (datetime.timedelta(**{unit: 1}) for unit in ["minutes", "hours", "days"])
START = datetime.datetime(2026, 11, 2, 9, 0, tzinfo=ZoneInfo("Europe/London"))


@pytest.fixture
def clock(time_machine) -> Iterator:
    time_machine.move_to(START, tick=False)
    return time_machine


@pytest.fixture
def post(clock, blog: Blog) -> Post:
    """Published on Monday 2 November at 9:00."""
    return make_post(blog, title="A new bridge")


def window(blog: Blog | None, starts_at: datetime.datetime, length: datetime.timedelta, notice: str = "") -> Closure:
    return Closure.objects.create(
        blog=blog, starts_at=starts_at, ends_at=starts_at + length, notice=notice or "There is an election."
    )


def reason(post: Post) -> Closed | None:
    """As whoever asks now is told."""
    return Post.objects.get(pk=post.pk).closure()


def is_open(client: Client, post: Post, host: str = "testserver") -> bool:
    return "<textarea" in client.get(post.get_absolute_url(), headers={"Host": host}).text


def test_a_post_that_is_closed_remembers_since_when(clock, client: Client, post: Post) -> None:
    post.comments_open = False
    post.save()
    clock.move_to(START + 9 * DAY)
    post.save()
    assert reason(post) == Closed(Why.POST, START)
    assert "Comments on this post have been closed since 2 November 2026." in client.get(post.get_absolute_url()).text
    post.comments_open = True
    post.save()
    assert reason(post) is None and Post.objects.get().comments_closed_at is None


def test_so_does_a_whole_blog(clock, client: Client, blog: Blog, post: Post) -> None:
    assert is_open(client, post)
    blog.comments_open = False
    blog.save()
    clock.move_to(START + DAY)
    blog.save()
    assert reason(post) == Closed(Why.BLOG, START)
    assert "Comments on this blog have been closed since 2 November 2026." in client.get(post.get_absolute_url()).text
    blog.comments_open = True
    blog.save()
    assert is_open(client, post)


def test_a_post_closed_before_that_was_remembered_says_no_date(client: Client, post: Post) -> None:
    Post.objects.update(comments_open=False)
    assert "Comments on this post are closed." in client.get(post.get_absolute_url()).text


def test_comments_close_some_days_after_publication(clock, client: Client, blog: Blog, post: Post) -> None:
    blog.close_after_days = 14
    blog.save()
    clock.move_to(START + 14 * DAY - datetime.timedelta(seconds=1))
    assert is_open(client, post)
    clock.move_to(START + 14 * DAY)
    page = client.get(post.get_absolute_url()).text
    assert "Comments on this post closed on 16 November 2026" in page and "<textarea" not in page
    assert reason(post) == Closed(Why.AGE, START + 14 * DAY)


def test_each_post_closes_at_its_own_minute(clock, client: Client, blog: Blog, post: Post) -> None:
    """Also the one that is not the newest."""
    blog.close_after_days = 2
    blog.save()
    clock.move_to(START + DAY)
    newer = make_post(blog, title="Newer")
    for moment, shown in [(1 * DAY, (True, True)), (2 * DAY, (False, True)), (3 * DAY, (False, False))]:
        clock.move_to(START + moment)
        assert (is_open(client, post), is_open(client, newer)) == shown


def test_a_window_closes_and_opens_by_itself(clock, client: Client, blog: Blog, post: Post) -> None:
    window(blog, START + HOUR, DAY, notice="There is an <election>.\n\nCome back later.")
    for moment, shown in [(0 * HOUR, True), (HOUR, False), (HOUR + DAY - MINUTE, False), (HOUR + DAY, True)]:
        clock.move_to(START + moment)
        assert is_open(client, post) is shown, moment
    clock.move_to(START + 2 * HOUR)
    page = client.get(post.get_absolute_url()).text
    assert "There is an &lt;election&gt;.</p>" in page
    assert "Comments closed on 2 November 2026. Comments open again on 3 November 2026 at 10:00." in page


def test_the_page_from_the_cache_changes_at_the_minute(clock, client: Client, blog: Blog, post: Post) -> None:
    window(blog, START + HOUR, HOUR)
    etags = []
    for minutes in [0, 59, 60, 119, 120, 180]:
        clock.move_to(START + minutes * MINUTE)
        etags.append(client.get(post.get_absolute_url())["ETag"])
    assert etags[0] == etags[1] and etags[2] == etags[3] and etags[4] == etags[5] and len(set(etags)) == 3


def test_a_window_for_all_blogs_closes_all(clock, client: Client, blog: Blog, post: Post) -> None:
    other = make_blog(address="http://other.example")
    make_notice(other)
    theirs = make_post(other)
    assert is_open(client, post) and is_open(client, theirs, "other.example")
    closure = window(None, START, DAY)
    assert not is_open(client, post) and not is_open(client, theirs, "other.example")
    closure.delete()
    assert is_open(client, post) and is_open(client, theirs, "other.example")
    window(other, START, DAY)
    assert is_open(client, post) and not is_open(client, theirs, "other.example")
    Closure.objects.all().delete()
    assert is_open(client, theirs, "other.example")


def test_the_most_specific_reason_is_shown(clock, blog: Blog, post: Post) -> None:
    window(None, START, 9 * DAY, notice="Everywhere")
    assert reason(post).notice == "Everywhere"
    window(blog, START, DAY, notice="Here")
    assert reason(post).notice == "Here"
    for field, value, why in [("comments_open", False, Why.BLOG), ("close_after_days", 0, Why.AGE)]:
        setattr(blog, field, value)
        blog.save()
        assert reason(post).why == why
    post.comments_open = False
    post.save()
    assert reason(post).why == Why.POST
    post.state = Post.State.WITHDRAWN
    post.save()
    assert reason(post).why == Why.TAKEN_DOWN


def test_windows_that_overlap_open_with_the_last(clock, blog: Blog, post: Post) -> None:
    window(blog, START, 2 * DAY)
    window(None, START + DAY, 3 * DAY)
    window(blog, START + 4 * DAY, DAY)
    window(blog, START + 9 * DAY, DAY)
    assert reason(post).until == START + 5 * DAY


def test_a_post_that_is_too_old_by_then_does_not_promise_to_open(clock, blog: Blog, post: Post) -> None:
    blog.close_after_days = 3
    blog.save()
    window(blog, START + DAY, 5 * DAY)
    clock.move_to(START + DAY)
    assert reason(post) == Closed(Why.WINDOW, START + DAY, None, "There is an election.")


def test_times_are_those_of_the_site(clock, client: Client, blog: Blog, post: Post) -> None:
    window(blog, datetime.datetime(2027, 3, 26, 23, 30, tzinfo=datetime.UTC), 5 * DAY)
    clock.move_to(datetime.datetime(2027, 3, 27, tzinfo=datetime.UTC))
    page = client.get(post.get_absolute_url()).text
    assert "closed on 26 March 2027" in page and "again on 1 April 2027 at 00:30" in page


def test_a_comment_that_comes_too_late_is_told_why_and_keeps_its_words(clock, client: Client, post: Post) -> None:
    window(None, START, DAY)
    answer = send_comment(client, post, comment="My long words")
    assert answer.status_code == 409 and "My long words" in answer.text
    assert "There is an election. Comments closed on 2 November 2026." in answer.text


def test_the_reply_page_says_why_too(clock, client: Client, blog: Blog, post: Post) -> None:
    url = f"{post.get_absolute_url()}comments/{make_comment(post, 'approved').pk}/reply/"
    assert "<textarea" in client.get(url).text
    window(blog, START, DAY)
    page = client.get(url).text
    assert "There is an election." in page and "<textarea" not in page


def test_programs_are_told_why(clock, client: Client, blog: Blog, post: Post) -> None:
    url = f"/api/v1/posts/{post.pk}/"
    assert client.get(url).json()["comments_closed"] is None
    window(blog, START, DAY)
    found = client.get(url).json()
    assert found["comments_open"] is False
    closed = found["comments_closed"]
    assert (closed["why"], closed["notice"]) == ("window", "There is an election.")
    assert datetime.datetime.fromisoformat(closed["until"]) == START + DAY
    assert closed["words"].endswith("Comments open again on 3 November 2026 at 09:00.")
    notice = blog.notices.first().pk
    written = {"comment": "Well said.", "name": "Ann", "email": "ann@example.org", "notice": notice}
    refused = client.post(f"{url}comments/", written, content_type="application/json")
    assert refused.status_code == 409 and refused.json()["code"] == "comments-closed"
    assert "There is an election." in refused.json()["detail"]


def test_the_query_for_the_blog_stays_one(clock, client: Client, blog: Blog, post, django_assert_num_queries) -> None:
    blog.close_after_days = 1
    blog.save()
    window(None, START, DAY)
    client.get(post.get_absolute_url())
    with django_assert_num_queries(1):
        client.get(post.get_absolute_url())


def test_a_window_ends_after_it_begins(clock, blog: Blog, admin_client: Client) -> None:
    fields = {"starts_at_0": "2026-11-02", "starts_at_1": "09:00", "ends_at_0": "2026-11-02", "ends_at_1": "09:00"}
    page = admin_client.post("/admin/blog/closure/add/", {**fields, "notice": "No.", "blog": ""}).text
    assert "The end must be after the beginning" in page and not Closure.objects.exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        window(None, timezone.now(), -DAY)


def test_superusers_set_windows_in_the_admin(clock, client: Client, admin_client: Client, post: Post) -> None:
    fields = {"starts_at_0": "2026-11-02", "starts_at_1": "08:00", "ends_at_0": "2026-11-09", "ends_at_1": "12:30"}
    admin_client.post("/admin/blog/closure/add/", {**fields, "notice": "Purdah.", "blog": ""})
    assert "Purdah." in client.get(post.get_absolute_url()).text
    listed = admin_client.get("/admin/blog/closure/").text
    assert "All blogs, 2 November 2026 at 08:00 – 9 November 2026 at 12:30" in listed


def test_other_staff_cannot_set_windows(clock, blog: Blog) -> None:
    staff = User.objects.create_user("lea", is_staff=True)
    staff.user_permissions.set(Permission.objects.filter(content_type__app_label="blog"))
    client = Client()
    client.force_login(staff)
    closure = window(None, START, DAY)
    for path in ["", "add/", f"{closure.pk}/change/", f"{closure.pk}/delete/"]:
        assert client.get(f"/admin/blog/closure/{path}").status_code == 403
    assert "closure" not in client.get("/admin/").text.lower()
