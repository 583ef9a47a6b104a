"""The audience is frozen: one statement, everybody once, everybody accounted for."""

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from blog.models import Blog, PrivacyNotice
from mail.addresses import mailbox
from mail.drain import drain
from mail.models import Delivery, Lane, Mailout, Suppression
from sharing.models import Subscription
from tests.at_once import at_once
from tests.factories import make_mailout, make_notice, make_subscription

pytestmark = pytest.mark.django_db


def frozen() -> Mailout:
    mailout = make_mailout(Lane.ALERT, state=Mailout.State.PREPARING)
    mailout.freeze(Subscription.objects.confirmed())
    mailout.refresh_from_db()
    return mailout


def test_a_thousand_rows_take_one_insert(blog: Blog, notice, django_assert_num_queries) -> None:
    addresses = [f"reader{number}@example.org" for number in range(1000)]
    Subscription.objects.bulk_create(
        Subscription(blog=blog, address=address, mailbox=mailbox(address), notice=notice, state="confirmed")
        for address in addresses
    )
    mailout = make_mailout(Lane.ALERT, state=Mailout.State.PREPARING)
    patience = connection.vendor == "postgresql"  # one statement more
    with django_assert_num_queries(6 + patience) as captured:  # savepoint, two counts, insert, update, savepoint
        mailout.freeze(Subscription.objects.confirmed())
    assert len([query for query in captured if query["sql"].startswith("INSERT")]) == 1
    assert mailout.deliveries.filter(state=Delivery.State.PENDING).count() == mailout.prepared == 1000


def test_a_frozen_row_is_like_one_that_was_written_by_hand(blog: Blog, mailoutbox) -> None:
    subscription = make_subscription(blog)
    before = timezone.now()
    row = frozen().deliveries.get()
    assert (row.address, row.mailbox, row.about) == (subscription.address, subscription.mailbox, subscription.pk)
    assert (row.serial, row.attempts, row.code, row.lease) == (0, 0, "", None)
    assert before <= row.due_at <= timezone.now()
    assert drain() == 1


def test_suppressed_and_repeated_people_are_counted_and_left_out(blog: Blog) -> None:
    other = Blog.objects.create(name="Other", address="http://other.example", from_email="other@example.org")
    make_notice(other)
    for address in ["sue@example.org", "sid@example.org", "no@example.org"]:
        make_subscription(blog, address)
    make_subscription(other, "sue@example.org")
    Suppression.objects.create(mailbox=mailbox("no+tag@example.org"), reason="asked")
    mailout = frozen()
    assert (mailout.candidates, mailout.prepared, mailout.suppressed, mailout.repeated) == (4, 2, 1, 1)
    assert mailout.adds_up()


def test_nobody_at_all_is_done_at_once(db: None) -> None:
    mailout = frozen()
    assert (mailout.state, mailout.candidates) == (Mailout.State.READY, 0)
    drain()
    mailout.refresh_from_db()
    assert mailout.state == Mailout.State.DONE
    assert mailout.adds_up()


def test_who_joins_later_is_not_written_to(blog: Blog, mailoutbox) -> None:
    make_subscription(blog)
    frozen()
    make_subscription(blog, "late@example.org")
    drain()
    assert [mail.to for mail in mailoutbox] == [["sue@example.org"]]


def test_freezing_again_repeats_nobody(blog: Blog) -> None:
    make_subscription(blog)
    mailout = frozen()
    mailout.freeze(Subscription.objects.confirmed())
    assert mailout.deliveries.count() == 1


@pytest.mark.postgres
def test_a_freeze_may_take_longer_than_a_page(blog: Blog) -> None:
    """A million rows do: with the limit of all other statements, the alert would be tried and given up for ever."""
    make_subscription(blog)
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION sleep() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN PERFORM pg_sleep(0.4); RETURN NEW; END $$;"
            "CREATE TRIGGER slow BEFORE INSERT ON mail_delivery FOR EACH ROW EXECUTE FUNCTION sleep();"
            "SET LOCAL statement_timeout = '300ms'"
        )
    assert frozen().prepared == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_sign_up_waits_for_no_freeze(blog: Blog, notice: PrivacyNotice) -> None:
    """However long it takes: what a freeze holds until it is committed is nothing that a sign-up needs."""
    make_subscription(blog)

    def sign_up() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '1s'")
        return Client().post("/subscribe/", {"email": "late@example.org", "notice": notice.pk}).status_code

    with transaction.atomic():
        assert frozen().prepared == 1
        assert at_once([sign_up]) == [302]
    assert Subscription.objects.filter(address="late@example.org").exists()
