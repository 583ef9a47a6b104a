"""Mail to moderators: what waits, as often as each wants it; /desk/mail-to-me/, and the link that ends it."""

import datetime
import re
from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from blog.models import Blog, Post
from mail.models import Delivery
from moderation import digests
from moderation.digests import OPEN
from moderation.models import Appeal, Moderator, Proposal
from moderation.reports import Report
from moderation.roles import Duty
from postbag import tokens
from postbag.tokens import read
from tests.at_once import at_once
from tests.factories import make_blog, make_comment, make_moderator, make_notice, make_post
from tests.moderation.links import altered, assert_dead, assert_looking_changes_nothing

pytestmark = pytest.mark.django_db
LONDON = ZoneInfo("Europe/London")
WEDNESDAY = datetime.datetime(2026, 11, 18, 9, 30, tzinfo=LONDON)
HOUR, DAY = datetime.timedelta(hours=1), datetime.timedelta(days=1)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime.datetime], None]:
    """Sets what time it is: Wednesday morning at first."""

    def set_to(moment: datetime.datetime) -> None:
        monkeypatch.setattr(timezone, "now", lambda: moment)

    set_to(WEDNESDAY)
    return set_to


@pytest.fixture
def moderator(blog: Blog, mo: User) -> Moderator:
    """Mo, with an address."""
    User.objects.filter(pk=mo.pk).update(email="mo@example.org")
    return Moderator.objects.get(user=mo)


def end_url(moderator: Moderator) -> str:
    return f"/moderators/mail/end/{tokens.make(digests.END, moderator.pk)}/"


def wants(moderator: Moderator, **fields: object) -> None:
    Moderator.objects.filter(pk=moderator.pk).update(**fields)


def test_what_waits_is_mailed_late_ones_first_without_a_word_of_it(
    moderator: Moderator, post: Post, send_mail: Callable
) -> None:
    soon = make_comment(post, due_at=WEDNESDAY + 3 * DAY, text="Soon enough.")
    late = make_comment(post, due_at=WEDNESDAY - 2 * DAY, text="Far too late.")
    digests.owe_due()
    [mail] = send_mail()
    assert mail.to == ["mo@example.org"] and mail.subject == "2 comments wait on Digital blog: 1 late, 1 on time"
    assert [read(OPEN, token)[0] for token in links(mail.body)] == [late.pk, soon.pk]
    assert "late by 2" in mail.body
    for words in ["Far too late.", "Ann", "ann@example.org"]:
        assert words not in mail.body + str(mail.alternatives)


def test_what_was_published_at_once_is_told_by_its_number(
    moderator: Moderator, post: Post, send_mail: Callable, clock: Callable
) -> None:
    make_comment(post, "approved", at_once=True, unseen=True, text="Seen by nobody.")
    digests.owe_due()
    [mail] = send_mail()
    assert mail.subject == "Work for moderators on Digital blog"
    assert "Published, to be looked at: 1" in mail.body and "/desk/published/" in mail.body
    make_comment(post, due_at=WEDNESDAY + 3 * DAY)
    clock(WEDNESDAY + DAY)
    digests.owe_due()
    both = send_mail()[1]
    assert both.subject.startswith("1 comment waits") and "Published, to be looked at: 1" in both.body
    assert "Seen by nobody." not in both.body + str(both.alternatives)


def test_a_report_and_an_appeal_alone_are_told_and_escalated_ones_to_leads(
    moderator: Moderator, post: Post, send_mail: Callable
) -> None:
    reported = make_comment(post, "approved", text="Reported words.")
    Report.objects.create(comment=reported, reporter="r", kind="abuse", weight=50)
    Appeal.objects.create(comment=make_comment(post, "rejected"), words="It is on topic.")
    make_comment(post, escalated_at=WEDNESDAY)
    proposed = make_comment(post, "approved")
    Proposal.objects.create(comment=proposed, version=1, outcome="spam", moderator=moderator.user)
    digests.owe_due()
    [mail] = send_mail()
    assert mail.subject == "Work for moderators on Digital blog"
    assert "Reported: 1" in mail.body and "/desk/reported/" in mail.body and "Appeals: 1" in mail.body
    assert "Awaiting a second person: 1" in mail.body
    assert "Reported words." not in mail.body and "Escalated" not in mail.body
    Moderator.objects.update(duty="lead", mailed_at=None)
    digests.owe_due()
    assert "Escalated: 1" in send_mail()[1].body


def test_words_are_in_it_where_they_are_wanted(moderator: Moderator, post: Post, send_mail: Callable) -> None:
    make_comment(post, text="<b>Far too late.</b>")
    wants(moderator, mail_words=True)
    digests.owe_due()
    [mail] = send_mail()
    assert "Ann: <b>Far too late.</b>" in mail.body and "&lt;b&gt;Far too late." in str(mail.alternatives)


def links(body: str) -> list[str]:
    return re.findall(r"/desk/from-mail/(\w+)/", body)


def test_its_links_ask_to_sign_in_and_decide_nothing(
    client: Client, moderator: Moderator, post: Post, send_mail: Callable
) -> None:
    comment = make_comment(post)
    digests.owe_due()
    [token] = links(send_mail()[0].body)
    address = f"/desk/from-mail/{token}/"
    assert client.get(address).url.startswith("/desk/sign-in/")
    client.force_login(moderator.user)
    assert client.get(address).url == f"/desk/comments/{comment.pk}/"
    assert client.get(f"/desk/from-mail/{'a' * 40}/").status_code == 410
    comment.refresh_from_db()
    assert comment.state == "pending"


def test_a_period_has_one_mail(moderator: Moderator, post: Post, clock: Callable) -> None:
    make_comment(post)
    assert digests.owe_due() == 1
    clock(WEDNESDAY + 8 * HOUR)
    assert digests.owe_due() == 0
    clock(WEDNESDAY + DAY)
    assert digests.owe_due() == 1 and Delivery.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_many_clocks_owe_one_mail(moderator: Moderator, post: Post) -> None:
    make_comment(post)
    assert sum(at_once([digests.owe_due] * 8)) == 1
    assert Delivery.objects.count() == 1


@pytest.mark.parametrize(
    ("every", "moment", "due"),
    [
        ("never", WEDNESDAY, False),
        ("hour", WEDNESDAY.replace(hour=3), True),
        ("day", WEDNESDAY.replace(hour=7, minute=59), False),
        ("day", WEDNESDAY.replace(hour=8, minute=0), True),
        ("day", WEDNESDAY + 3 * DAY, False),
        ("day", datetime.datetime(2026, 12, 25, 9, tzinfo=LONDON), False),
        ("week", WEDNESDAY, True),
        ("week", WEDNESDAY + 4 * DAY, False),
    ],
)
def test_it_comes_when_it_is_wanted(
    moderator: Moderator, post: Post, clock: Callable, every: str, moment: datetime.datetime, due: bool
) -> None:
    make_comment(post)
    wants(moderator, mail_every=every)
    clock(moment)
    assert digests.owe_due() == due


def test_a_week_begins_after_a_bank_holiday_on_tuesday(moderator: Moderator, post: Post, clock: Callable) -> None:
    make_comment(post)
    monday = datetime.datetime(2026, 4, 6, 9, tzinfo=LONDON)  # Easter Monday
    wants(moderator, mail_every="week", mailed_at=monday - 6 * DAY)
    clock(monday)
    assert digests.owe_due() == 0
    clock(monday + DAY)
    assert digests.owe_due() == 1
    clock(monday + 2 * DAY)
    assert digests.owe_due() == 0


def test_nothing_is_sent_when_nothing_waits_and_it_is_not_made_up_for(moderator: Moderator, post: Post) -> None:
    make_comment(post, "unconfirmed")
    make_comment(post, "approved")
    assert digests.owe_due() == 0
    make_comment(post)
    assert digests.owe_due() == 0, "this day is over"


@pytest.mark.parametrize(
    ("person", "duty"),
    [({"is_active": False}, Duty.LEAD), ({"email": ""}, Duty.LEAD), ({}, Duty.OPERATOR)],
    ids=["left", "no address", "may not see it"],
)
def test_nobody_else_is_mailed(moderator: Moderator, post: Post, person: dict[str, object], duty: str) -> None:
    make_comment(post)
    User.objects.filter(pk=moderator.user_id).update(**person)
    wants(moderator, duty=duty)
    assert digests.owe_due() == 0


def test_it_tells_of_no_other_blog(moderator: Moderator, post: Post) -> None:
    other = make_blog(address="http://other.example")
    make_notice(other)
    make_comment(make_post(other))
    assert digests.owe_due() == 0


def test_how_often_is_chosen_for_each_blog_of_ones_own(desk: Client, moderator: Moderator) -> None:
    other = Moderator.objects.get(user=make_moderator(make_blog(address="http://other.example"), "jo"))
    data = {f"{moderator.pk}-mail_every": "hour", f"{moderator.pk}-mail_words": "on", f"{other.pk}-mail_every": "never"}
    assert desk.post("/desk/mail-to-me/", data).url == "/desk/mail-to-me/?saved=1"
    moderator.refresh_from_db()
    other.refresh_from_db()
    assert (moderator.mail_every, moderator.mail_words, other.mail_every) == ("hour", True, "day")
    page = desk.get("/desk/mail-to-me/?saved=1").text
    assert "Saved." in page and '<option value="hour" selected>' in page


def test_what_cannot_be_chosen_is_said_and_not_saved(desk: Client, moderator: Moderator) -> None:
    response = desk.post("/desk/mail-to-me/", {f"{moderator.pk}-mail_every": "always"})
    assert response.status_code == 422 and "Select how often" in response.text
    moderator.refresh_from_db()
    assert moderator.mail_every == "day"


def test_the_link_in_the_mail_ends_it_with_a_button(
    client: Client, moderator: Moderator, post: Post, send_mail: Callable
) -> None:
    make_comment(post)
    digests.owe_due()
    [mail] = send_mail()
    assert end_url(moderator) in mail.body and end_url(moderator) in mail.extra_headers["List-Unsubscribe"]
    assert_looking_changes_nothing(client, end_url(moderator))
    page = client.post(end_url(moderator))
    assert "No more emails" in page.text and client.get(end_url(moderator)).content == page.content
    moderator.refresh_from_db()
    assert moderator.mail_every == "never"


def test_altered_links_and_those_of_another_kind_are_dead(client: Client, moderator: Moderator) -> None:
    assert_dead(client, f"/moderators/mail/end/{next(altered(tokens.make(digests.END, moderator.pk)))}/")
    assert_dead(client, f"/moderators/mail/end/{tokens.make('replies-end', moderator.pk)}/")
