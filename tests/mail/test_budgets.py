"""How many mails a stranger can make us send, over all forms together."""

import datetime
from functools import partial

import pytest
import time_machine
from django.db import transaction
from django.test import Client

from blog.models import Blog, Post, PrivacyNotice
from mail import budgets
from mail.budgets import BudgetExceeded, Refusal
from mail.models import Delivery, Spent
from moderation.models import Comment
from sharing.models import Subscription
from tests.at_once import at_once
from tests.factories import make_post, make_subscription
from tests.moderation.reader import stamped

pytestmark = pytest.mark.django_db
SENT = "/subscribe/sent/"


@pytest.fixture(autouse=True)
def _middle_of_an_hour():
    """No budget's window ends within a test."""
    with time_machine.travel(datetime.datetime(2026, 11, 22, 12, 30, tzinfo=datetime.UTC), tick=True):
        yield


@pytest.fixture
def post(blog: Blog) -> Post:
    return make_post(blog)


@pytest.fixture
def write(client: Client, post: Post, notice: PrivacyNotice):
    """Sends a comment, with other words each time."""

    def send(email: str, **headers: str):
        words = {"comment": f"Thought {Comment.objects.count()}", "name": "Ann", "email": email, "notice": notice.pk}
        words["stamp"] = stamped(post)
        return client.post(f"{post.get_absolute_url()}comments/", words, **headers)

    return send


@pytest.fixture
def sign_up(client: Client, notice: PrivacyNotice):
    def send(email: str, **headers: str):
        return client.post("/subscribe/", {"email": email, "notice": notice.pk}, **headers)

    return send


def test_the_mailbox_s_budget_holds_over_all_forms(write, sign_up, settings) -> None:
    settings.MAIL_PER_MAILBOX = (3, 10)
    answers = [write("ann@example.org").status_code for _ in range(4)] + [sign_up("ann@example.org").status_code]
    assert answers == [302] * 5
    assert Delivery.objects.count() == 3


@pytest.mark.parametrize("other", ["ANN@example.org", "ann+blog@example.org", "Ann+@EXAMPLE.org"])
def test_spellings_of_an_address_share_one_budget(sign_up, settings, other: str) -> None:
    settings.MAIL_PER_MAILBOX = (1, 10)
    sign_up("ann@example.org")
    sign_up(other)
    assert Delivery.objects.count() == 1


def test_dots_and_other_domains_of_gmail_share_one_budget(sign_up, settings) -> None:
    settings.MAIL_PER_MAILBOX = (1, 10)
    for address in ["a.n.n@gmail.com", "ann@gmail.com", "an.n+x@googlemail.com", "ANN@GoogleMail.com"]:
        sign_up(address)
    assert [row.address for row in Delivery.objects.all()] == ["a.n.n@gmail.com"]


def test_dots_elsewhere_are_other_people(sign_up, settings) -> None:
    settings.MAIL_PER_MAILBOX = (1, 10)
    for address in ["a.nn@example.org", "ann@example.org"]:
        sign_up(address)
    assert Delivery.objects.count() == 2


def test_a_used_up_mailbox_shows_nowhere_in_the_answer(sign_up, settings) -> None:
    settings.MAIL_PER_MAILBOX = (0, 0)
    refused = sign_up("ann@example.org")
    settings.MAIL_PER_MAILBOX = (6, 12)
    sent = sign_up("bob@example.org")
    assert (refused.status_code, refused.url, refused.content) == (302, SENT, sent.content)
    assert refused.headers == sent.headers
    assert [row.address for row in Delivery.objects.all()] == ["bob@example.org"]


def test_the_day_s_budget_of_a_mailbox_outlasts_its_hours(settings) -> None:
    settings.MAIL_PER_MAILBOX = (2, 3)
    spent = []
    for hour in range(3):
        with time_machine.travel(datetime.datetime(2026, 11, 22, hour, tzinfo=datetime.UTC)):
            spent.append([budgets.spend("0123456789abcdef") for _ in range(3)])
    assert spent == [[True, True, False], [True, False, False], [False, False, False]]
    with time_machine.travel(datetime.datetime(2026, 11, 23, 0, tzinfo=datetime.UTC)):
        assert budgets.spend("0123456789abcdef")


def test_a_used_up_network_is_told_and_the_words_are_kept(write, settings) -> None:
    settings.MAIL_PER_NETWORK = (1, 10)
    write("ann@example.org")
    answer = write("bob@example.org")
    assert answer.status_code == 429
    assert "Thought 1" in answer.text
    assert "bob@example.org" in answer.text
    assert Comment.objects.count() == 1


def test_a_used_up_network_is_told_at_the_sign_up(sign_up, settings) -> None:
    settings.MAIL_PER_NETWORK = (0, 10)
    answer = sign_up("bob@example.org")
    assert (answer.status_code, "bob@example.org" in answer.text) == (429, True)
    assert not Subscription.objects.exists()


def test_a_used_up_network_does_not_tell_who_is_known(blog: Blog, sign_up, settings) -> None:
    """Else 302 would mean: this address was mailed a moment ago, or too often today."""
    settings.MAIL_PER_NETWORK, settings.MAIL_PER_MAILBOX = (2, 10), (1, 10)
    make_subscription(blog, "confirmed@example.org")
    sign_up("mailed@example.org")
    sign_up("mailed@example.org")
    known = ["mailed@example.org", "Mailed+x@example.org", "confirmed@example.org", "new@example.org"]
    assert {sign_up(address).status_code for address in known} == {429}


def test_the_network_s_budget_holds_over_all_forms(write, sign_up, settings) -> None:
    settings.MAIL_PER_NETWORK = (2, 10)
    answers = [write("a@example.org"), sign_up("b@example.org"), write("c@example.org"), sign_up("d@example.org")]
    assert [answer.status_code for answer in answers] == [302, 302, 429, 429]


def test_forms_that_are_refused_use_up_nothing_for_others(sign_up, settings) -> None:
    settings.MAIL_PER_NETWORK, settings.MAIL_PER_HOUR = (1, 10), 2
    answers = [sign_up(f"{n}@example.org", REMOTE_ADDR="192.0.2.1").status_code for n in range(5)]
    assert answers == [302, 429, 429, 429, 429]
    assert sign_up("last@example.org", REMOTE_ADDR="198.51.100.1").status_code == 302


def test_the_overall_budget_holds_over_all_networks(sign_up, settings, caplog) -> None:
    settings.MAIL_PER_HOUR = 2
    answers = [sign_up(f"{n}@example.org", REMOTE_ADDR=f"192.0.{n}.1").status_code for n in range(3)]
    assert answers == [302, 302, 429]
    assert "the hour's budget of 2 forms" in caplog.text


@pytest.mark.parametrize("header", ["HTTP_X_FORWARDED_FOR", "HTTP_X_REAL_IP", "HTTP_FORWARDED", "HTTP_CLIENT_IP"])
def test_claiming_to_come_from_elsewhere_changes_nothing(sign_up, settings, header: str) -> None:
    settings.MAIL_PER_NETWORK = (1, 10)
    codes = [sign_up(f"{n}@example.org", **{header: f"198.51.{n}.7"}).status_code for n in range(3)]
    assert codes == [302, 429, 429]


@pytest.mark.parametrize(("second", "code"), [("2001:db8::ffff", 429), ("2001:db8:0:1::1", 302)])
def test_all_addresses_of_a_slash_64_are_one_sender(sign_up, settings, second: str, code: int) -> None:
    settings.MAIL_PER_NETWORK = (1, 10)
    sign_up("a@example.org", REMOTE_ADDR="2001:db8::1")
    assert sign_up("b@example.org", REMOTE_ADDR=second).status_code == code


def test_the_refusals_say_which_budget_it_was(settings) -> None:
    settings.MAIL_PER_NETWORK = (0, 1)
    with pytest.raises(BudgetExceeded) as network:
        budgets.admit("192.0.2.0/24")
    settings.MAIL_PER_NETWORK, settings.MAIL_PER_HOUR = (1, 1), 0
    with pytest.raises(BudgetExceeded) as overall:
        budgets.admit("192.0.2.0/24")
    assert (network.value.refusal, overall.value.refusal) == (Refusal.NETWORK, Refusal.OVERALL)


@pytest.mark.django_db(transaction=True)
def test_many_at_once_never_spend_more_than_there_is(settings) -> None:
    settings.MAIL_PER_MAILBOX = (5, 100)

    def spend() -> bool:
        with transaction.atomic():
            return budgets.spend("0123456789abcdef")

    assert sum(at_once([spend] * 12)) == 5
    assert set(Spent.objects.values_list("mails", flat=True)) == {5}


@pytest.mark.django_db(transaction=True)
def test_many_forms_at_once_never_pass_the_network_s_budget(blog: Blog, notice, settings) -> None:
    settings.MAIL_PER_NETWORK = (4, 100)

    def sign_up(number: int) -> int:
        return Client().post("/subscribe/", {"email": f"{number}@example.org", "notice": notice.pk}).status_code

    codes = at_once([partial(sign_up, number) for number in range(10)])
    assert sorted(codes) == [302] * 4 + [429] * 6
    assert Delivery.objects.count() == Subscription.objects.count() == 4


def test_no_counter_holds_an_address_or_a_network(sign_up) -> None:
    sign_up("ann@example.org", REMOTE_ADDR="203.0.113.9")
    assert Spent.objects.count() == 5
    assert "203.0" not in repr(list(Spent.objects.values()))
    assert "ann" not in repr(list(Spent.objects.values()))


def test_counters_go_when_their_window_ends(sign_up) -> None:
    sign_up("ann@example.org")
    assert budgets.forget() == 0
    with time_machine.travel(datetime.datetime(2026, 11, 22, 13, 1, tzinfo=datetime.UTC)):
        assert budgets.forget() == 3  # those of the hour
    with time_machine.travel(datetime.datetime(2026, 11, 23, 0, 1, tzinfo=datetime.UTC)):
        assert budgets.forget() == 2
