"""/desk/figures/ and /guidelines/figures/: numbers for the desk, and for everybody without the small ones."""

import datetime
import re

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from blog.models import Blog, Post
from moderation import editing, escalating, figures, official, redacting
from moderation.models import Comment, Decision, Moderator, Month, Revision
from moderation.tasks import count_figures
from tests.factories import make_blog, make_comment, make_reason

pytestmark = pytest.mark.django_db
URL = "/guidelines/figures/"
NOW = timezone.make_aware(datetime.datetime(2026, 11, 10, 12))


def decided(post: Post, mo: User, outcome: str, hours: int, **fields: object) -> Comment:
    comment = make_comment(post, confirmed_at=NOW, due_at=NOW + datetime.timedelta(hours=24))
    reason = fields.get("reason")
    made = comment.decide(Decision.Outcome(outcome), by=mo, version=comment.version, reason=reason)
    Decision.objects.filter(pk=made.pk).update(made_at=NOW + datetime.timedelta(hours=hours))
    return comment


@pytest.fixture
def november(post: Post, mo: User, blog: Blog) -> figures.Month:
    reason = make_reason(blog, title="Stay on topic")
    for hours in [1, 2, 3, 4, 5, 6]:
        decided(post, mo, "approved", hours)
    decided(post, mo, "rejected", 50, reason=reason)
    decided(post, mo, "spam", 7)
    make_comment(post, confirmed_at=NOW)
    make_comment(post, "unconfirmed")
    make_comment(post, "approved", confirmed_at=NOW - datetime.timedelta(days=40))
    return figures.count(blog, datetime.date(2026, 11, 1))


def test_a_month_is_what_was_confirmed_in_it(november: figures.Month) -> None:
    counted = [november.received, november.published, november.refused, november.spam, november.waiting]
    assert counted == [9, 6, 1, 1, 1]
    assert november.reasons == {"Stay on topic": 1}


def test_times_run_from_the_confirmation_to_the_first_decision(november: figures.Month) -> None:
    assert (november.median_minutes, november.slowest_minutes) == (4 * 60, 50 * 60)
    assert (november.decided, november.in_time, november.kept) == (8, 7, 88)


def test_to_count_again_changes_the_same_row(november: figures.Month, blog: Blog, post: Post) -> None:
    make_comment(post, confirmed_at=NOW)
    again = figures.count(blog, november.first)
    assert again.pk == november.pk and again.received == 10


def test_the_clock_counts_this_month_the_last_and_what_was_never_counted(post: Post, blog: Blog) -> None:
    make_comment(post, "approved", confirmed_at=NOW - datetime.timedelta(days=400))
    count_figures()
    assert blog.months.count() == 3


@pytest.mark.parametrize(("numbers", "percent", "found"), [([], 50, None), ([7], 90, 7), ([3, 1, 2], 50, 2),
                                                             (list(range(1, 11)), 90, 9)])  # fmt: skip
def test_percentiles_are_of_the_nearest_rank(numbers: list[int], percent: int, found: int | None) -> None:
    assert figures.percentile(numbers, percent) == found


def test_the_desk_shows_them(desk: Client, november: figures.Month) -> None:
    page = desk.get("/desk/figures/").text
    for words in ["November 2026", "4 hours", "2 days", "88%", "Stay on topic", "<svg"]:
        assert words in page


def test_the_desk_shows_those_of_ones_own_blogs_alone(desk: Client, november: figures.Month) -> None:
    other = make_blog(name="Elsewhere", address="http://other.example")
    assert desk.get(f"/desk/figures/?blog={other.pk}").status_code == 404
    assert "Elsewhere" not in desk.get("/desk/figures/").text
    assert desk.get("/desk/figures/?blog=x").status_code == 200


@pytest.fixture
def shown(blog: Blog) -> Blog:
    blog.shows_figures = True
    blog.save()
    return blog


def cells(client: Client) -> list[str]:
    """What stands in the row of November, for everybody."""
    row = client.get(URL).text.split("November 2026")[1].split("</tr>")[0]
    return re.findall(r"<td[^>]*>([^<]*)</td>", row)


def counted(blog: Blog, **numbers: object) -> figures.Month:
    known = {"received": 20, "published": 14, "refused": 6, "decided": 20, "in_time": 20, "median_minutes": 61}
    return Month.objects.create(blog=blog, **{"first": datetime.date(2026, 11, 1), **known, **numbers})


def test_everybody_sees_them_where_the_blog_shows_them(client: Client, blog: Blog) -> None:
    counted(blog)
    assert client.get(URL).status_code == 404
    assert "in figures" not in client.get("/guidelines/").text
    blog.shows_figures = True
    blog.save()
    assert URL in client.get("/guidelines/").text
    assert cells(client) == ["20", "14", "6", "1 hour", "–", "100%"]


def test_nothing_is_shown_once_it_is_switched_off(client: Client, shown: Blog) -> None:
    counted(shown)
    client.get(URL)
    shown.shows_figures = False
    shown.save()
    answer = client.get(URL)
    assert answer.status_code == 404 and "November" not in answer.text


def test_the_page_is_kept_for_everybody_and_sets_no_cookie(client: Client, shown: Blog, desk: Client) -> None:
    counted(shown)
    first = desk.get(URL)
    assert not first.cookies and "Cookie" not in first.get("Vary", "") and "Signed in" not in first.text
    with CaptureQueriesContext(connection) as queries:
        again = client.get(URL)
    assert again.content == first.content and len(queries) <= 2
    assert client.get(URL, headers={"If-None-Match": first["ETag"]}).status_code == 304
    shown.name = "Another name"
    shown.save()
    assert "Another name" in client.get(URL).text


@pytest.mark.parametrize(
    ("numbers", "told"),
    [
        ({"received": 4, "published": 3, "refused": 1}, ["fewer than 5"] * 3),
        ({"received": 0, "published": 0, "refused": 0, "decided": 0}, ["0", "0", "0"]),
        ({"received": 16, "published": 14, "refused": 2}, ["not shown", "14", "fewer than 5"]),
        ({"received": 22, "published": 14, "refused": 6}, ["not shown", "14", "6"]),
        ({"received": 25, "published": 14, "refused": 6}, ["25", "14", "6"]),
        ({"received": 20, "published": 14, "refused": 2}, ["20", "14", "fewer than 5"]),
    ],
)
def test_small_numbers_are_neither_shown_nor_reckoned(
    client: Client, shown: Blog, numbers: dict[str, int], told: list[str]
) -> None:
    counted(shown, **numbers)
    assert cells(client)[:3] == told


@pytest.mark.parametrize(
    ("refused", "reasons", "told"),
    [
        (12, {"Off topic": 7, "Adverts": 5}, ["7", "5"]),
        (9, {"Off topic": 7, "Adverts": 2}, ["not shown", "fewer than 5"]),
        (14, {"Off topic": 7, "Adverts": 5, "Rude": 2}, ["7", "not shown", "fewer than 5"]),
        (16, {"Off topic": 8, "Adverts": 4, "Rude": 4}, ["8", "fewer than 5", "fewer than 5"]),
        (8, {"Off topic": 7}, ["not shown"]),
    ],
)
def test_nor_are_those_of_the_rules(
    client: Client, shown: Blog, refused: int, reasons: dict[str, int], told: list[str]
) -> None:
    counted(shown, refused=refused, reasons=reasons)
    assert re.findall(r"__value\">([^<]*)</dd>", client.get(URL).text) == told


def test_times_of_few_decisions_are_not_shown(client: Client, shown: Blog) -> None:
    counted(shown, decided=4, slowest_minutes=900)
    assert cells(client)[3:] == ["–", "–", "–"]


def test_spam_and_what_was_published_at_once_are_for_the_desk(client: Client, desk: Client, shown: Blog) -> None:
    counted(shown, spam=17, at_once=13)
    assert "Spam" not in client.get(URL).text and not {"17", "13"} & set(cells(client))
    assert ">17<" in desk.get("/desk/figures/").text and ">13<" in desk.get("/desk/figures/").text


@pytest.mark.parametrize("field", ["received", "published", "refused", "in_time"])
def test_new_figures_show_at_once(client: Client, shown: Blog, field: str) -> None:
    month = counted(shown, received=40)
    before = cells(client)
    Month.objects.filter(pk=month.pk).update(**{field: 10})
    assert cells(client) != before


def test_a_year_takes_as_many_queries_as_a_month(desk: Client, blog: Blog, django_assert_max_num_queries) -> None:
    for month in range(1, 13):
        figures.count(blog, datetime.date(2025, month, 1))
    with django_assert_max_num_queries(12):
        assert desk.get("/desk/figures/").text.count("2025") == 12


def firsts(blog: Blog) -> list[datetime.date]:
    return list(blog.months.order_by("first").values_list("first", flat=True))


def test_a_new_blog_has_its_older_months_counted(blog: Blog, post: Post) -> None:
    this = timezone.localdate().replace(day=1)
    make_comment(post, confirmed_at=timezone.now() - datetime.timedelta(days=400))
    figures.count_lately()
    counted = firsts(blog)
    assert len(counted) == 3 and counted[-1] == this and (this - counted[0]).days > 360


def test_months_in_which_the_clock_stood_still_are_counted_afterwards(blog: Blog, post: Post) -> None:
    half_year_ago = (timezone.localdate() - datetime.timedelta(days=180)).replace(day=1)
    figures.count(blog, half_year_ago)
    make_comment(post, confirmed_at=timezone.now() - datetime.timedelta(days=60))
    figures.count_lately()
    counted = firsts(blog)
    assert counted[0] == half_year_ago and len(counted) in {6, 7}
    assert sum(month.received for month in blog.months.all()) == 1


def test_the_month_that_was_half_over_when_the_clock_stopped_is_counted_anew(blog: Blog, post: Post) -> None:
    at = timezone.now() - datetime.timedelta(days=180)
    month = figures.count(blog, timezone.localtime(at).date().replace(day=1))
    make_comment(post, confirmed_at=at)
    figures.count_lately()
    month.refresh_from_db()
    assert month.received == 1


def sent_again(post: Post, mo: User) -> Comment:
    """Refused four hours ago, and sent again just now."""
    comment = decided(post, mo, "rejected", 0)
    Comment.objects.update(confirmed_at=timezone.now() - datetime.timedelta(hours=5))
    Decision.objects.update(made_at=timezone.now() - datetime.timedelta(hours=4))
    editing.edit(comment, Revision.Way.AGAIN, "Other words altogether")
    return comment


def this_month(blog: Blog) -> figures.Month:
    return figures.count(blog, timezone.localdate().replace(day=1))


def test_what_was_sent_again_waits_from_then_on(post: Post, mo: User, blog: Blog) -> None:
    comment = sent_again(post, mo)
    month = this_month(blog)
    assert (month.decided, month.median_minutes) == (0, None)
    comment.decide(Decision.Outcome.APPROVED, by=mo, version=comment.version)
    month = this_month(blog)
    assert (month.decided, month.median_minutes) == (1, 0)


def test_a_blog_that_cannot_be_counted_stops_no_other(
    blog: Blog, post: Post, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    other, percentile = make_blog(name="Other", address="http://other.example"), figures.percentile
    broken = iter([-1])  # which the database refuses; once, and then what is right
    monkeypatch.setattr(figures, "percentile", lambda *numbers: next(broken, None) or percentile(*numbers))
    figures.count_lately()
    assert not blog.months.exists() and other.months.count() == 2
    assert f"blog {blog.pk} cannot be counted" in caplog.text


def test_official_replies_do_not_count(post: Post, mo: User, blog: Blog) -> None:
    Moderator.objects.update(name="Mo")
    comment = make_comment(post, "approved")
    official.publish(comment, Moderator.objects.select_related("blog", "user").get(), "We say so", comment.version)
    month = this_month(blog)
    assert (month.received, month.published, month.decided) == (1, 1, 0)


def refused(comment: Comment, mo: User, outcome: str, rule: str | None = None) -> None:
    reason = make_reason(comment.post.blog, title=rule) if rule else None
    comment.decide(Decision.Outcome(outcome), by=mo, version=comment.version, reason=reason)


def test_of_a_refusal_that_was_taken_back_only_the_next_one_counts(post: Post, mo: User, blog: Blog) -> None:
    comment = make_comment(post)
    refused(comment, mo, "rejected", "Off topic")
    refused(comment, mo, "undone")
    refused(comment, mo, "rejected", "Rude")
    assert this_month(blog).reasons == {"Rude": 1}


def test_a_rule_that_asks_for_a_change_counts(post: Post, mo: User, blog: Blog) -> None:
    refused(make_comment(post), mo, "change", "Rude")
    assert this_month(blog).reasons == {"Rude": 1}


def test_removed_words_and_an_escalation_are_no_first_decision(post: Post, mo: User, blog: Blog) -> None:
    comment = make_comment(post)
    redacting.redact(comment, "Well", by=mo, version=comment.version)
    escalating.escalate(comment, by=mo, version=comment.version)
    assert this_month(blog).decided == 0


def test_a_small_number_is_not_what_other_months_leave_of_a_rule(client: Client, shown: Blog) -> None:
    counted(shown, refused=1, reasons={"Rude": 1})
    counted(shown, first=datetime.date(2026, 10, 1), refused=5, reasons={"Rude": 5})
    assert re.findall(r"__value\">([^<]*)</dd>", client.get(URL).text) == ["5"]


def test_a_year_has_twelve_months() -> None:
    assert figures._month_after(datetime.date(2026, 12, 1), 1) == datetime.date(2027, 1, 1)
    assert figures._month_after(datetime.date(2026, 1, 1), -1) == datetime.date(2025, 12, 1)
