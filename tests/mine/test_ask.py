"""/my/: whoever asks gets the same answer, and the owner of the address the mail."""

import datetime

import pytest
from django.core import mail as outbox
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from blog.models import Blog, Post
from mail.models import Delivery, Mailout, Suppression
from tests.database import whole_database
from tests.factories import make_comment, make_subscription
from tests.moderation.links import altered, assert_dead, assert_looking_changes_nothing
from tests.moderation.reader import link

pytestmark = pytest.mark.django_db
HOUR, MINUTE = datetime.timedelta(hours=1), datetime.timedelta(minutes=1)


def post_form(client: Client, email: str, **more: str):
    return client.post("/my/", {"email": email, "homepage": "", **more})


def test_the_page_asks_for_an_address_and_leaves_no_cookie(client: Client, blog: Blog) -> None:
    page = client.get("/my/")
    assert "See, download or erase what we hold about you" in page.text and not page.cookies
    assert client.get("/my/", headers={"If-None-Match": page["ETag"]}).status_code == 304


def test_every_page_leads_there(client: Client, blog: Blog) -> None:
    for path in ["/", "/privacy/", "/subscribe/"]:
        assert 'href="/my/"' in client.get(path).text


def test_a_known_address_gets_the_link(client: Client, post: Post, send_mail) -> None:
    make_comment(post, "approved")
    post_form(client, "Ann@Example.org")
    mail = send_mail()[0]
    assert mail.to == ["Ann@example.org"] and mail.subject == "Your comments and email alerts"
    assert "Well said." in client.get(link(mail, "my/")).text


def test_an_unknown_address_is_told_that_there_is_nothing(client: Client, post: Post, send_mail) -> None:
    make_comment(post, "approved")
    post_form(client, "bob@example.org")
    mail = send_mail()[0]
    assert mail.to == ["bob@example.org"] and mail.subject == "We hold nothing about this email address"
    assert "/mail/stop/" in mail.body and link(mail, "my/") == "/my/"


def test_the_answer_tells_nothing_of_the_address(client: Client, post: Post) -> None:
    """Neither its words, nor its status, nor the work that it takes."""
    make_comment(post, "approved")
    make_subscription(post.blog, "sue@example.org")
    Suppression.objects.add_mailbox(make_comment(post, address="cat@example.org", digest="c").mailbox, "asked")
    post_form(client, "warm@example.org")
    answers, counts = set(), set()
    for person in ["ann", "sue", "cat", "nobody"]:
        with CaptureQueriesContext(connection) as queries:
            answer = post_form(client, f"{person}@example.org")
        counts.add(len(queries))
        answers.add((answer.status_code, answer.url, answer.content))
    assert answers == {(302, "/my/sent/", b"")} and len(counts) == 1
    assert client.get("/my/sent/").text.count("Check your email") >= 1


def test_a_mailbox_that_wants_no_mail_gets_none(client: Client, post: Post, send_mail) -> None:
    comment = make_comment(post, "approved")
    Suppression.objects.add_mailbox(comment.mailbox, "asked")
    assert post_form(client, "ann@example.org").status_code == 302
    assert not send_mail()


@pytest.mark.parametrize(
    ("email", "error"),
    [
        ("", "Enter your email address"),
        ("ann", "Enter an email address in the correct format, like name@example.com"),
        ("ann@example.org\0", "Enter an email address in the correct format"),
    ],
)
def test_what_is_no_address_comes_back(client: Client, blog: Blog, email: str, error: str) -> None:
    answer = post_form(client, email)
    assert answer.status_code == 422 and error in answer.text and "<title>Error: " in answer.text
    assert not Delivery.objects.exists()


def test_the_trap_catches_machines(client: Client, blog: Blog) -> None:
    assert post_form(client, "ann@example.org", homepage="x").status_code == 422
    assert not Delivery.objects.exists()


def test_the_budget_of_the_mailbox_holds_without_a_word(client: Client, post: Post, send_mail, settings) -> None:
    make_comment(post, "approved")
    settings.MAIL_PER_MAILBOX = (2, 9)
    assert {post_form(client, "ann@example.org").status_code for _ in range(5)} == {302}
    assert len(send_mail()) == 2


def test_the_budget_of_the_network_is_told(client: Client, blog: Blog, settings) -> None:
    settings.MAIL_PER_NETWORK = (1, 9)
    post_form(client, "ann@example.org")
    answer = post_form(client, "bob@example.org")
    assert answer.status_code == 429 and "bob@example.org" in answer.text
    assert Delivery.objects.count() == 1


def test_another_site_cannot_ask(client: Client, blog: Blog) -> None:
    answer = client.post("/my/", {"email": "ann@example.org"}, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403 and not Delivery.objects.exists()


def test_looking_changes_nothing(client: Client, post: Post, ask) -> None:
    comment, alert = make_comment(post, "approved"), make_subscription(post.blog, "ann@example.org")
    url = ask()
    for path in ["", "data.json", "data.csv", f"comments/{comment.pk}/withdrawal/", "erasure/"]:
        assert_looking_changes_nothing(client, url + path)
    before = whole_database()
    assert client.get(f"{url}alerts/{alert.pk}/ending/").status_code == 405
    assert whole_database() == before


@pytest.mark.parametrize(("age", "status"), [(59 * MINUTE, 200), (61 * MINUTE, 410), (43 * HOUR, 410)])
def test_the_link_works_for_an_hour_after_it_was_sent(
    client: Client, post: Post, send_mail, time_machine, age: datetime.timedelta, status: int
) -> None:
    """However long the mail waited, and never again later."""
    make_comment(post, "approved")
    post_form(client, "ann@example.org")
    time_machine.move_to(timezone.now() + 3 * HOUR)
    url = link(send_mail()[0], "my/")
    time_machine.move_to(timezone.now() + age)
    for path in ["", "data.json", "data.csv", "erasure/"]:
        assert client.get(url + path).status_code == status
    assert client.post(f"{url}erasure/").status_code == status


def test_an_altered_link_and_one_of_another_mail_are_dead(client: Client, post: Post, ask, send_mail) -> None:
    make_comment(post, "approved")
    token = ask().split("/")[2]
    for other in list(altered(token))[:5]:
        assert client.get(f"/my/{other}/").status_code == 410
    assert_dead(client, f"/my/{next(altered(token))}/")
    for kind in ["alert", "test", "comment-confirmation"]:
        Mailout.objects.update(kind=kind)
        assert client.get(f"/my/{token}/").status_code == 410


def test_the_link_shows_nothing_of_others(client: Client, post: Post, ask) -> None:
    make_comment(post, "approved")
    for number, other in enumerate(["bob@example.org", "ann+x@example.org", "ann@example.com", "a.nn@example.org"]):
        make_comment(post, "approved", text=f"Theirs {number}", address=other, digest=str(number))
        make_subscription(post.blog, other)
    page = client.get(ask())
    assert "Theirs" not in page.text and "Well said." in page.text
    assert "Theirs" not in client.get(f"{ask()}data.json").text


def test_at_gmail_all_spellings_are_one_person(client: Client, post: Post, ask) -> None:
    make_comment(post, "approved", text="Mine 1", address="ann.smith@gmail.com")
    make_comment(post, "approved", text="Mine 2", address="AnnSmith+x@googlemail.com", digest="2")
    page = client.get(ask("annsmith@gmail.com")).text
    assert "Mine 1" in page and "Mine 2" in page


def test_the_mail_says_nothing_that_anybody_wrote(client: Client, post: Post, send_mail) -> None:
    make_comment(post, "approved", text="Buy pills", name="Pills")
    post_form(client, "ann@example.org")
    mail = send_mail()[0]
    assert "ills" not in mail.body + mail.subject + str(mail.alternatives)


def test_nothing_is_sent_twice_by_asking_for_the_page(client: Client, blog: Blog, send_mail) -> None:
    for _ in range(3):
        client.get("/my/sent/")
    assert not send_mail() and not outbox.outbox
