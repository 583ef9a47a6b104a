"""…/comments/sent/: “check your email”, one page for everybody, now and later."""

import datetime

import pytest
from django.test import Client
from django.utils import timezone
from time_machine import TimeMachineFixture

from blog.models import Post
from mail.addresses import mailbox
from mail.models import Delivery, Suppression
from moderation.models import Comment
from moderation.tasks import forget
from tests.factories import make_comment
from tests.moderation.reader import send_comment

pytestmark = pytest.mark.django_db


def answer(client: Client, post: Post, **changed: str) -> tuple[str, str]:
    """Where the sender of a form is led, and what stands there."""
    sent = send_comment(client, post, **changed)
    assert sent.status_code == 302 and not sent.cookies
    return sent.url, client.get(sent.url).text


def test_it_says_what_to_do_and_leads_back(client: Client, post: Post) -> None:
    address, page = answer(client, post)
    assert "Check your email" in page and f'href="{post.get_absolute_url()}"' in page
    assert "ann" not in address.lower() and "ann@example.org" not in page


def test_it_is_the_same_for_a_new_a_known_and_a_blocked_address(client: Client, post: Post) -> None:
    make_comment(post, "approved", address="known@example.org")
    Suppression.objects.add_mailbox(mailbox("blocked@example.org"), Suppression.Reason.ASKED)
    assert len({answer(client, post, email=f"{name}@example.org") for name in ["new", "known", "blocked"]}) == 1


def test_it_is_the_same_whatever_became_of_the_same_words(client: Client, post: Post) -> None:
    answers = set()
    for state in Comment.State.values:
        Comment.objects.update(state=state)
        answers.add(answer(client, post))
    assert len(answers) == 1


def test_it_is_the_same_when_a_mailbox_has_had_enough(client: Client, post: Post, settings) -> None:
    settings.MAIL_PER_MAILBOX = (1, 1)
    assert len({answer(client, post, comment=f"Comment {number}") for number in range(3)}) == 1
    assert Delivery.objects.count() == 1


def test_it_tells_nothing_two_days_later_of_who_wrote_a_published_comment(
    client: Client, post: Post, time_machine: TimeMachineFixture
) -> None:
    """Post, name and text are public: whoever guesses the address must not see that they guessed right."""
    time_machine.move_to(timezone.now())
    send_comment(client, post, email="right@example.org")
    Comment.objects.update(state=Comment.State.APPROVED)
    addresses = [answer(client, post, email=f"{name}@example.org")[0] for name in ["right", "wrong"]]
    time_machine.shift(datetime.timedelta(hours=49))
    forget()
    right, wrong = (client.get(address) for address in addresses)
    assert (right.status_code, right.text) == (wrong.status_code, wrong.text)


def test_there_is_none_for_a_post_that_there_is_not(client: Client, post: Post) -> None:
    assert client.get("/2014/06/20/no-such-post/comments/sent/").status_code == 404
