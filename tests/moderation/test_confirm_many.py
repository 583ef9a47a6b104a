"""Comments that were stored up: so many of a mailbox and of a network are confirmed in an hour, and none is lost."""

import datetime

import pytest
from django.test import Client
from time_machine import TimeMachineFixture

from blog.models import Blog, Post
from moderation.models import Comment
from tests.at_once import at_once
from tests.factories import make_comment, make_post
from tests.moderation.links import assert_private, token_for

pytestmark = pytest.mark.django_db
MIDDAY = datetime.datetime(2026, 11, 22, 12, 30, tzinfo=datetime.UTC)


@pytest.fixture(autouse=True)
def _midday(time_machine: TimeMachineFixture) -> None:
    """No budget's window ends within a test."""
    time_machine.move_to(MIDDAY)


def stored_up(post: Post, number: int, address: str = "ann@example.org") -> list[str]:
    """The links of so many unconfirmed comments, all of one address or, with a %, of one each."""
    links = []
    for place in range(number):
        one = address.replace("%", str(place))
        comment = make_comment(post, "unconfirmed", text=f"Comment {place}", address=one)
        links.append(f"/comments/confirm/{token_for('comment-confirm', comment.pk)}/")
    return links


def waiting() -> int:
    return Comment.objects.filter(state="unconfirmed").count()


def test_fifty_of_one_mailbox_are_not_confirmed_at_once(client: Client, post: Post) -> None:
    answers = [client.post(url).status_code for url in stored_up(post, 50)]
    assert answers == [302] * 6 + [429] * 44
    assert waiting() == 44


def test_fifty_of_one_network_are_not_confirmed_at_once(client: Client, post: Post) -> None:
    answers = [client.post(url).status_code for url in stored_up(post, 50, "ann%@example.org")]
    assert answers == [302] * 30 + [429] * 20


def test_spellings_of_one_mailbox_share_its_budget(client: Client, post: Post) -> None:
    answers = [client.post(url).status_code for url in stored_up(post, 8, "ann+%@example.org")]
    assert answers == [302] * 6 + [429] * 2


def test_the_others_are_told_when_to_press_again_and_until_when(client: Client, post: Post) -> None:
    *_, refused = [client.post(url) for url in stored_up(post, 7)]
    assert refused.status_code == 429 and refused["Retry-After"] in map(str, range(1700, 1802))
    assert "after 13:00" in refused.text and "It works until Tuesday 24 November, 12:30" in refused.text
    assert "Comment 6" in refused.text and "<button" in refused.text
    assert_private(refused)
    assert not refused.cookies


def test_an_hour_later_it_goes_through(client: Client, post: Post, time_machine: TimeMachineFixture) -> None:
    links = stored_up(post, 7)
    for url in links:
        client.post(url)
    time_machine.move_to(MIDDAY + datetime.timedelta(minutes=31))
    assert client.post(links[-1]).status_code == 302 and waiting() == 0


def test_the_deadline_stays(client: Client, post: Post, time_machine: TimeMachineFixture) -> None:
    links = stored_up(post, 7)
    for url in links:
        client.post(url)
    time_machine.move_to(MIDDAY + datetime.timedelta(hours=48, seconds=1))
    assert client.post(links[-1]).status_code == 410


def test_a_second_press_costs_nothing(client: Client, post: Post) -> None:
    first, *others = stored_up(post, 6)
    answers = [client.post(url).status_code for url in [first, first, first, *others]]
    assert answers == [302] * 8


def test_what_is_refused_costs_nothing_of_the_network_s_budget(client: Client, post: Post, settings) -> None:
    settings.CONFIRMATIONS = (1, 2)
    answers = [client.post(url).status_code for url in stored_up(post, 5)]
    assert answers == [302] + [429] * 4
    assert client.post(stored_up(post, 1, "bob@example.org")[0]).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_at_the_same_moment_no_more_come_through(blog: Blog, settings) -> None:
    settings.CONFIRMATIONS = (3, 99)
    links = stored_up(make_post(blog), 12)
    answers = at_once([lambda url=url: Client().post(url) for url in links])
    assert sorted(answer.status_code for answer in answers) == [302] * 3 + [429] * 9
    assert waiting() == 9
