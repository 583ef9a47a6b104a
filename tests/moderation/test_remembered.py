"""The cookie by which a browser that proved an address needs no second mail, and what ends its worth."""

import datetime

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from time_machine import TimeMachineFixture

from blog.models import Post
from mail.addresses import mailbox
from mail.models import Delivery, Suppression
from moderation.models import Comment, Decision
from tests.factories import make_blog, make_comment, make_notice, make_post
from tests.moderation.reader import code_in, link, send_comment, written

pytestmark = pytest.mark.django_db
APPROVED, REJECTED, SPAM = Decision.Outcome.APPROVED, Decision.Outcome.REJECTED, Decision.Outcome.SPAM


@pytest.fixture
def ann(post: Post, send_mail) -> Client:
    """Ann's browser, in which she pressed the button of her first comment."""
    client = Client()
    send_comment(client, post)
    client.post(link(send_mail()[-1], "confirm"))
    return client


def again(client: Client, post: Post, **changed: str) -> Comment:
    """The comment that comes of other words from the same form."""
    client.post(f"/comments/new/{post.pk}/", written(post, **{"comment": "And another thing.", **changed}))
    return Comment.objects.order_by("-pk")[0]


def test_the_next_comment_needs_no_mail_and_leads_to_where_it_stands(ann: Client, post: Post, send_mail) -> None:
    mails = len(send_mail())
    answer = send_comment(ann, post, comment="And another thing.")
    assert answer.status_code == 302 and answer.url.startswith("/comments/status/")
    assert "Awaiting moderation" in ann.get(answer.url).text
    comment = Comment.objects.get(text="And another thing.")
    assert comment.state == "pending" and comment.confirmed_at and comment.notice_id
    assert len(send_mail()) == mails


def test_the_code_does_the_same(post: Post, send_mail) -> None:
    client = Client()
    sent = send_comment(client, post).url
    client.post(f"{sent}code/", {"code": code_in(send_mail()[-1])})
    assert again(client, post).state == "pending"


def test_the_cookie_says_nothing_and_goes_nowhere_else(ann: Client, settings) -> None:
    (cookie,) = ann.cookies.values()
    assert cookie.key == "proved" and len(cookie.value) == 64 and cookie.value.isalnum()
    assert (cookie["path"], cookie["samesite"], cookie["httponly"]) == ("/comments/new/", "Strict", True)
    assert cookie["domain"] == "" and cookie["max-age"] == 30 * 86400 and not cookie["secure"]


def test_over_https_it_is_secure_and_its_name_says_so(post: Post, send_mail, settings) -> None:
    settings.HTTPS, settings.PROOF_COOKIE_NAME = True, "__Secure-proved"
    client = Client()
    send_comment(client, post)
    client.post(link(send_mail()[-1], "confirm"))
    (cookie,) = client.cookies.values()
    assert cookie.key == "__Secure-proved" and cookie["secure"]
    assert again(client, post).state == "pending"


def test_on_a_shared_computer_nothing_is_remembered(post: Post, send_mail) -> None:
    client = Client()
    send_comment(client, post)
    client.post(link(send_mail()[-1], "confirm"), {"shared": "1"})
    assert not client.cookies and again(client, post).state == "unconfirmed"


def test_typing_the_address_elsewhere_gives_nothing(ann: Client, post: Post) -> None:
    stranger = Client()
    answers = [send_comment(stranger, post, comment="x", email=f"{name}@example.org") for name in ["ann", "bob"]]
    assert {answer.url[:15] for answer in answers} == {"/comments/sent/"}
    assert set(Comment.objects.filter(text="x").values_list("state", flat=True)) == {"unconfirmed"}


@pytest.mark.parametrize("address", ["bob@example.org", "ann+tag@example.org", "ann@example.com"])
def test_another_address_gets_its_mail(ann: Client, post: Post, address: str) -> None:
    assert again(ann, post, email=address).state == "unconfirmed"


def test_the_same_address_in_other_letters_is_the_same(ann: Client, post: Post) -> None:
    assert again(ann, post, email="Ann@EXAMPLE.org").state == "pending"


def test_another_blog_s_proof_is_worth_nothing_here(ann: Client, post: Post) -> None:
    other = make_blog(address="http://other.example")
    make_notice(other)
    elsewhere = make_post(other)
    ann.post(f"/comments/new/{elsewhere.pk}/", written(elsewhere), headers={"Host": "other.example"})
    assert Comment.objects.get(post=elsewhere).state == "unconfirmed"


@pytest.mark.parametrize("value", ["", "x", "a" * 64, "é" * 64, "A" * 10_000, "=" * 64])
def test_a_made_up_cookie_is_worth_nothing(post: Post, value: str) -> None:
    client = Client()
    client.cookies["proved"] = value
    assert again(client, post).state == "unconfirmed"


def test_it_is_worth_something_for_thirty_days(ann: Client, post: Post, time_machine: TimeMachineFixture) -> None:
    begun = timezone.now()
    for days, state in [(29, "pending"), (31, "unconfirmed")]:
        time_machine.move_to(begun + datetime.timedelta(days=days))
        assert again(ann, post, comment=f"Day {days}").state == state


def test_a_proof_from_the_future_is_none(post: Post, send_mail, time_machine: TimeMachineFixture) -> None:
    now, client = timezone.now(), Client()
    time_machine.move_to(now + datetime.timedelta(days=1))
    send_comment(client, post)
    client.post(link(send_mail()[-1], "confirm"))
    time_machine.move_to(now)
    assert client.cookies and again(client, post).state == "unconfirmed"


@pytest.mark.parametrize("outcome", [REJECTED, SPAM])
def test_a_refusal_ends_it(ann: Client, post: Post, mo, outcome: Decision.Outcome) -> None:
    make_comment(post, "approved", digest=None)
    comment = Comment.objects.get(state="pending")
    comment.decide(outcome, by=mo, version=comment.version, note="No.")
    assert again(ann, post).state == "unconfirmed"


def test_an_approval_does_not(ann: Client, post: Post, mo) -> None:
    comment = Comment.objects.get()
    comment.decide(APPROVED, by=mo, version=comment.version)
    assert again(ann, post).state == "pending"


def test_never_write_to_me_again_ends_it(ann: Client, post: Post) -> None:
    Suppression.objects.add_mailbox(mailbox("ann@example.org"), Suppression.Reason.ASKED)
    assert again(ann, post).state == "unconfirmed"


def test_erasing_the_person_ends_it(ann: Client, post: Post) -> None:
    call_command("erase_person", "ann@example.org")
    assert again(ann, post).state == "unconfirmed"


def test_the_same_words_again_lead_to_the_comment_that_stands(ann: Client, post: Post) -> None:
    known = Comment.objects.get()
    answer = send_comment(ann, post)
    assert answer.url.startswith("/comments/status/") and "Well said." in ann.get(answer.url).text
    assert Comment.objects.get() == known


def test_too_many_in_an_hour_go_the_way_of_the_mail(ann: Client, post: Post, settings) -> None:
    settings.CONFIRMATIONS = (2, 99)
    before = Delivery.objects.count()
    assert [again(ann, post, comment=words).state for words in "ab"] == ["pending", "unconfirmed"]
    assert Delivery.objects.count() == before + 1


def test_rules_and_budgets_hold_all_the_same(ann: Client, post: Post, settings) -> None:
    settings.MAIL_PER_NETWORK = (1, 1)
    assert send_comment(ann, post, comment="x").status_code == 429
    assert send_comment(ann, post, comment="").status_code == 422


def test_a_link_pressed_after_its_time_leaves_no_cookie(post: Post, send_mail, time_machine) -> None:
    send_comment(Client(), post)
    confirm = link(send_mail()[-1], "confirm")
    Client().post(confirm)
    time_machine.move_to(timezone.now() + datetime.timedelta(hours=49))
    finder = Client()
    assert finder.post(confirm).status_code == 302 and not finder.cookies


def test_the_button_makes_the_browser_forget(ann: Client, post: Post) -> None:
    page = ann.get("/comments/new/forget-me/")
    assert page.status_code == 200 and 'action="/comments/new/forget-me/"' in page.text and not page.cookies
    done = ann.post("/comments/new/forget-me/")
    assert "This browser has forgotten you" in done.text
    gone = done.cookies["proved"]
    assert (gone.value, gone["max-age"], gone["path"]) == ("", 0, "/comments/new/")
    assert again(ann, post).state == "unconfirmed"


def test_another_site_cannot_make_it_forget(ann: Client) -> None:
    headers = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    refused = ann.post("/comments/new/forget-me/", headers=headers)
    assert refused.status_code == 403 and not refused.cookies


def test_pages_are_the_same_for_a_browser_that_is_remembered(ann: Client, post: Post) -> None:
    for path in [post.get_absolute_url(), "/", "/cookies/"]:
        with_cookie = ann.get(path, headers={"Cookie": f"proved={ann.cookies['proved'].value}"})
        assert with_cookie.content == Client().get(path).content
        assert not with_cookie.cookies and "Cookie" not in with_cookie.get("Vary", "")


def test_the_cookies_page_names_it_and_leads_to_the_button(post: Post) -> None:
    page = Client().get("/cookies/").text
    assert "proved" in page and "30 days" in page and 'href="/comments/new/forget-me/"' in page


def test_a_form_of_an_earlier_release_gets_its_answer(post: Post) -> None:
    answer = Client().post(f"{post.get_absolute_url()}comments/", written(post))
    assert answer.status_code == 302 and answer.url.startswith("/comments/sent/")
    assert Client().get(f"/comments/new/{post.pk}/").url == f"{post.get_absolute_url()}#comments"
