"""/my/<token>/: what we hold, as a page and as files; take one comment back, end one alert."""

import csv
import io
import json

import pytest
from django.contrib.auth.models import User
from django.test import Client

from blog.models import Post
from moderation.models import Comment, Decision
from postbag.mine.export import plain
from sharing.models import Subscription
from tests.factories import make_comment, make_moderator, make_reason, make_subscription
from tests.moderation.links import assert_private

pytestmark = pytest.mark.django_db
STATES = ["unconfirmed", "pending", "approved", "rejected", "spam", "withdrawn"]


@pytest.fixture
def mo(post: Post) -> User:
    return make_moderator(post.blog, "molly-the-moderator")


def test_comments_and_alerts_of_all_blogs_are_there(client: Client, post: Post, far: Post, ask) -> None:
    make_comment(post, "approved", text="Here <b>I</b> am")
    make_comment(far, "pending", text="There I am", digest="2")
    make_subscription(far.blog, "ann@example.org")
    page = client.get(ask())
    assert_private(page)
    for words in ["Here &lt;b&gt;I&lt;/b&gt; am", "There I am", "Published", "Awaiting moderation", "Far blog"]:
        assert words in page.text
    assert "We email you about each new post" in page.text


@pytest.mark.parametrize(
    ("state", "words"),
    list(
        zip(
            STATES,
            [
                "Awaiting confirmation",
                "Awaiting moderation",
                "Published",
                "Not published",
                "Not published",
                "Withdrawn",
            ],
            strict=True,
        )
    ),
)
def test_each_comment_says_where_it_stands(client: Client, post: Post, ask, state: str, words: str) -> None:
    comment = make_comment(post, state)
    page = client.get(url := ask()).text
    assert words in page and "Spam" not in page
    assert (f"{url}comments/{comment.pk}/withdrawal/" in page) is (state != "withdrawn")


def test_the_json_has_everything_but_who_decided(client: Client, post: Post, mo: User, ask) -> None:
    comment = make_comment(post, "pending", text="Grüße 👋", name="Ann")
    comment.decide(Decision.Outcome.REJECTED, by=mo, version=1, reason=make_reason(post.blog), note="Dear Ann")
    make_subscription(post.blog, "ann@example.org")
    answer = client.get(f"{ask()}data.json")
    assert_private(answer)
    assert answer["Content-Disposition"] == 'attachment; filename="my-comments-and-alerts.json"'
    found = json.loads(answer.text)
    (theirs,) = found["comments"]
    assert (theirs["text"], theirs["email"], theirs["state"]) == ("Grüße 👋", "ann@example.org", "rejected")
    assert theirs["decisions"][0]["explanation"] == "It was not about the post. Dear Ann"
    assert found["alerts"][0]["state"] == "confirmed" and len(found["emails"]) == 2
    assert "version 1" in theirs["privacy_notice"] and "molly" not in answer.text


def test_nobody_is_told_that_their_comment_was_taken_for_spam(client: Client, post: Post, mo: User, ask) -> None:
    make_comment(post, "pending").decide(Decision.Outcome.SPAM, by=mo, version=1)
    url = ask()
    for name in ["", "data.json", "data.csv"]:
        assert "spam" not in client.get(url + name).text.lower().split("<footer")[0]


def test_the_csv_has_a_row_for_each(client: Client, post: Post, far: Post, ask) -> None:
    make_comment(post, "approved", text='Two\n\n"lines", Grüße')
    make_subscription(far.blog, "ann@example.org")
    answer = client.get(f"{ask()}data.csv")
    assert_private(answer)
    assert answer["Content-Type"] == "text/csv; charset=utf-8" and answer.content.startswith(b"\xef\xbb\xbf")
    assert answer["Content-Disposition"] == 'attachment; filename="my-comments-and-alerts.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert [(row["kind"], row["blog"], row["text"]) for row in rows] == [
        ("comment", "Digital blog", 'Two\n\n"lines", Grüße'),
        ("alert", "Far blog", ""),
    ]


@pytest.mark.parametrize("first", "= + - @ \t \r \n ＝ ＋ － ＠".split(" "))
def test_no_cell_is_a_formula(first: str) -> None:
    assert plain(f"{first}cmd|' /C calc'!A0") == f"'{first}cmd|' /C calc'!A0"
    assert plain(f"a{first}") == f"a{first}"


def test_formulas_in_a_comment_reach_the_file_as_words(client: Client, post: Post, ask) -> None:
    make_comment(post, "approved", text="=HYPERLINK(1)", name="@SUM(A1)")
    row = client.get(f"{ask()}data.csv").text
    assert ",'=HYPERLINK(1)," in row and ",'@SUM(A1)," in row


def test_a_comment_is_taken_back_by_a_button(client: Client, post: Post, ask) -> None:
    comment = make_comment(post, "approved")
    url = f"{ask()}comments/{comment.pk}/withdrawal/"
    assert "Withdraw this comment?" in client.get(url).text
    answer = client.post(url, follow=True)
    assert "You have withdrawn your comment" in answer.text and Comment.objects.get().state == "withdrawn"
    assert "Well said." not in client.get(post.get_absolute_url()).text
    assert client.post(url).status_code == 302 and Comment.objects.get().version == 2


def test_a_comment_of_another_blog_is_taken_back_too(client: Client, far: Post, ask) -> None:
    comment = make_comment(far, "approved")
    client.post(f"{ask()}comments/{comment.pk}/withdrawal/")
    assert Comment.objects.get().state == "withdrawn"


def test_an_alert_is_ended_by_a_button(client: Client, far: Post, ask) -> None:
    alert = make_subscription(far.blog, "ann@example.org")
    answer = client.post(f"{ask()}alerts/{alert.pk}/ending/", follow=True)
    assert "You have ended these alerts" in answer.text
    alert = Subscription.objects.get()
    assert (alert.state, alert.ended_reason) == ("ended", "unsubscribed")


def test_nothing_of_another_person_can_be_ended(client: Client, post: Post, ask) -> None:
    make_comment(post, "approved")
    theirs = make_comment(post, "approved", address="bob@example.org", digest="b")
    alert = make_subscription(post.blog, "bob@example.org")
    url = ask()
    for path in [f"comments/{theirs.pk}/withdrawal/", f"alerts/{alert.pk}/ending/"]:
        assert client.post(url + path).status_code == 404
    theirs.refresh_from_db()
    assert theirs.state == "approved" and Subscription.objects.get().state == "confirmed"


def test_the_page_takes_as_many_queries_for_fifty_comments_as_for_one(
    client: Client, post: Post, ask, django_assert_max_num_queries
) -> None:
    for number in range(50):
        make_comment(post, "approved", digest=str(number))
    url = ask()
    with django_assert_max_num_queries(9):
        client.get(url)
