"""POST /comments/sent/<token>/address/: the same words from the address that was meant."""

import datetime

import pytest
from django.test import Client
from django.utils import timezone

from blog.models import Post
from mail.models import Delivery
from moderation.models import Comment
from tests.database import where_in_database
from tests.factories import make_comment
from tests.moderation.links import assert_dead
from tests.moderation.reader import link, send_comment

pytestmark = pytest.mark.django_db


@pytest.fixture
def parent(post: Post) -> Comment:
    """What Ann replies to."""
    return make_comment(post, "approved", name="Priya", address="priya@example.org")


@pytest.fixture
def sent(client: Client, post: Post, parent: Comment) -> str:
    """The page that Ann came to, with a typo in her address."""
    return send_comment(client, post, email="ann@exmaple.org", parent=str(parent.pk)).url


def anns() -> Comment:
    return Comment.objects.get(name="Ann")


def test_the_same_words_wait_for_the_new_address_and_the_old_row_is_gone(
    client: Client, post: Post, parent: Comment, sent: str, send_mail
) -> None:
    old = anns()
    answer = client.post(f"{sent}address/", {"email": "ann@example.org"})
    assert answer.status_code == 302
    assert "<bdi>ann@example.org</bdi>" in client.get(answer.url).text
    new = anns()
    assert new.pk != old.pk and new.address == "ann@example.org" and new.state == "unconfirmed"
    for kept in ["post", "parent", "root", "name", "text", "html", "notice", "wants_replies"]:
        assert getattr(new, kept) == getattr(old, kept)
    (mail,) = send_mail()
    assert mail.to == ["ann@example.org"], "and the one to the typo, which had not left, does not go"
    assert client.post(link(mail, "confirm")).status_code == 302


def test_links_to_the_old_row_are_dead(client: Client, sent: str, send_mail) -> None:
    old = link(send_mail()[0], "confirm")
    client.post(f"{sent}address/", {"email": "ann@example.org"})
    assert_dead(client, sent)
    assert_dead(client, old)


def test_the_deadline_begins_anew_for_the_new_address(client: Client, sent: str) -> None:
    Comment.objects.update(submitted_at=timezone.now() - datetime.timedelta(hours=47))
    client.post(f"{sent}address/", {"email": "ann@example.org"})
    assert anns().submitted_at > timezone.now() - datetime.timedelta(minutes=1)


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("", "Enter your email address"),
        ("ann", "Enter an email address in the correct format, like name@example.com"),
        ("ann@example.org\r\nBcc: x@example.org", "Enter an email address in the correct format"),
        ("a" * 1_000_000, "Enter an email address in the correct format"),
    ],
)
def test_what_is_no_address_comes_back_with_its_error_beside_it(
    client: Client, sent: str, typed: str, message: str
) -> None:
    page = client.post(f"{sent}address/", {"email": typed})
    assert page.status_code == 422 and "<title>Error: " in page.text
    assert '<a href="#id_email">Enter' in page.text and 'id="id_email-error"' in page.text and message in page.text
    assert anns().address == "ann@exmaple.org"


@pytest.mark.parametrize("state", ["pending", "approved", "rejected", "spam", "withdrawn"])
def test_a_confirmed_comment_is_left_alone_and_the_answer_is_the_same(client: Client, sent: str, state: str) -> None:
    Comment.objects.filter(name="Ann").update(state=state, confirmed_at=timezone.now())
    answer = client.post(f"{sent}address/", {"email": "ann@example.org"})
    assert answer.status_code == 302 and "<bdi>ann@example.org</bdi>" in client.get(answer.url).text
    assert Comment.objects.get(address="ann@exmaple.org").state == state
    assert Comment.objects.get(address="ann@example.org").state == "unconfirmed"
    assert_dead(client, sent)


def test_the_same_address_again_is_one_comment(client: Client, sent: str) -> None:
    answer = client.post(f"{sent}address/", {"email": "ann@exmaple.org"})
    assert answer.status_code == 302 and client.get(answer.url).status_code == 200
    assert anns().address == "ann@exmaple.org"


def test_the_typo_stands_nowhere_any_more_once_its_mail_is_forgotten(client: Client, sent: str) -> None:
    client.post(f"{sent}address/", {"email": "ann@example.org"})
    assert where_in_database("ann@exmaple.org") == ["mail_delivery"]


def test_the_budgets_hold(client: Client, sent: str, settings) -> None:
    settings.MAIL_PER_NETWORK = (1, 9)
    page = client.post(f"{sent}address/", {"email": "ann@example.org"})
    assert page.status_code == 429 and page["Retry-After"] and 'value="ann@example.org"' in page.text
    assert anns().address == "ann@exmaple.org"
    settings.MAIL_PER_NETWORK, settings.MAIL_PER_MAILBOX = (9, 9), (0, 0)
    before = Delivery.objects.count()
    assert client.post(f"{sent}address/", {"email": "ann@example.org"}).status_code == 302
    assert Delivery.objects.count() == before


def test_a_look_leads_back_to_the_page(client: Client, sent: str) -> None:
    for part in ["address/", "code/"]:
        assert client.get(f"{sent}{part}").url == sent
