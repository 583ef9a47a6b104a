"""The clock ends the subscriptions of mailboxes that get no more mail."""

import pytest

from blog.models import Blog
from mail.addresses import mailbox
from mail.bounces import Kind, received
from mail.models import Delivery, Suppression
from sharing import tasks
from sharing.models import Alert, Subscription
from tests.database import whole_database
from tests.factories import make_blog, make_notice, make_post, make_subscription

pytestmark = pytest.mark.django_db
State = Subscription.State
SUE = "sue@example.org"


def ended(subscription: Subscription) -> tuple[str, str]:
    tasks.end_suppressed()
    subscription.refresh_from_db()
    return subscription.state, subscription.ended_reason


def suppress(reason: str, address: str = SUE) -> None:
    Suppression.objects.add_mailbox(mailbox(address), reason)


@pytest.mark.parametrize(
    ("reason", "because"), [("asked", "unsubscribed"), ("bounced", "bounced"), ("complained", "complained")]
)
def test_a_subscription_ends_for_the_reason_that_stands_there(blog: Blog, notice, reason: str, because: str) -> None:
    suppress(reason)
    sue = make_subscription(blog)
    assert ended(sue) == (State.ENDED, because)
    assert sue.ended_at


@pytest.mark.parametrize(("kind", "because"), [(Kind.HARD, "bounced"), (Kind.COMPLAINT, "complained")])
def test_what_comes_back_of_an_alert_ends_it(blog: Blog, notice, send_mail, kind: Kind, because: str) -> None:
    sue = make_subscription(blog)
    make_post(blog)
    Alert.objects.raise_due()
    send_mail()
    received(Delivery.objects.get(), kind)
    assert ended(sue) == (State.ENDED, because)
    make_post(blog, slug="another")
    Alert.objects.raise_due()
    assert len(send_mail()) == 1


def test_it_ends_on_all_blogs_and_in_all_spellings(blog: Blog, notice) -> None:
    other = make_blog(address="http://other.example")
    make_notice(other)
    both = [make_subscription(blog, "Sue+news@example.org"), make_subscription(other, "SUE@example.org")]
    suppress("complained")
    assert [ended(each)[0] for each in both] == [State.ENDED, State.ENDED]


def test_nobody_else_is_touched(blog: Blog, notice) -> None:
    tom = make_subscription(blog, "tom@example.org")
    suppress("bounced")
    assert ended(tom) == (State.CONFIRMED, "")


def test_a_soft_bounce_ends_nothing(blog: Blog, notice, send_mail) -> None:
    sue = make_subscription(blog)
    make_post(blog)
    Alert.objects.raise_due()
    send_mail()
    received(Delivery.objects.get(), Kind.SOFT)
    assert ended(sue) == (State.CONFIRMED, "")


def test_the_clock_may_tick_twice(blog: Blog, notice) -> None:
    suppress("bounced")
    ended(make_subscription(blog))
    before = whole_database()
    tasks.end_suppressed()
    assert whole_database() == before


def test_what_had_ended_keeps_its_reason(blog: Blog, notice) -> None:
    sue = make_subscription(blog)
    sue.end(Subscription.EndedReason.UNSUBSCRIBED)
    suppress("complained")
    assert ended(sue) == (State.ENDED, "unsubscribed")


def test_an_unconfirmed_one_is_left_to_be_erased(blog: Blog, notice) -> None:
    sue = make_subscription(blog, state=State.UNCONFIRMED)
    suppress("asked")
    assert ended(sue) == (State.UNCONFIRMED, "")


def test_its_number_of_questions_does_not_grow(blog: Blog, notice, django_assert_max_num_queries) -> None:
    for number in range(20):
        make_subscription(blog, f"{number}@example.org")
        suppress("bounced", f"{number}@example.org")
    with django_assert_max_num_queries(3):
        tasks.end_suppressed()
    assert not Subscription.objects.confirmed().exists()
