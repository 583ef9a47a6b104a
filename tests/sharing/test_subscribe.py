"""/subscribe/: signing up, and what its answer must never tell."""

import datetime
import re

import pytest
from django.test import Client
from django.utils import timezone

from blog.models import Blog, PrivacyNotice
from mail.addresses import mailbox
from mail.models import Delivery, Suppression
from sharing.models import Subscription
from tests.at_once import at_once
from tests.database import where_in_database, whole_database
from tests.factories import make_notice, make_subscription

pytestmark = pytest.mark.django_db
State = Subscription.State


def long_ago(**fields: object) -> dict:
    return {
        "asked_at": timezone.now() - datetime.timedelta(days=8),
        "mailed_at": timezone.now().replace(2020),
        **fields,
    }


def test_the_form_shows_the_notice_before_its_button(blog: Blog, notice: PrivacyNotice, client: Client) -> None:
    page = client.get("/subscribe/")
    assert page.status_code == 200
    assert not page.cookies
    assert page.text.index('href="/privacy/"') < page.text.index('type="submit"')
    assert f'name="notice" value="{notice.pk}"' in page.text


@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_at_the_form_changes_nothing(blog: Blog, client: Client, method: str) -> None:
    before = whole_database()
    getattr(client, method)("/subscribe/?email=sue@example.org&notice=1")
    assert whole_database() == before


def test_a_sign_up_is_stored_with_its_notice_and_time(sign_up, notice: PrivacyNotice) -> None:
    before = timezone.now()
    sign_up()
    stored = Subscription.objects.get()
    assert (stored.address, stored.mailbox, stored.state) == (
        "sue@example.org",
        mailbox("sue@example.org"),
        "unconfirmed",
    )
    assert (stored.notice, stored.confirmed_at, stored.ended_reason) == (notice, None, "")
    assert before <= stored.asked_at <= timezone.now()


def test_it_owes_one_mail_that_the_stranger_wrote_nothing_of(sign_up, send_mail, blog: Blog) -> None:
    sign_up("sue+private-joke@example.org")
    [mail] = send_mail()
    assert mail.to == ["sue+private-joke@example.org"]
    assert mail.subject == "Confirm that you want emails from Digital blog"
    written = mail.body + mail.alternatives[0][0] + mail.subject
    assert "private-joke" not in written
    assert "/subscribe/confirm/" in mail.body and "/mail/stop/" in mail.body


def test_a_confirmation_is_no_bulk_mail(sign_up, send_mail) -> None:
    sign_up()
    [mail] = send_mail()
    assert mail.extra_headers["Auto-Submitted"] == "auto-generated"
    assert not {"List-Unsubscribe", "List-Id", "Precedence"} & set(mail.extra_headers)


def test_every_kind_of_address_gets_the_same_answer(blog: Blog, sign_up, settings) -> None:
    """Byte for byte, in the redirect and on the page that it leads to."""
    make_subscription(blog, "confirmed@example.org")
    make_subscription(blog, "confirmed-long-ago@example.org", **long_ago())
    make_subscription(blog, "waiting@example.org", state=State.UNCONFIRMED)
    make_subscription(blog, "stale@example.org", state=State.UNCONFIRMED, **long_ago())
    make_subscription(blog, "ended@example.org", state=State.ENDED, ended_reason="unsubscribed")
    Suppression.objects.create(mailbox=mailbox("suppressed@example.org"), reason="asked")
    names = "confirmed confirmed-long-ago waiting stale ended suppressed new new".split()
    answers = [sign_up(f"{name}@example.org") for name in names]
    assert {(answer.status_code, answer.url, answer.content) for answer in answers} == {(302, "/subscribe/sent/", b"")}
    assert len({repr(sorted(answer.headers.items())) for answer in answers}) == 1
    assert not any(answer.cookies for answer in answers)


def test_each_of_them_gets_the_mail_that_fits(blog: Blog, sign_up, send_mail) -> None:
    make_subscription(blog, "confirmed@example.org", **long_ago())
    make_subscription(blog, "stale@example.org", state=State.UNCONFIRMED, **long_ago())
    make_subscription(blog, "ended@example.org", state=State.ENDED)
    Suppression.objects.create(mailbox=mailbox("suppressed@example.org"), reason="asked")
    for name in ["confirmed", "stale", "ended", "suppressed", "new"]:
        sign_up(f"{name}@example.org")
    subjects = {mail.to[0].partition("@")[0]: mail.subject.split()[0] for mail in send_mail()}
    assert subjects == {"confirmed": "You", "stale": "Confirm", "ended": "Confirm", "new": "Confirm"}


def test_no_address_stands_in_a_url_or_on_a_page(sign_up, client: Client, link_to) -> None:
    answer = sign_up("susan.longname@example.org")
    assert "susan" not in answer.url
    assert "susan" not in client.get(answer.url).text
    assert "susan" not in link_to("confirm").lower()


def test_signing_up_again_at_once_is_one_row_and_one_mail(sign_up) -> None:
    for _ in range(5):
        sign_up()
    assert (Subscription.objects.count(), Delivery.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_twenty_sign_ups_at_once_are_one_row_and_one_mail(blog: Blog, notice: PrivacyNotice) -> None:
    form = {"email": "sue@example.org", "notice": notice.pk}
    codes = at_once([lambda: Client().post("/subscribe/", form).status_code] * 20)
    assert codes == [302] * 20
    assert (Subscription.objects.count(), Delivery.objects.count()) == (1, 1)


def test_signing_up_again_later_sends_the_link_again_and_it_lives_as_long(blog: Blog, sign_up, client, link_to) -> None:
    almost = timezone.now() - datetime.timedelta(days=6, hours=23)
    make_subscription(blog, state=State.UNCONFIRMED, asked_at=almost, mailed_at=almost)
    sign_up()
    Subscription.objects.update(asked_at=Subscription.objects.get().asked_at - datetime.timedelta(days=6))
    assert "Confirm your email alerts" in client.get(link_to("confirm")).text
    assert Subscription.objects.count() == 1


def test_signing_up_again_under_a_new_notice_is_known_by_the_new_one(sign_up, blog: Blog) -> None:
    sign_up()
    newer = make_notice(blog)
    sign_up(notice=newer.pk)
    assert Subscription.objects.get().notice == newer


def test_what_a_subscriber_confirmed_is_not_touched_by_a_stranger(blog: Blog, sign_up) -> None:
    confirmed = make_subscription(blog, **long_ago())
    newer = make_notice(blog)
    sign_up(notice=newer.pk)
    now = Subscription.objects.get()
    assert (now.notice, now.asked_at, now.state) == (confirmed.notice, confirmed.asked_at, State.CONFIRMED)


def test_a_stale_sign_up_makes_room_for_a_new_one(blog: Blog, sign_up) -> None:
    stale = make_subscription(blog, state=State.UNCONFIRMED, **long_ago())
    sign_up()
    assert Subscription.objects.get().pk != stale.pk


def test_the_same_address_signs_up_for_each_blog(blog: Blog, sign_up) -> None:
    other = Blog.objects.create(name="Other", address="http://other.example", from_email="other@example.org")
    make_notice(other)
    make_subscription(other, "sue@example.org")
    sign_up()
    assert Subscription.objects.filter(address="sue@example.org").count() == 2


def test_a_changed_notice_brings_the_form_back_once(sign_up, blog: Blog, notice: PrivacyNotice) -> None:
    newer = make_notice(blog)
    answer = sign_up("sue@example.org", notice=notice.pk)
    assert answer.status_code == 422
    assert "Our privacy notice has changed" in answer.text
    assert 'value="sue@example.org"' in answer.text
    assert not Subscription.objects.exists()
    shown = re.search(r'name="notice" value="(\d+)"', answer.text)[1]
    assert int(shown) == newer.pk
    assert sign_up(notice=shown).status_code == 302


@pytest.mark.parametrize("made_up", ["", "0", "x", "9" * 30, "1 OR 1=1", "١"])
def test_a_made_up_notice_is_shown_the_real_one(sign_up, made_up: str) -> None:
    assert sign_up(notice=made_up).status_code == 422


def test_another_blog_s_notice_is_not_this_one(sign_up, blog: Blog) -> None:
    other = Blog.objects.create(name="Other", address="http://other.example", from_email="other@example.org")
    assert sign_up(notice=make_notice(other).pk).status_code == 422


def test_a_machine_falls_into_the_trap(sign_up) -> None:
    assert sign_up(homepage="https://spam.example").status_code == 422
    assert not Subscription.objects.exists()
    assert not Delivery.objects.exists()


@pytest.mark.parametrize(
    "email",
    [
        "sue",
        "sue@",
        "@example.org",
        "sue@localhost",
        "sue@example",
        "sue@-example.org",
        "sue@example..org",
        "sue@@example.org",
        "sue @example.org",
        '"sue"@example.org',
        '"sue@evil"@example.org',
        "Sue <sue@example.org>",
        "sue@example.org, eve@example.org",
        "sue@example.org\r\nBcc: eve@example.org",
        "sue\r\n@example.org",
        "sue@example.org%0d%0aBcc:eve@example.org",
        "sue\x00@example.org",
        "sue@exa\u2028mple.org",
        "sue\u202e@example.org",
        "süe@example.org",
        "sue@[127.0.0.1]",
        "sue@127.0.0.1",
        "=?utf-8?q?sue?=@exa mple.org",
        "sue@" + "a" * 64 + ".org",
        "s" * 40 + "@" + "a.b" * 90 + ".org",
        "sue@" + "a" * 300 + ".org",
        "x" * 100_000,
    ],
)
def test_what_is_no_address_comes_back_with_an_error(sign_up, email: str) -> None:
    answer = sign_up(email)
    assert answer.status_code == 422
    assert "Enter an email address in the correct format, like name@example.com" in answer.text
    assert "<title>Error: " in answer.text
    assert not Subscription.objects.exists()
    assert not Delivery.objects.exists()


@pytest.mark.parametrize("email", ["", "   ", "\t\r\n"])
def test_no_address_is_asked_for(sign_up, email: str) -> None:
    answer = sign_up(email)
    assert answer.status_code == 422
    assert "Enter your email address" in answer.text


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        (" sue@example.org\n", "sue@example.org"),
        ("Sue@EXAMPLE.ORG", "Sue@example.org"),
        ("sue@bücher.example.org", "sue@xn--bcher-kva.example.org"),
        ("sue@xn--bcher-kva.example.org", "sue@xn--bcher-kva.example.org"),
        ("o'brien+a_b=c@example.org", "o'brien+a_b=c@example.org"),
        ("s" * 64 + "@example.org", "s" * 64 + "@example.org"),
    ],
)
def test_addresses_are_kept_as_they_can_be_mailed_to(sign_up, typed: str, stored: str, postbox, send_mail) -> None:
    assert sign_up(typed).status_code == 302
    assert Subscription.objects.get().address == stored
    send_mail()
    assert postbox.sent_to == [stored]


def test_a_form_from_another_site_is_refused(sign_up, client: Client, notice: PrivacyNotice) -> None:
    form = {"email": "sue@example.org", "notice": notice.pk}
    assert client.post("/subscribe/", form, headers={"Origin": "https://evil.example"}).status_code == 403
    assert client.post("/subscribe/", form, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert not where_in_database("sue@example.org")


def test_asking_for_no_more_mail_covers_the_next_sign_up(sign_up, client: Client, link_to, send_mail) -> None:
    sign_up()
    client.post(link_to("stop"))
    for spelling in ["sue@example.org", "SUE+again@example.org"]:
        sign_up(spelling)
    assert len(send_mail()) == 1


def test_a_blog_without_a_notice_takes_no_sign_up(db: None, client: Client) -> None:
    Blog.objects.create(name="Bare", address="http://testserver", from_email="bare@example.org")
    assert client.get("/subscribe/").status_code < 500
    assert client.post("/subscribe/", {"email": "sue@example.org", "notice": "1"}).status_code < 500
    assert not Subscription.objects.exists()
