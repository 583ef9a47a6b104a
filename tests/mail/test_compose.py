"""What is written down as owed, and that workers are told of it only when it is."""

import datetime

import pytest
from celery import current_app
from django.db import transaction
from django.utils import timezone

from blog.models import Blog
from mail.compose import Letter, Marks, owe, owe_all
from mail.drain import drain
from mail.hints import settle, tell
from mail.models import Delivery, Lane, Mailout
from mail.smtp import compose
from postbag import tokens
from sharing.models import Subscription
from tests.factories import make_delivery, make_mailout, make_subscription

pytestmark = pytest.mark.django_db


@pytest.fixture
def letter(blog: Blog) -> Letter:
    """Any mail."""
    words = {"blog": blog, "blog_name": blog.name, "blog_address": blog.address, "days": 7}
    return Letter("test", "sharing/mail/confirmation", blog.sender, words)


def test_it_is_owed_in_the_transaction_that_owes_it(letter: Letter, hints: list[str]) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        owe(letter, "ann@example.org", about=1)
        raise ZeroDivisionError
    assert not Delivery.objects.exists() and not Mailout.objects.exists()
    assert hints == []


@pytest.mark.django_db(transaction=True)
def test_a_worker_is_told_after_the_commit_and_not_before(letter: Letter, hints: list[str]) -> None:
    with transaction.atomic():
        owe(letter, "ann@example.org", about=1)
        assert hints == []
    settle()
    assert hints == ["mail.tasks.drain_now"]


@pytest.mark.django_db(transaction=True)
def test_bulk_mail_has_a_queue_of_its_own(letter: Letter, hints: list[str]) -> None:
    owe_all(letter, Lane.ALERT, Subscription.objects.confirmed())
    settle()
    assert hints == ["mail.tasks.drain_bulk"]
    routes = (
        current_app.amqp.router.route({}, "mail.tasks.drain_bulk"),
        current_app.amqp.router.route({}, "mail.tasks.x"),
    )
    assert [route["queue"].name for route in routes] == ["mail.bulk", "now"]


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_away_loses_no_mail(letter: Letter, mailoutbox, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object, **_options: object) -> None:
        raise ConnectionError("nobody listens")

    monkeypatch.setattr(current_app, "send_task", fail)
    owe(letter, "ann@example.org", about=1)
    tell("mail.tasks.drain_now")
    assert drain() == 1


def test_a_delay_is_kept_in_the_ledger(letter: Letter) -> None:
    delivery = owe(letter, "ann@example.org", about=1, delay=60)
    assert drain() == 0
    assert delivery.due_at > timezone.now() + datetime.timedelta(seconds=50)


def test_a_letter_adds_up(letter: Letter) -> None:
    assert owe(letter, "ann@example.org", about=1).mailout.adds_up()


def test_marks_are_as_wide_as_tokens_and_never_the_same() -> None:
    marks, others = Marks(), Marks()
    assert len(marks["stop"]) == len(tokens.make("stop", 1))
    assert marks["stop"] == marks["stop"]
    assert len({marks["stop"], marks["unsubscribe"], others["stop"]}) == 3
    assert tokens.read("stop", marks["stop"]) is None


def test_each_mark_becomes_the_token_of_its_purpose(blog: Blog) -> None:
    subscription, marks = make_subscription(blog), Marks()
    mailout = make_mailout(text=f"{marks['unsubscribe']} {marks['stop']} {marks['unsubscribe']}", marks=dict(marks))
    delivery = make_delivery(mailout, subscription.address, about=subscription.pk)
    first, stop, second = compose(delivery).body.split()
    assert first == second
    assert tokens.read("unsubscribe", first) == (subscription.pk, 0)
    assert tokens.read("stop", stop) == (int(subscription.mailbox, 16), 0)


@pytest.mark.parametrize("mailbox", ["0000000000000000", "ffffffffffffffff", "0123456789abcdef"])
def test_a_stop_link_names_the_mailbox_and_no_address(client, blog: Blog, mailbox: str) -> None:
    token = make_delivery(mailbox=mailbox).token("stop")
    other = make_delivery(address="o@example.org", mailbox=mailbox)
    assert client.post(f"/mail/stop/{token}/").status_code == 200
    other.refresh_from_db()
    assert other.state == Delivery.State.SUPPRESSED


def test_its_message_id_is_on_the_blog_s_domain() -> None:
    delivery = make_delivery(make_mailout(sender='"a@b" <blog@example.org>'))
    assert delivery.message_id == f"<{delivery.mailout_id}.{delivery.pk}@example.org>"
