"""/mail/stop/<token>/: “never write to me again”."""

import pytest
from django.core.management import call_command
from django.test import Client

from blog.models import Post
from mail.addresses import mailbox
from mail.models import Delivery, Suppression
from postbag import tokens
from tests.database import where_in_database, whole_database
from tests.factories import make_comment
from tests.moderation.links import altered, assert_dead, assert_looking_changes_nothing, assert_private
from tests.moderation.reader import link, send_comment

pytestmark = pytest.mark.django_db
ANN = mailbox("ann@example.org")


def stop_url(address: str = "ann@example.org") -> str:
    """The link in every mail to `address`."""
    return f"/mail/stop/{tokens.make('stop', int(mailbox(address), 16))}/"


def test_the_mailed_link_asks_and_the_button_ends_all_mail(client: Client, post: Post, send_mail) -> None:
    send_comment(client, post)
    url = link(send_mail()[0], "stop")
    assert "Stop all email to you?" in client.get(url).text and not Suppression.objects.exists()
    page = client.post(url)
    assert "We will not email you again" in page.text
    assert_private(page)
    send_comment(client, post, comment="Another.", email="Ann+other@Example.org")
    assert len(send_mail()) == 1


def test_looking_changes_nothing(client: Client, post: Post) -> None:
    assert_looking_changes_nothing(client, stop_url())


def test_what_is_owed_is_taken_out(client: Client, post: Post, send_mail) -> None:
    send_comment(client, post)
    client.post(stop_url())
    assert not send_mail() and Delivery.objects.get().state == "suppressed"


def test_a_second_press_is_the_same_page_and_one_row(client: Client, post: Post) -> None:
    assert client.post(stop_url()).content == client.post(stop_url()).content
    assert Suppression.objects.get().mailbox == ANN


def test_it_keeps_no_address(client: Client, post: Post) -> None:
    client.post(stop_url())
    assert not where_in_database("ann@example.org")


def test_it_only_stops_mail(client: Client, post: Post) -> None:
    comment = make_comment(post, "unconfirmed")
    client.post(stop_url())
    comment.refresh_from_db()
    assert comment.state == "unconfirmed"


def test_every_altered_link_is_dead(client: Client, post: Post) -> None:
    token = stop_url().split("/")[3]
    for other in altered(token):
        assert client.post(f"/mail/stop/{other}/").status_code == 410
    assert_dead(client, f"/mail/stop/{next(altered(token))}/")
    assert not Suppression.objects.exists()


@pytest.mark.parametrize("purpose", ["comment-confirm", "comment-status", "comment-sent", "unsubscribe"])
def test_a_link_of_another_kind_is_dead(client: Client, post: Post, purpose: str) -> None:
    assert_dead(client, f"/mail/stop/{tokens.make(purpose, int(ANN, 16))}/")


def test_a_press_on_another_site_is_refused(client: Client, post: Post) -> None:
    before = whole_database()
    headers = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    assert client.post(stop_url(), headers=headers).status_code == 403
    assert whole_database() == before


def test_it_needs_no_cookie_and_leaves_none(post: Post) -> None:
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post(stop_url(), headers={"Origin": "null", "Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 200 and not strict.cookies


def test_it_can_be_lifted_for_whoever_asks(client: Client, post: Post) -> None:
    client.post(stop_url())
    call_command("lift_suppression", "Ann+tag@example.org")
    assert not Suppression.objects.exists()
