"""POST /comments/sent/<token>/code/: six digits, for a mail that is read on another device."""

import datetime

import pytest
from django.test import Client
from django.utils import timezone
from time_machine import TimeMachineFixture

from blog.models import Blog, Post
from moderation.models import Comment
from tests.at_once import at_once
from tests.database import where_in_database
from tests.factories import make_post
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
    """The page that Ann came to."""
    return send_comment(client, post).url


@pytest.fixture
def right(sent: str, send_mail) -> str:
    """The code in Ann's mail."""
    return code_in(send_mail()[-1])


def enter(client: Client, sent: str, code: str):
    return client.post(f"{sent}code/", {"code": code, "shared": "1"})


def other(code: str, steps: int = 1) -> str:
    """Another code."""
    return f"{(int(code) + steps) % 1_000_000:06d}"


def test_the_code_sends_it_to_the_desk(client: Client, sent: str, right: str) -> None:
    answer = enter(client, sent, right)
    assert answer.status_code == 302 and answer.url.startswith("/comments/status/")
    assert_private(answer)
    comment = Comment.objects.get()
    assert (comment.state, comment.version) == ("pending", 2) and comment.confirmed_at


def test_it_stands_in_both_bodies_of_the_mail_and_nowhere_in_the_database(sent: str, right: str, send_mail) -> None:
    (mail,) = send_mail()
    assert mail.body.count(right) == 1 and mail.alternatives[0][0].count(right) == 1
    assert right not in mail.subject and not where_in_database(right)


@pytest.mark.parametrize("spaced", ["{a} {b}", " {a}{b}\r\n", "{a}-{b}", "\u00a0{a}\u2009{b}"])
def test_spaces_do_not_matter(client: Client, sent: str, right: str, spaced: str) -> None:
    assert enter(client, sent, spaced.format(a=right[:3], b=right[3:])).status_code == 302


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "12345６", "1" * 1_000_000, "\0" * 6])
def test_what_is_no_code_is_said_and_costs_no_try(client: Client, sent: str, typed: str) -> None:
    page = enter(client, sent, typed)
    assert page.status_code == 422 and 'id="id_code-error"' in page.text
    assert "Enter the code from the email" in page.text or "Code must be 6 digits" in page.text
    assert Comment.objects.get().code_tries == 0


def test_a_wrong_a_used_and_a_code_of_too_many_tries_are_answered_alike(client: Client, sent: str, right: str) -> None:
    wrong = enter(client, sent, other(right))
    assert wrong.status_code == 422 and "Enter the code from the newest email" in wrong.text
    Comment.objects.update(code_tries=5)
    spent = enter(client, sent, right)
    Comment.objects.update(code_tries=0)
    assert enter(client, sent, right).status_code == 302
    used = enter(client, sent, right)
    for answer, typed in [(spent, right), (used, right)]:
        assert answer.status_code == 422
        assert answer.text.replace(typed, "") == wrong.text.replace(other(right), "")


@pytest.mark.parametrize("state", ["pending", "approved", "rejected", "spam", "withdrawn"])
def test_the_right_code_moves_no_comment_that_is_confirmed(client: Client, sent: str, right: str, state: str) -> None:
    Comment.objects.update(state=state)
    assert enter(client, sent, right).status_code == 422
    assert Comment.objects.get().state == state


def test_after_five_tries_only_another_mail_helps(client: Client, sent: str, right: str, send_mail) -> None:
    for steps in range(1, 6):
        assert enter(client, sent, other(right, steps)).status_code == 422
    assert enter(client, sent, right).status_code == 422
    Comment.objects.update(mailed_at=timezone.now() - datetime.timedelta(minutes=3))
    client.post(f"{sent}again/")
    assert enter(client, sent, right).status_code == 422, "the earlier one is over"
    assert enter(client, sent, code_in(send_mail()[-1])).status_code == 302


def test_the_link_works_on_when_the_tries_are_used_up(client: Client, sent: str, right: str, send_mail) -> None:
    Comment.objects.update(code_tries=5)
    assert client.post(link(send_mail()[0], "confirm")).status_code == 302


def test_a_network_has_so_many_tries_an_hour_over_all_comments(client: Client, post: Post, settings, send_mail) -> None:
    settings.CODES_PER_NETWORK = 3
    urls = [send_comment(client, post, comment=f"Comment {number}").url for number in range(2)]
    codes = [code_in(mail) for mail in send_mail()]
    answers = [enter(client, url, other(code)).status_code for url in urls for code in codes]
    assert answers == [422, 422, 422, 429]
    refused = enter(client, urls[0], codes[0])
    assert (
        refused.status_code == 429
        and refused["Retry-After"] in map(str, range(1700, 1802))
        and "after 13:00" in refused.text
    )
    assert enter(Client(REMOTE_ADDR="203.0.113.9"), urls[0], codes[0]).status_code == 302


def test_a_mailbox_has_so_many_tries_a_day_and_nobody_is_told(client: Client, post: Post, settings, send_mail) -> None:
    """Comments that were written for it without end would each bring five guesses."""
    settings.CODES_PER_MAILBOX = 2
    url = send_comment(client, post).url
    code = code_in(send_mail()[0])
    for steps in [1, 2]:
        enter(client, url, other(code, steps))
    assert enter(client, url, code).status_code == 422
    assert Comment.objects.get().state == "unconfirmed"


def test_it_works_as_long_as_the_link(client: Client, sent: str, right: str, time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(MIDDAY + datetime.timedelta(hours=48, seconds=1))
    assert enter(client, sent, right).status_code == 410
    assert Comment.objects.get().state == "unconfirmed"


def test_the_code_of_another_comment_is_none(client: Client, post: Post, sent: str, right: str) -> None:
    elsewhere = send_comment(client, post, comment="Other words").url
    assert enter(client, elsewhere, right).status_code == 422


@pytest.mark.django_db(transaction=True)
def test_any_number_of_tries_at_once_stay_within_the_limit(blog: Blog, send_mail) -> None:
    sent = send_comment(Client(), make_post(blog)).url
    right = code_in(send_mail()[0])
    wrong = [other(right, steps) for steps in range(1, 20)]
    at_once([lambda code=code: enter(Client(), sent, code) for code in wrong])
    assert Comment.objects.get().code_tries == 5
    assert enter(Client(), sent, right).status_code == 422


@pytest.mark.django_db(transaction=True)
def test_the_right_code_twenty_times_at_once_moves_it_once(blog: Blog, send_mail) -> None:
    sent = send_comment(Client(), make_post(blog)).url
    right = code_in(send_mail()[0])
    answers = at_once([lambda: enter(Client(), sent, right)] * 20)
    assert {answer.status_code for answer in answers} == {302, 422}
    comment = Comment.objects.get()
    assert (comment.state, comment.version) == ("pending", 2) and comment.code_tries <= 5
