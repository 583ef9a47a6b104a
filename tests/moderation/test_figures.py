"""/desk/figures/ and /guidelines/figures/: numbers for the desk, and for everybody without the small ones."""

import datetime

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from blog.models import Blog, Post
from moderation import figures
from moderation.models import Comment, Decision
from moderation.tasks import count_figures
from tests.factories import make_blog, make_comment, make_reason

pytestmark = pytest.mark.django_db
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


def test_everybody_sees_them_where_the_blog_shows_them(client: Client, november: figures.Month, blog: Blog) -> None:
    assert client.get("/guidelines/figures/").status_code == 404
    assert "in figures" not in client.get("/guidelines/").text
    blog.shows_figures = True
    blog.save()
    assert "/guidelines/figures/" in client.get("/guidelines/").text
    page = client.get("/guidelines/figures/")
    assert "November 2026" in page.text and "fewer than 5" in page.text and not page.cookies


def test_small_numbers_are_not_shown_to_everybody(client: Client, november: figures.Month, blog: Blog) -> None:
    blog.shows_figures = True
    blog.save()
    page = client.get("/guidelines/figures/").text
    assert "Spam" not in page and ">1<" not in page


def test_new_figures_show_at_once(client: Client, november: figures.Month, blog: Blog, post: Post) -> None:
    blog.shows_figures = True
    blog.save()
    assert ">9<" in client.get("/guidelines/figures/").text
    make_comment(post, confirmed_at=NOW)
    figures.count(blog, november.first)
    assert ">10<" in client.get("/guidelines/figures/").text


def test_a_year_takes_as_many_queries_as_a_month(desk: Client, blog: Blog, django_assert_max_num_queries) -> None:
    for month in range(1, 13):
        figures.count(blog, datetime.date(2025, month, 1))
    with django_assert_max_num_queries(12):
        assert desk.get("/desk/figures/").text.count("2025") == 12
