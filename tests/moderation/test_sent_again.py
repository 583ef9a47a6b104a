"""POST /comments/sent/<token>/again/: the same mail once more; only the newest counts, and the deadline stays."""

import datetime

import pytest
from django.test import Client
from django.utils import timezone
from time_machine import TimeMachineFixture

from blog.models import Post
from mail.addresses import mailbox
from mail.models import Delivery, Suppression
from moderation.models import Comment
from tests.database import whole_database
from tests.moderation.links import assert_private
from tests.moderation.reader import code_in, link, send_comment

pytestmark = pytest.mark.django_db
MIDDAY = datetime.datetime(2026, 11, 22, 12, 30, tzinfo=datetime.UTC)


@pytest.fixture(autouse=True)
def _midday(time_machine: TimeMachineFixture) -> None:
    """No budget's window ends within a test."""
    time_machine.move_to(MIDDAY)


@pytest.fixture
def sent(client: Client, post: Post) -> str:
    """The page that Ann came to, three minutes ago."""
    url = send_comment(client, post).url
    Comment.objects.update(mailed_at=timezone.now() - datetime.timedelta(minutes=3))
    return url


def test_another_mail_comes_and_the_page_says_so(client: Client, sent: str, send_mail) -> None:
    assert len(send_mail()) == 1
    page = client.post(f"{sent}again/")
    assert page.status_code == 200 and "another one is on its way" in page.text
    assert_private(page)
    assert [mail.to for mail in send_mail()] == [["ann@example.org"]] * 2


def test_only_the_newest_link_works_and_the_old_one_says_so_kindly(client: Client, sent: str, send_mail) -> None:
    old = link(send_mail()[0], "confirm")
    client.post(f"{sent}again/")
    new = link(send_mail()[1], "confirm")
    for ask in [client.get, client.post]:
        page = ask(old)
        assert page.status_code == 410 and "There is a newer email" in page.text
        assert f'action="{sent}again/"' in page.text
        assert_private(page)
    assert Comment.objects.get().state == "unconfirmed"
    assert client.post(new).status_code == 302
    assert Comment.objects.get().state == "pending"
    assert "You have confirmed this comment already" in client.get(old).text


def test_only_the_newest_code_works(client: Client, sent: str, send_mail) -> None:
    old = code_in(send_mail()[0])
    client.post(f"{sent}again/")
    new = code_in(send_mail()[1])
    assert old != new
    assert client.post(f"{sent}code/", {"code": old}).status_code == 422
    assert client.post(f"{sent}code/", {"code": new}).status_code == 302


def test_a_mail_that_has_not_left_is_called_off(client: Client, sent: str, send_mail) -> None:
    client.post(f"{sent}again/")
    (only,) = send_mail()
    assert client.post(link(only, "confirm")).status_code == 302


def test_not_within_two_minutes_and_nobody_is_told(client: Client, sent: str, send_mail) -> None:
    first = link(send_mail()[0], "confirm")
    Comment.objects.update(mailed_at=timezone.now() - datetime.timedelta(seconds=119))
    before = Comment.objects.get().serial
    assert client.post(f"{sent}again/").text == client.get(f"{sent}again/").text
    assert len(send_mail()) == 1 and Comment.objects.get().serial == before
    assert client.post(first).status_code == 302, "and what was mailed still works"


def test_a_mailbox_that_has_had_enough_keeps_the_link_it_has(client: Client, sent: str, send_mail, settings) -> None:
    first = link(send_mail()[0], "confirm")
    settings.MAIL_PER_MAILBOX = (1, 1)
    assert "another one is on its way" in client.post(f"{sent}again/").text
    assert len(send_mail()) == 1
    assert client.post(first).status_code == 302


def test_it_never_moves_the_deadline(client: Client, sent: str, send_mail, time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(MIDDAY + datetime.timedelta(hours=47))
    client.post(f"{sent}again/")
    newest = link(send_mail()[-1], "confirm")
    time_machine.move_to(MIDDAY + datetime.timedelta(hours=48, seconds=2))
    assert client.post(newest).status_code == 410
    assert client.post(f"{sent}again/").status_code == 410


@pytest.mark.parametrize("state", Comment.State.values)
def test_the_answer_does_not_tell_what_became_of_the_comment(
    client: Client, post: Post, sent: str, state: str, send_mail
) -> None:
    send_mail()
    page = client.get(f"{sent}again/").text
    Comment.objects.update(state=state, digest=None)
    assert client.post(f"{sent}again/").text == page
    assert len(send_mail()) == 2, "one that tells the address's owner where it stands"


def test_a_blocked_mailbox_gets_none_and_nobody_is_told(client: Client, sent: str, send_mail) -> None:
    send_mail()
    Suppression.objects.add_mailbox(mailbox("ann@example.org"), Suppression.Reason.ASKED)
    assert "another one is on its way" in client.post(f"{sent}again/").text
    assert len(send_mail()) == 1


def test_the_network_s_budget_holds_and_says_when_to_come_back(client: Client, sent: str, settings) -> None:
    settings.MAIL_PER_NETWORK = (1, 9)
    before = Delivery.objects.count()
    page = client.post(f"{sent}again/")
    assert page.status_code == 429 and page["Retry-After"] in map(str, range(1700, 1802))
    assert "Try again after 13:00" in page.text
    assert Delivery.objects.count() == before


def test_pressed_twice_it_is_one_mail(client: Client, sent: str, send_mail) -> None:
    send_mail()
    for _ in range(2):
        client.post(f"{sent}again/")
    assert len(send_mail()) == 2


@pytest.mark.parametrize("part", ["again", "address", "code"])
def test_a_press_on_another_site_is_refused(client: Client, sent: str, part: str) -> None:
    before = whole_database()
    headers = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    assert client.post(f"{sent}{part}/", headers=headers).status_code == 403
    assert whole_database() == before
