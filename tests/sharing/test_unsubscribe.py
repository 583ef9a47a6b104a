"""/unsubscribe/<token>/: by a button, or by one press in the mail program (RFC 8058); it can only end, and for ever."""

import datetime

import pytest
from django.test import Client
from django.utils import timezone

from blog.models import Blog
from mail.drain import drain, hand_over, settle
from mail.models import Delivery
from mail.smtp import Outcome
from postbag import tokens
from sharing.models import Alert, Subscription
from sharing.tasks import forget
from tests.database import where_in_database, whole_database
from tests.factories import make_blog, make_notice, make_post, make_subscription
from tests.moderation.links import altered, assert_dead, assert_looking_changes_nothing, assert_private

pytestmark = pytest.mark.django_db
State = Subscription.State
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def unsubscribe_url(subscription: Subscription) -> str:
    """The link in each of its mails."""
    return f"/unsubscribe/{tokens.make('unsubscribe', subscription.pk)}/"


@pytest.fixture
def sue(blog: Blog) -> Subscription:
    """Sue, who gets alerts."""
    return make_subscription(blog)


def state_of(subscription: Subscription) -> str:
    subscription.refresh_from_db()
    return subscription.state


def test_looking_changes_nothing(client: Client, sue: Subscription) -> None:
    assert "Are you sure" in client.get(unsubscribe_url(sue)).text
    assert_looking_changes_nothing(client, unsubscribe_url(sue))


def test_the_button_ends_it(client: Client, sue: Subscription) -> None:
    answer = client.post(unsubscribe_url(sue))
    assert (answer.status_code, "You have unsubscribed" in answer.text) == (200, True)
    assert_private(answer)
    assert (state_of(sue), sue.ended_reason) == (State.ENDED, "unsubscribed")
    assert timezone.now() - sue.ended_at < datetime.timedelta(seconds=10)


@pytest.mark.parametrize("form", ["urlencoded", "multipart", "nothing", "rubbish"])
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://mail.example"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site", "Referer": "https://mail.example/inbox"},
    ],
)
def test_one_press_in_a_mail_program_ends_it(sue: Subscription, form: str, headers: dict[str, str]) -> None:
    """No cookie, no redirect, 200, whoever posts from wherever."""
    bodies = {
        "urlencoded": {"data": "List-Unsubscribe=One-Click", "content_type": "application/x-www-form-urlencoded"},
        "multipart": {"data": ONE_CLICK},
        "nothing": {"data": "", "content_type": "application/x-www-form-urlencoded"},
        "rubbish": {"data": b"\x00\xff", "content_type": "multipart/form-data; boundary=x"},
    }
    answer = Client(enforce_csrf_checks=True).post(unsubscribe_url(sue), headers=headers, **bodies[form])
    assert (answer.status_code, answer.cookies) == (200, {})
    assert state_of(sue) == State.ENDED


def test_pressing_again_is_200_and_changes_nothing(client: Client, sue: Subscription) -> None:
    client.post(unsubscribe_url(sue), ONE_CLICK)
    before = whole_database()
    assert [client.post(unsubscribe_url(sue), ONE_CLICK).status_code for _ in range(3)] == [200] * 3
    assert whole_database() == before


def test_the_header_of_a_real_alert_ends_it(blog: Blog, sue: Subscription, send_mail) -> None:
    make_post(blog)
    Alert.objects.raise_due()
    [alert] = send_mail()
    assert alert.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    url = alert.extra_headers["List-Unsubscribe"].removeprefix("<http://testserver").removesuffix(">")
    assert Client().post(url, ONE_CLICK).status_code == 200
    assert state_of(sue) == State.ENDED


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_methods_are_refused(client: Client, sue: Subscription, method: str) -> None:
    assert getattr(client, method)(unsubscribe_url(sue)).status_code == 405
    assert state_of(sue) == State.CONFIRMED


@pytest.mark.parametrize("purpose", ["subscribe-confirm", "comment-confirm", "comment-status", "stop", ""])
def test_a_link_of_another_kind_ends_nothing(client: Client, sue: Subscription, purpose: str) -> None:
    assert_dead(client, f"/unsubscribe/{tokens.make(purpose, sue.pk)}/")


@pytest.mark.parametrize("page", ["/subscribe/confirm", "/comments/confirm", "/comments/status", "/mail/stop"])
def test_its_token_opens_nothing_else(client: Client, sue: Subscription, page: str) -> None:
    assert_dead(client, f"{page}/{tokens.make('unsubscribe', sue.pk)}/")


def test_every_altered_link_is_dead(client: Client, sue: Subscription) -> None:
    for token in altered(tokens.make("unsubscribe", sue.pk)):
        assert client.post(f"/unsubscribe/{token}/").status_code == 410
    assert state_of(sue) == State.CONFIRMED


def test_a_link_of_another_blog_is_dead_here(client: Client, blog: Blog) -> None:
    other = make_blog(address="http://other.example")
    make_notice(other)
    assert_dead(client, unsubscribe_url(make_subscription(other)))


def test_an_old_link_works_after_years_and_after_the_address_was_forgotten(
    client: Client, blog: Blog, settings
) -> None:
    old = timezone.now() - datetime.timedelta(days=3650)
    live = make_subscription(blog, asked_at=old, confirmed_at=old)
    ended = make_subscription(blog, "sid@example.org", state=State.ENDED, ended_at=old)
    forget()
    assert not where_in_database("sid@example.org")
    assert client.post(unsubscribe_url(ended)).status_code == 200
    assert client.post(unsubscribe_url(live)).status_code == 200
    assert state_of(live) == State.ENDED


def test_an_old_link_ends_what_was_signed_up_for_later_too(client: Client, sue: Subscription, sign_up) -> None:
    """Whoever presses it in an old mail wants no more mail, and is told so."""
    client.post(unsubscribe_url(sue))
    sign_up("sue@example.org")
    later = Subscription.objects.live().get()
    later.confirm()
    ended_at = Subscription.objects.get(pk=sue.pk).ended_at
    assert "Are you sure" in client.get(unsubscribe_url(sue)).text
    assert "You have unsubscribed" in client.post(unsubscribe_url(sue)).text
    assert state_of(later) == State.ENDED
    assert Subscription.objects.get(pk=sue.pk).ended_at == ended_at


def test_an_old_link_ends_nobody_elses(client: Client, blog: Blog, sue: Subscription) -> None:
    other_blog = make_blog(address="http://other.example")
    make_notice(other_blog)
    others = [make_subscription(blog, "sam@example.org"), make_subscription(other_blog, "sue@example.org")]
    client.post(unsubscribe_url(sue))
    assert [state_of(other) for other in others] == [State.CONFIRMED] * 2


def test_a_sign_up_that_waits_can_be_ended_too(client: Client, blog: Blog) -> None:
    waiting = make_subscription(blog, state=State.UNCONFIRMED)
    client.post(unsubscribe_url(waiting))
    assert state_of(waiting) == State.ENDED
    assert not waiting.confirm()


@pytest.mark.parametrize("before", ["pending", "deferred"])
def test_an_alert_that_has_not_left_is_taken_out(blog: Blog, sue: Subscription, mailoutbox, before: str) -> None:
    make_post(blog)
    Alert.objects.raise_due()
    Delivery.objects.update(state=before)
    sue.end(Subscription.EndedReason.UNSUBSCRIBED)
    Delivery.objects.update(due_at=timezone.now())
    drain()
    assert mailoutbox == []
    assert Delivery.objects.get().state == Delivery.State.CANCELLED


def test_an_alert_that_was_refused_for_now_as_its_reader_left_stays_away(blog: Blog, sue: Subscription) -> None:
    make_post(blog)
    Alert.objects.raise_due()
    batch = hand_over()
    sue.end(Subscription.EndedReason.UNSUBSCRIBED)
    settle(Outcome(row, Delivery.State.DEFERRED, "450 later") for row in batch)
    Delivery.objects.filter(state="deferred").update(due_at=timezone.now(), state="pending")
    assert hand_over() == []


def test_it_leaves_other_people_s_alerts_alone(blog: Blog, sue: Subscription, mailoutbox) -> None:
    make_subscription(blog, "sid@example.org")
    make_post(blog)
    Alert.objects.raise_due()
    sue.end(Subscription.EndedReason.UNSUBSCRIBED)
    drain()
    assert [mail.to for mail in mailoutbox] == [["sid@example.org"]]


def test_a_comment_of_the_same_number_keeps_its_mail(blog: Blog, sue: Subscription, mailoutbox, sign_up) -> None:
    """`about` is a number in another table for each kind of mail."""
    Delivery.objects.all().delete()
    sign_up("new@example.org")
    Delivery.objects.update(about=sue.pk)
    sue.end(Subscription.EndedReason.UNSUBSCRIBED)
    drain()
    assert len(mailoutbox) == 1


def test_an_ended_address_is_forgotten_after_its_time(blog: Blog, settings) -> None:
    at = timezone.now() - datetime.timedelta(days=settings.ENDED_ADDRESS_DAYS)
    make_subscription(blog, "old@example.org", state=State.ENDED, ended_at=at - datetime.timedelta(seconds=1))
    make_subscription(blog, "young@example.org", state=State.ENDED, ended_at=at + datetime.timedelta(minutes=1))
    forget()
    assert not where_in_database("old@example.org")
    assert where_in_database("young@example.org") == ["sharing_subscription"]
