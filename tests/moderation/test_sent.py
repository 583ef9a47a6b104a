"""/comments/sent/<token>/: “check your email”, which tells nothing of what we know."""

import datetime
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from time_machine import TimeMachineFixture

from blog.models import Post
from mail.addresses import mailbox
from mail.models import Delivery, Suppression
from moderation.models import Comment
from moderation.tasks import forget
from postbag import tokens
from tests.factories import make_blog, make_comment, make_notice, make_post
from tests.moderation.links import altered, assert_dead, assert_looking_changes_nothing, assert_private
from tests.moderation.reader import link, send_comment

pytestmark = pytest.mark.django_db
TOKEN = re.compile("[a-z2-7]{40}")


def told(client: Client, post: Post, **changed: str) -> tuple[str, str]:
    """Where the sender of a form is led, and what stands there, but for what differs in any case."""
    sent = send_comment(client, post, **changed)
    assert sent.status_code == 302 and not sent.cookies
    page = client.get(sent.url)
    assert page.status_code == 200
    return TOKEN.sub("", sent.url), TOKEN.sub("", page.text).replace(changed.get("email", "ann@example.org"), "")


def sent_url(comment: Comment) -> str:
    return f"/comments/sent/{tokens.make('comment-sent', comment.pk)}/"


def test_it_shows_the_address_as_it_was_typed_and_what_to_do(client: Client, post: Post) -> None:
    sent = send_comment(client, post, email="Ann.Typo+x@exmaple.org")
    page = client.get(sent.url)
    assert "Check your email" in page.text and "<bdi>Ann.Typo+x@exmaple.org</bdi>" in page.text
    assert f'href="{post.get_absolute_url()}"' in page.text and "48 hours" in page.text
    assert_private(page)


def test_what_was_written_is_not_on_it(client: Client, post: Post) -> None:
    sent = send_comment(client, post, comment="My secret words", name="Secret name")
    assert "ecret" not in client.get(sent.url).text


def test_looking_changes_nothing(client: Client, post: Post) -> None:
    for part in ["", "again/", "address/", "code/"]:
        assert_looking_changes_nothing(client, sent_url(make_comment(post, "unconfirmed")) + part)


def test_it_is_the_same_for_a_new_a_known_and_a_blocked_address(client: Client, post: Post) -> None:
    make_comment(post, "approved", address="known@example.org")
    Suppression.objects.add_mailbox(mailbox("blocked@example.org"), Suppression.Reason.ASKED)
    assert len({told(client, post, email=f"{name}@example.org") for name in ["new", "known", "blocked"]}) == 1


def test_it_is_the_same_when_a_mailbox_has_had_enough(client: Client, post: Post, settings) -> None:
    settings.MAIL_PER_MAILBOX = (1, 1)
    assert len({told(client, post, comment=f"Comment {number}") for number in range(3)}) == 1
    assert Delivery.objects.count() == 1


@pytest.mark.parametrize("state", [state for state in Comment.State.values if state != "unconfirmed"])
def test_words_and_address_of_a_known_comment_are_answered_as_new_ones(
    client: Client, post: Post, state: str, send_mail
) -> None:
    """Post, name and text of a comment are public: whoever guesses its address must not see that they guessed right."""
    known = confirmed(client, post, send_mail, state)
    before, mails = timezone.now(), len(send_mail())
    right, wrong = told(client, post), told(client, post, email="bob@example.org")
    assert right == wrong
    assert Comment.objects.filter(submitted_at__gte=before, state="unconfirmed").count() == 2
    assert [mail.subject for mail in send_mail()[mails:]] == ["Confirm your comment on Digital blog"] * 2
    known.refresh_from_db()
    assert known.state == state


def test_a_known_comment_costs_as_many_statements_as_a_new_one(client: Client, post: Post, send_mail) -> None:
    """The answer must not tell by its time, either."""
    confirmed(client, post, send_mail, "approved")
    counted = []
    for address in ["bob@example.org", "ann@example.org", "cy@example.org"]:
        with CaptureQueriesContext(connection) as statements:
            send_comment(client, post, email=address)
        counted.append(len(statements))
    assert len(set(counted)) == 1


def test_it_lives_as_long_whether_or_not_the_address_was_right(
    client: Client, post: Post, send_mail, time_machine: TimeMachineFixture
) -> None:
    time_machine.move_to(timezone.now())
    confirmed(client, post, send_mail, "approved")
    urls = [send_comment(client, post, email=f"{name}@example.org").url for name in ["ann", "bob"]]
    time_machine.shift(datetime.timedelta(hours=47))
    forget()
    right, wrong = (client.get(url) for url in urls)
    assert right.status_code == wrong.status_code == 200
    time_machine.shift(datetime.timedelta(hours=2))
    for act in [lambda: None, forget]:
        act()
        right, wrong = (client.get(url) for url in urls)
        assert (right.status_code, right.text) == (wrong.status_code, wrong.text) and right.status_code == 410


def test_it_does_not_tell_that_somebody_confirmed_the_comment(client: Client, post: Post) -> None:
    comment = make_comment(post, "unconfirmed")
    page = client.get(sent_url(comment)).text
    for state in Comment.State.values:
        Comment.objects.update(state=state)
        assert client.get(sent_url(comment)).text == page


def test_it_dies_with_the_time_to_confirm_whatever_became_of_the_comment(client: Client, post: Post) -> None:
    old = timezone.now() - datetime.timedelta(hours=48, seconds=2)
    for state in Comment.State.values:
        assert_dead(client, sent_url(make_comment(post, state, submitted_at=old)))


def test_altered_links_and_those_of_another_kind_or_blog_are_dead(client: Client, post: Post) -> None:
    comment = make_comment(post, "unconfirmed")
    for token in altered(tokens.make("comment-sent", comment.pk)):
        assert client.get(f"/comments/sent/{token}/").status_code == 410
    for purpose in ["comment-confirm", "comment-status", "stop"]:
        assert_dead(client, f"/comments/sent/{tokens.make(purpose, comment.pk)}/")
    other = make_blog(address="http://other.example")
    make_notice(other)
    assert_dead(client, sent_url(make_comment(make_post(other), "unconfirmed")))


def test_there_is_none_without_an_address(client: Client, post: Post) -> None:
    comment = make_comment(post, "unconfirmed")
    Comment.objects.update(address="")
    assert_dead(client, sent_url(comment))


def confirmed(client: Client, post: Post, send_mail, state: str) -> Comment:
    """Ann's comment, which came by the form and the mail, in this state."""
    send_comment(client, post)
    client.post(link(send_mail()[-1], "confirm"), {"shared": "1"})
    known = Comment.objects.get()
    assert known.state == "pending"
    Comment.objects.update(state=state, decided_at=timezone.now())
    return known
