"""The desk's lists: what stands on each, in which order, narrowed by what the address says."""

import datetime

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.utils import timezone

from blog.models import Blog, Post
from moderation import narrowing, queue, search, spam
from moderation.models import Comment
from moderation.reports import Report
from tests.factories import make_blog, make_comment, make_notice, make_post
from tests.moderation.test_desk_queue import names, next_page
from tests.moderation.writer import newest_report

pytestmark = pytest.mark.django_db
LINK = [{"kind": "link-count", "about": "5"}]


def due(hours: int) -> datetime.datetime:
    return timezone.now() + datetime.timedelta(hours=hours)


def test_the_oldest_promise_is_first_and_none_is_last(desk: Client, post: Post) -> None:
    for name, at in [("Soon", due(1)), ("Late", due(-5)), ("None", None), ("Far", due(90))]:
        make_comment(post, name=name, due_at=at)
    page = desk.get("/desk/").text
    assert names(page) == ["Late", "Soon", "Far", "None"]
    assert "late by 5" in page and "On time" in page


@pytest.mark.parametrize(("band", "found"), [("late", ["Late"]), ("on_time", ["Far", "None"])])
def test_a_band_narrows_the_list(desk: Client, post: Post, band: str, found: list[str]) -> None:
    for name, at in [("Late", due(-5)), ("None", None), ("Far", due(90))]:
        make_comment(post, name=name, due_at=at)
    assert names(desk.get(f"/desk/?band={band}").text) == found


def test_what_a_rule_holds_has_a_tab_and_a_filter(desk: Client, post: Post) -> None:
    make_comment(post, name="Plain")
    make_comment(post, name="Links", held=LINK, is_held=True)
    make_comment(post, name="Phone", held=[{"kind": "phone", "start": 0, "end": 2}], is_held=True)
    page = desk.get("/desk/held/").text
    assert names(page) == ["Links", "Phone"] and "Held (2)" in page
    assert names(desk.get("/desk/held/?kind=phone").text) == ["Phone"]


def test_shadow_and_the_slow_lane_hold_nothing(desk: Client, post: Post) -> None:
    comment = make_comment(post, "unconfirmed", text="https://a.example https://b.example https://c.example")
    comment.confirm()
    assert comment.is_held and "Held (1)" in desk.get("/desk/held/").text
    quiet = make_comment(post, "unconfirmed", text="A calm and short remark")
    quiet.confirm()
    assert not quiet.is_held


def test_likely_spam_is_listed_once_the_guess_has_proved_itself(desk: Client, post: Post) -> None:
    make_comment(post, name="Doubtful", spam_percent=97)
    assert names(desk.get("/desk/likely-spam/").text) == []
    for _ in range(60):
        make_comment(post, "spam", spam_percent=97)
    assert names(desk.get("/desk/likely-spam/").text) == ["Doubtful"]


def test_reported_comments_have_a_tab(desk: Client, post: Post) -> None:
    comment = make_comment(post, "approved", name="Rude")
    Report.objects.make(comment, "192.0.2.0/24", "abuse")
    page = desk.get("/desk/reported/").text
    assert names(page) == ["Rude"] and "Reported (1)" in page


def test_a_reported_comment_is_kept_from_the_list_that_tells_what_was_said(desk: Client, post: Post) -> None:
    comment = make_comment(post, "approved", name="Rude")
    Report.objects.make(comment, "192.0.2.0/24", "abuse", "It names my sister")
    page = desk.get("/desk/reported/").text
    assert "It names my sister" in page and 'value="cleared"' in page
    shown = {"version": comment.version, "newest_report": newest_report(comment)}
    desk.post(f"/desk/comments/{comment.pk}/decision/", {"outcome": "cleared", **shown})
    assert names(desk.get("/desk/reported/").text) == []


def test_a_blog_and_a_post_narrow_the_list(post: Post) -> None:
    other = make_blog(name="Other", address="http://other.example")
    make_notice(other)
    there = make_comment(make_post(other), name="There")
    make_comment(post, name="Here")
    root = Client()
    root.force_login(User.objects.create_superuser("root"))
    assert names(root.get(f"/desk/?blog={other.pk}").text) == ["There"]
    assert names(root.get(f"/desk/?post={there.post_id}").text) == ["There"]


def test_a_blog_that_one_may_not_see_narrows_nothing_and_shows_nothing(desk: Client, post: Post) -> None:
    other = make_blog(name="Secret blog", address="http://other.example")
    make_notice(other)
    make_comment(make_post(other), name="There")
    page = desk.get(f"/desk/?blog={other.pk}").text
    assert names(page) == [] and "Secret blog" not in page


@pytest.mark.parametrize(("words", "found"), [("bridge", ["Ann", "Bridget"]), ("Bridget", ["Bridget"]), ("no", [])])
def test_words_are_looked_for_in_text_and_name(desk: Client, post: Post, words: str, found: list[str]) -> None:
    make_comment(post, name="Ann", text="The bridge is new")
    make_comment(post, name="Bridget", text="So is the bridge house")
    make_comment(post, name="Cem", text="Hello")
    assert names(desk.get("/desk/", {"q": words}).text) == found


@pytest.mark.parametrize("words", ["'", "%", "_", "&", "a | b", "\\", "!!", ":*", "\x00", "\ud800", "💥", "a" * 300])
def test_no_words_are_a_failure_of_ours(desk: Client, post: Post, words: str) -> None:
    make_comment(post)
    assert desk.get("/desk/", {"q": words.encode("utf-8", "surrogatepass")}).status_code == 200


def test_pages_lose_and_repeat_nobody_while_others_decide(desk: Client, post: Post) -> None:
    for number in range(60):
        make_comment(post, name=f"N{number}", due_at=due(number // 3))
    first = desk.get("/desk/").text
    Comment.objects.filter(name__in=names(first)).update(state="approved", decided_at=timezone.now())
    second = desk.get(next_page(first)).text
    third = desk.get(next_page(second)).text
    assert names(first) + names(second) + names(third) == [f"N{number}" for number in range(60)]


def test_pages_of_comments_without_a_promise_go_on(desk: Client, post: Post) -> None:
    for number in range(30):
        make_comment(post, name=f"N{number}", due_at=None, confirmed_at=due(number))
    first = desk.get("/desk/").text
    assert names(desk.get(next_page(first)).text) == [f"N{number}" for number in range(25, 30)]


def test_many_are_counted_to_a_thousand(desk: Client, post: Post, blog: Blog, monkeypatch) -> None:
    for module in [queue, narrowing]:
        monkeypatch.setattr(module, "MANY", 3)
    for _ in range(5):
        make_comment(post)
    assert "Awaiting a decision (3+)" in desk.get("/desk/").text


def test_the_queue_is_read_by_its_index(desk: Client, post: Post) -> None:
    words = {"name": "x", "text": "x", "html": "x", "notice": post.blog.notices.first()}
    Comment.objects.bulk_create([Comment(post=post, state="approved", **words) for _ in range(300)])
    make_comment(post)
    found = Comment.objects.filter(state="pending").order_by("due_at", "confirmed_at", "pk")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE moderation_comment")
    assert "comment_promise" in found.explain() or "comment_queue" in found.explain()


def test_what_was_decided_in_place_comes_back_as_a_part(desk: Client, post: Post) -> None:
    comment = make_comment(post)
    data = {"outcome": "approved", "version": comment.version}
    answer = desk.post(f"/desk/comments/{comment.pk}/decision/", data, headers={"HX-Request": "true"})
    assert answer.status_code == 200 and "<html" not in answer.text
    assert "Approved: the comment by Ann" in " ".join(answer.text.split()) and "Undo" in answer.text


def test_words_are_found_whether_many_comments_have_them_or_few(
    desk: Client, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_comment(post, name="Few", text="The heliotrope bridge")
    make_comment(post, name="Many", text="The grey bridge")
    monkeypatch.setattr(search, "RARE", 1)
    monkeypatch.setattr(narrowing, "MANY", 0)
    assert names(desk.get("/desk/?q=bridge").text) == ["Few", "Many"]
    assert names(desk.get("/desk/?q=heliotrope").text) == ["Few"]
    assert names(desk.get("/desk/?q=xyzzy").text) == []


def numbers(desk: Client, url: str) -> list[int]:
    return [comment.pk for comment in desk.get(url).context["page"].comments]


def test_the_next_page_goes_on_though_the_last_row_was_decided(desk: Client, post: Post) -> None:
    for number in range(30):
        Report.objects.make(make_comment(post, "approved"), f"192.0.{number}.0/24", "abuse")
    first = desk.get("/desk/reported/")
    shown, after = [comment.pk for comment in first.context["page"].comments], first.context["page"].after
    assert set(numbers(desk, f"/desk/reported/?after={after}")).isdisjoint(shown)
    last = {"version": 1, "newest_report": newest_report(Comment.objects.get(pk=shown[-1]))}
    desk.post(f"/desk/comments/{shown[-1]}/decision/", {"outcome": "cleared", **last})
    assert len(numbers(desk, f"/desk/reported/?after={after}")) == 5
    assert set(numbers(desk, f"/desk/reported/?after={after}")).isdisjoint(shown)


@pytest.mark.parametrize(("url", "state"), [("/desk/", "pending"), ("/desk/decided/", "approved")])
def test_the_next_page_goes_on_though_the_last_row_was_erased(desk: Client, post: Post, url: str, state: str) -> None:
    for number in range(30):
        make_comment(post, state, due_at=due(number // 2) if number % 7 else None, decided_at=due(-number))
    first = desk.get(url).context["page"]
    shown = [comment.pk for comment in first.comments]
    Comment.objects.filter(pk=shown[-1]).delete()
    rest = numbers(desk, f"{url}?after={first.after}")
    assert len(rest) == 5 and set(rest).isdisjoint(shown)


@pytest.mark.parametrize(
    "after", ["1", "1.2", "x.1.1", "-.-.-", "1.1.1.1", f"{'9' * 16}.{'9' * 16}.{'9' * 16}", "..", "-1.1.1"]
)
def test_a_place_that_was_never_made_is_no_failure(desk: Client, post: Post, after: str) -> None:
    make_comment(post)
    for url in ["/desk/", "/desk/decided/", "/desk/reported/", "/desk/edits/", "/desk/escalated/"]:
        assert desk.get(f"{url}?after={after}").status_code in {200, 403}


@pytest.mark.parametrize("proved", [False, True])
def test_the_guess_is_shown_once_it_has_proved_itself(desk: Client, post: Post, monkeypatch, proved: bool) -> None:
    monkeypatch.setattr(spam, "score", lambda comment: spam.Score(97, (("replica", 2.0),)))
    monkeypatch.setattr(spam, "is_proved", lambda comments: proved)
    page = desk.get(f"/desk/comments/{make_comment(post, spam_percent=97).pk}/").text
    assert ("97%" in page) is proved and ("replica" in page) is proved
