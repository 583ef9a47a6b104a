"""What is written down as owed, and that workers are told of it only when it is."""

import datetime

import pytest
from celery import current_app
from django.db import IntegrityError, transaction
from django.utils import timezone

from blog.models import Blog
from mail.compose import Letter, Marks, owe, owe_all, owe_with
from mail.drain import drain
from mail.hints import settle, tell
from mail.models import Delivery, Lane, Mailout, Spent, Suppression
from mail.smtp import compose
from postbag import tokens
from postbag.statements import New
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


def new_row(mailbox: str = "0123456789abcdef") -> New:
    """Any new row: there is one of each mailbox."""
    return New(Suppression(mailbox=mailbox), conflict="(mailbox) DO NOTHING")


@pytest.mark.django_db(transaction=True)
def test_a_row_and_the_mail_about_it_are_stored_together(letter: Letter, hints: list[str]) -> None:
    first = new_row()
    assert owe_with(first, letter, "ann@example.org", delay=60)
    settle()
    stored = Delivery.objects.select_related("mailout").get()
    assert (stored.address, stored.about, stored.mailout.kind) == ("ann@example.org", first.row.pk, "test")
    assert stored.due_at > timezone.now() + datetime.timedelta(seconds=50)
    assert Suppression.objects.get() == first.row
    assert hints == ["mail.tasks.drain_now"]


@pytest.mark.django_db(transaction=True)
def test_a_mail_that_cannot_be_stored_takes_the_row_with_it(letter: Letter, hints: list[str]) -> None:
    with pytest.raises(IntegrityError):
        owe_with(new_row(), letter, None, box="0123456789abcdef")  # type: ignore[arg-type]
    settle()
    assert not Suppression.objects.exists() and not Mailout.objects.exists() and not Spent.objects.exists()
    assert hints == []


def test_a_row_that_is_there_already_owes_and_counts_nothing(letter: Letter) -> None:
    Suppression.objects.create(mailbox="0123456789abcdef")
    assert not owe_with(new_row(), letter, "ann@example.org")
    assert not Delivery.objects.exists() and not Mailout.objects.exists() and not Spent.objects.exists()


@pytest.mark.parametrize(("limits", "counted"), [((1, 9), [1, 1]), ((9, 1), [1, 1]), ((0, 9), []), ((9, 0), [])])
def test_a_used_up_mailbox_gets_no_mail_and_is_counted_no_further(
    letter: Letter, settings, clock, limits: tuple[int, int], counted: list[int]
) -> None:
    settings.MAIL_PER_MAILBOX = limits
    for mailbox in ["1111111111111111", "2222222222222222", "3333333333333333"]:
        assert owe_with(new_row(mailbox), letter, "ann@example.org")
    assert Suppression.objects.count() == 3
    assert Delivery.objects.count() == Mailout.objects.count() == len(counted) / 2
    assert list(Spent.objects.values_list("mails", flat=True)) == counted


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
