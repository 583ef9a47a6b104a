"""Until when a comment is decided: working days, bank holidays, hours, and the nights when the clocks change."""

import datetime
from zoneinfo import ZoneInfo

import pytest

from blog.models import Blog
from moderation import promise
from moderation.promise import Band

LONDON = ZoneInfo("Europe/London")
ENGLAND, SCOTLAND, IRELAND = Blog.Division


def london(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text).replace(tzinfo=LONDON)


def a_blog(days: int = 2, hours: int | None = None, division: str = ENGLAND) -> Blog:
    return Blog(promise_days=days, promise_hours=hours, division=division)


@pytest.mark.parametrize(
    ("confirmed", "days", "division", "due"),
    [
        ("2026-11-22 14:00", 2, ENGLAND, "2026-11-24"),  # a Sunday
        ("2026-11-20 23:59", 2, ENGLAND, "2026-11-24"),  # a Friday
        ("2026-11-19 09:00", 2, ENGLAND, "2026-11-23"),  # a Thursday
        ("2026-11-19 00:00", 1, ENGLAND, "2026-11-20"),
        ("2026-11-21 12:00", 1, ENGLAND, "2026-11-23"),  # a Saturday
        # Christmas: in 2026 Boxing Day is a Saturday, with Monday for it; in 2027 both are at the weekend.
        ("2026-12-23 10:00", 2, ENGLAND, "2026-12-29"),
        ("2027-12-24 10:00", 1, ENGLAND, "2027-12-29"),
        ("2026-12-31 10:00", 1, ENGLAND, "2027-01-04"),
        ("2026-12-31 10:00", 1, SCOTLAND, "2027-01-05"),  # 2 January is one there, and was a Saturday
        # Easter: Good Friday everywhere, Monday not in Scotland.
        ("2026-04-02 10:00", 1, ENGLAND, "2026-04-07"),
        ("2026-04-02 10:00", 1, SCOTLAND, "2026-04-06"),
        ("2026-04-02 10:00", 1, IRELAND, "2026-04-07"),
        # St Andrew's Day
        ("2026-11-27 10:00", 1, SCOTLAND, "2026-12-01"),
        ("2026-11-27 10:00", 1, ENGLAND, "2026-11-30"),
        # 12 July, a Sunday in 2026: Monday is for it
        ("2026-07-10 10:00", 1, IRELAND, "2026-07-14"),
        ("2026-07-10 10:00", 1, ENGLAND, "2026-07-13"),
        ("2027-07-09 10:00", 1, IRELAND, "2027-07-13"),
        # St Patrick's Day
        ("2026-03-16 10:00", 1, IRELAND, "2026-03-18"),
        # the two bank holidays of August
        ("2026-07-31 10:00", 1, SCOTLAND, "2026-08-04"),
        ("2026-08-28 10:00", 1, ENGLAND, "2026-09-01"),
        # over the nights when the clocks change: 29 March and 25 October 2026
        ("2026-03-27 10:00", 2, ENGLAND, "2026-03-31"),
        ("2026-10-23 10:00", 2, ENGLAND, "2026-10-27"),
        ("2026-11-20 10:00", 10, ENGLAND, "2026-12-04"),
    ],
)
def test_working_days_end_with_the_last_of_them(confirmed: str, days: int, division: str, due: str) -> None:
    found = promise.due_at(a_blog(days, division=division), london(confirmed))
    assert found == london(f"{due} 23:59:59.999999")


@pytest.mark.parametrize(
    ("confirmed", "hours", "due"),
    [
        ("2026-11-20 23:30", 24, "2026-11-21 23:30"),  # hours know no weekend
        ("2026-12-24 12:00", 48, "2026-12-26 12:00"),
        ("2026-03-28 12:00", 24, "2026-03-29 13:00"),  # that night has an hour less
        ("2026-10-24 12:00", 24, "2026-10-25 11:00"),  # and that one an hour more
    ],
)
def test_hours_are_counted_day_and_night(confirmed: str, hours: int, due: str) -> None:
    assert promise.due_at(a_blog(hours=hours), london(confirmed)) == london(due)


def test_the_day_is_that_of_the_site_not_of_utc() -> None:
    late_on_thursday_in_utc = datetime.datetime(2026, 6, 18, 23, 30, tzinfo=datetime.UTC)  # Friday in London
    assert promise.due_at(a_blog(1), late_on_thursday_in_utc) == london("2026-06-22 23:59:59.999999")


def test_what_is_not_promised_is_never_late() -> None:
    blog = a_blog(days=0)
    assert promise.due_at(blog, london("2020-01-01 10:00")) is None and promise.band(None) == Band.ON_TIME
    assert promise.words(blog) == promise.words_for(blog, promise.due_at(blog, london("2020-01-01 10:00"))) == ""


@pytest.mark.parametrize(
    ("now", "band"),
    [
        ("2026-11-23 23:59", Band.ON_TIME),
        ("2026-11-24 00:00", Band.DUE_TODAY),
        ("2026-11-24 23:59", Band.DUE_TODAY),
        ("2026-11-25 00:00", Band.LATE),
    ],
)
def test_bands_turn_at_midnight(time_machine, now: str, band: Band) -> None:
    time_machine.move_to(london(now))
    assert promise.band(promise.due_at(a_blog(), london("2026-11-22 14:00"))) == band


def test_a_promise_of_hours_is_late_at_its_minute(time_machine) -> None:
    due = promise.due_at(a_blog(hours=24), london("2026-11-22 14:00"))
    time_machine.move_to(london("2026-11-23 13:59"))
    assert promise.band(due) == Band.DUE_TODAY
    time_machine.move_to(london("2026-11-23 14:01"))
    assert promise.band(due) == Band.LATE


@pytest.mark.parametrize(
    ("blog", "words"),
    [
        (a_blog(), "We aim to read every comment within 2 working days, yours by Tuesday 24 November."),
        (a_blog(1), "We aim to read every comment within 1 working day, yours by Monday 23 November."),
        (a_blog(hours=24), "We aim to read every comment within 24 hours, yours by 14:00 on Monday 23 November."),
    ],
)
def test_the_words_name_the_day(time_machine, blog: Blog, words: str) -> None:
    time_machine.move_to(london("2026-11-22 14:00"))
    assert promise.words_for(blog, promise.due_at(blog, london("2026-11-22 14:00"))) == words


def test_when_we_are_late_we_say_so(time_machine) -> None:
    time_machine.move_to(london("2026-11-26 09:00"))
    late = promise.words_for(a_blog(), promise.due_at(a_blog(), london("2026-11-22 14:00")))
    assert late.endswith("Yours was due by Tuesday 24 November: it is late.")
