"""/subscribe/confirm/<token>/: looking changes nothing, the button starts the alerts, once."""

import datetime

import pytest
from django.test import Client
from django.utils import timezone

from blog.models import Blog
from mail.models import Delivery
from postbag import tokens
from sharing.models import Subscription
from sharing.tasks import forget
from tests.at_once import at_once
from tests.database import whole_database
from tests.factories import make_blog, make_notice, make_subscription
from tests.moderation.links import altered, assert_dead, assert_looking_changes_nothing, assert_private

pytestmark = pytest.mark.django_db
State = Subscription.State


def confirm_url(subscription: Subscription) -> str:
    """The link in its confirmation mail."""
    return f"/subscribe/confirm/{tokens.make('subscribe-confirm', subscription.pk)}/"


@pytest.fixture
def sue(blog: Blog) -> Subscription:
    """Sue's sign-up, not yet confirmed."""
    return make_subscription(blog, state=State.UNCONFIRMED)


def state_of(subscription: Subscription) -> str:
    subscription.refresh_from_db()
    return subscription.state


def test_the_mailed_link_shows_whose_address_it_is_and_a_button(sign_up, link_to, client: Client) -> None:
    sign_up()
    page = client.get(link_to("confirm"))
    assert page.status_code == 200
    assert "sue@example.org" in page.text
    assert '<form method="post"' in page.text


def test_looking_changes_nothing(client: Client, sue: Subscription) -> None:
    assert_looking_changes_nothing(client, confirm_url(sue))
    assert state_of(sue) == State.UNCONFIRMED


def test_the_button_starts_the_alerts(client: Client, sue: Subscription) -> None:
    before = timezone.now()
    answer = client.post(confirm_url(sue))
    assert answer.status_code == 200
    assert "You get email alerts from us" in answer.text
    assert_private(answer)
    assert state_of(sue) == State.CONFIRMED
    assert before <= sue.confirmed_at <= timezone.now()


def test_pressing_again_changes_nothing_and_says_the_same(client: Client, sue: Subscription) -> None:
    first = client.post(confirm_url(sue))
    before = whole_database()
    again = [Client().post(confirm_url(sue)) for _ in range(3)]
    assert {(answer.status_code, answer.content) for answer in again} == {(200, first.content)}
    assert whole_database() == before


@pytest.mark.django_db(transaction=True)
def test_ten_presses_at_once_are_one(sue: Subscription) -> None:
    moved = at_once([lambda: Subscription.objects.get(pk=sue.pk).confirm()] * 10)
    assert sorted(moved) == [False] * 9 + [True]


def test_a_link_of_one_that_ended_starts_nothing(client: Client, blog: Blog) -> None:
    ended = make_subscription(blog, state=State.ENDED, ended_reason="unsubscribed")
    answer = client.post(confirm_url(ended))
    assert "These email alerts have ended" in answer.text
    assert state_of(ended) == State.ENDED


@pytest.mark.parametrize(("seconds", "code"), [(-2, 200), (2, 410)])
def test_it_lives_for_seven_days(client: Client, blog: Blog, seconds: int, code: int) -> None:
    asked = timezone.now() - datetime.timedelta(days=7, seconds=seconds)
    sue = make_subscription(blog, state=State.UNCONFIRMED, asked_at=asked)
    assert client.get(confirm_url(sue)).status_code == code
    assert client.post(confirm_url(sue)).status_code == code
    assert (state_of(sue) == State.CONFIRMED) == (code == 200)


def test_one_confirmed_in_time_is_told_so_for_ever(client: Client, blog: Blog) -> None:
    sue = make_subscription(blog, asked_at=timezone.now() - datetime.timedelta(days=99))
    assert "You get email alerts from us" in client.get(confirm_url(sue)).text


def test_an_expired_link_is_the_same_page_as_an_unknown_one(client: Client, blog: Blog) -> None:
    asked = timezone.now() - datetime.timedelta(days=8)
    assert_dead(client, confirm_url(make_subscription(blog, state=State.UNCONFIRMED, asked_at=asked)))


def test_every_altered_link_is_dead(client: Client, sue: Subscription) -> None:
    for token in altered(tokens.make("subscribe-confirm", sue.pk)):
        assert client.post(f"/subscribe/confirm/{token}/").status_code == 410
    assert state_of(sue) == State.UNCONFIRMED


@pytest.mark.parametrize("purpose", ["unsubscribe", "comment-confirm", "comment-status", "stop", ""])
def test_a_link_of_another_kind_is_dead(client: Client, sue: Subscription, purpose: str) -> None:
    assert_dead(client, f"/subscribe/confirm/{tokens.make(purpose, sue.pk)}/")


@pytest.mark.parametrize("number", [0, 999, 2**63 - 1, 2**63, 2**64 - 1])
def test_a_link_to_nothing_is_dead(client: Client, sue: Subscription, number: int) -> None:
    assert_dead(client, f"/subscribe/confirm/{tokens.make('subscribe-confirm', number)}/")


def test_a_link_of_another_blog_is_dead_here(client: Client, blog: Blog) -> None:
    other = make_blog(address="http://other.example")
    make_notice(other)
    sid = make_subscription(other, "sid@example.org", state=State.UNCONFIRMED)
    assert_dead(client, confirm_url(sid))
    assert client.post(confirm_url(sid), headers={"host": "other.example"}).status_code == 200


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Origin": "null", "Sec-Fetch-Site": "cross-site"}]
)
def test_another_site_cannot_press_the_button(client: Client, sue: Subscription, headers: dict[str, str]) -> None:
    assert client.post(confirm_url(sue), headers=headers).status_code == 403
    assert state_of(sue) == State.UNCONFIRMED


def test_links_lead_to_the_blog_s_own_address_whatever_host_was_asked(blog: Blog, notice, send_mail) -> None:
    blog.also_answers = "mirror.example"
    blog.save()
    form = {"email": "sue@example.org", "notice": notice.pk}
    assert Client().post("/subscribe/", form, headers={"host": "mirror.example"}).status_code == 302
    [mail] = send_mail()
    assert "mirror.example" not in mail.body + mail.alternatives[0][0]
    assert "http://testserver/subscribe/confirm/" in mail.body


def test_the_clock_erases_what_nobody_confirmed(client: Client, blog: Blog) -> None:
    old = timezone.now() - datetime.timedelta(days=7, seconds=1)
    make_subscription(blog, "never@example.org", state=State.UNCONFIRMED, asked_at=old)
    make_subscription(blog, "young@example.org", state=State.UNCONFIRMED)
    make_subscription(blog, "confirmed@example.org", asked_at=old)
    forget()
    left = set(Subscription.objects.values_list("address", flat=True))
    assert left == {"young@example.org", "confirmed@example.org"}


def test_the_link_works_before_its_mail_is_settled(client: Client, sign_up, link_to) -> None:
    """Who reads fast must not wait for our ledger."""
    sign_up()
    url = link_to("confirm")
    Delivery.objects.update(state=Delivery.State.HANDED)
    assert client.post(url).status_code == 200
