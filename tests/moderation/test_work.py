"""At a busy time: browsers work while their people write, and who sends without that waits longer for the mail."""

import base64
import datetime
import json
import re
from typing import Any

import pytest
from altcha import v2
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from blog.models import Post
from mail import budgets
from mail.models import Delivery
from moderation import heat
from moderation.models import Comment
from tests.database import whole_database
from tests.factories import make_blog, make_post
from tests.moderation.reader import Fields, comments_url, send_comment

pytestmark = pytest.mark.django_db


@pytest.fixture
def hot(post: Post, settings) -> Post:
    """The post of a blog that has had its fill of comments."""
    settings.BLOG_HEAT = 1
    budgets.take(*heat.of(post.blog))
    return post


def asked(client: Client, post: Post) -> Any:
    """What a browser is asked to work out, if anything."""
    answer = client.get(f"/comments/proof/{post.pk}/")
    assert answer.status_code == 200 and answer["Cache-Control"] == "no-store" and not answer.cookies
    return answer.json().get("challenge")


def solved(challenge: Any) -> str:
    """The answer, as frontend/comment.js sends it."""
    solution = v2.solve_challenge(v2.Challenge.from_dict(challenge))
    assert solution
    known = {"counter": solution.counter, "derivedKey": solution.derived_key}
    return base64.b64encode(json.dumps({"challenge": challenge, "solution": known}).encode()).decode()


def waits(comment: Comment) -> float:
    """Seconds from now until its mail may leave."""
    return (Delivery.objects.get(about=comment.pk).due_at - timezone.now()).total_seconds()


def test_mostly_nothing_is_asked(client: Client, post: Post) -> None:
    assert asked(client, post) is None
    send_comment(client, post)
    comment = Comment.objects.get()
    assert comment.held == [] and waits(comment) <= 0


def test_asking_changes_nothing(client: Client, hot: Post) -> None:
    before = whole_database()
    assert asked(client, hot) and asked(client, hot)
    assert whole_database() == before


def test_work_is_asked_for_before_it_is_needed(client: Client, post: Post, settings) -> None:
    settings.BLOG_HEAT = 4
    budgets.take(*heat.of(post.blog))
    assert asked(client, post) is None
    budgets.take(*heat.of(post.blog))
    assert asked(client, post)


def test_another_address_for_it_waits_as_long(client: Client, hot: Post) -> None:
    send_comment(client, hot)
    corrected = Comment.objects.get().correct("other@example.org", "192.0.2.0/24")
    assert [entry["kind"] for entry in corrected.held] == ["slowed"] and waits(corrected)


def test_without_work_the_comment_is_taken_and_its_mail_waits(client: Client, hot: Post, settings) -> None:
    assert send_comment(client, hot).status_code == 302
    comment = Comment.objects.get()
    assert [entry["kind"] for entry in comment.held] == ["slowed"]
    assert settings.SLOWED_SECONDS - 5 < waits(comment) <= settings.SLOWED_SECONDS


def test_with_work_its_mail_leaves_at_once(client: Client, hot: Post) -> None:
    send_comment(client, hot, work=solved(asked(client, hot)))
    comment = Comment.objects.get()
    assert comment.held == [] and waits(comment) <= 0


def test_work_counts_once(client: Client, hot: Post) -> None:
    work = solved(asked(client, hot))
    for name in ["Ann", "Bob"]:
        send_comment(client, hot, work=work, name=name, email=f"{name}@example.org")
    assert [comment.held == [] for comment in Comment.objects.order_by("pk")] == [True, False]


def test_work_for_another_post_does_not_count(client: Client, hot: Post) -> None:
    send_comment(client, hot, work=solved(asked(client, make_post(hot.blog, title="Another"))))
    assert Comment.objects.get().held


def test_work_of_yesterday_does_not_count(client: Client, hot: Post, time_machine) -> None:
    work = solved(asked(client, hot))
    time_machine.move_to(timezone.now() + datetime.timedelta(hours=6, seconds=2))
    budgets.take(*heat.of(hot.blog))
    send_comment(client, hot, work=work)
    assert Comment.objects.get().held


def forgeries(answer: str) -> list[str]:
    """Answers that are none."""
    known = json.loads(base64.b64decode(answer))
    made = [answer[:-8], "x", "\0", "é", "[]", "A" * 100_000]
    for changed in [
        {"challenge": None},
        {"solution": {}},
        {"solution": {"counter": 1, "derivedKey": "00"}},
        {"challenge": []},
    ]:
        made.append(base64.b64encode(json.dumps(known | changed).encode()).decode())
    known["challenge"]["parameters"]["data"]["post"] = 77
    return [*made, base64.b64encode(json.dumps(known).encode()).decode(), base64.b64encode(b"[" * 2000).decode()]


def test_forged_work_does_not_count_and_loses_nothing(client: Client, hot: Post) -> None:
    for number, work in enumerate(forgeries(solved(asked(client, hot)))):
        assert send_comment(client, hot, work=work, comment=f"Comment {number}").status_code == 302
    assert all(comment.held for comment in Comment.objects.all()) and Comment.objects.count() == 12


def test_a_new_window_is_cool(client: Client, hot: Post, time_machine) -> None:
    time_machine.move_to(timezone.now() + datetime.timedelta(seconds=heat.WINDOW))
    assert asked(client, hot) is None
    send_comment(client, hot)
    assert Comment.objects.get().held == []


def test_another_blog_stays_cool(client: Client, hot: Post) -> None:
    assert not heat.is_warm(make_blog(address="http://other.example"))


def test_the_page_is_the_same_hot_or_cool(client: Client, post: Post, settings) -> None:
    cool = client.get(post.get_absolute_url()).text
    settings.BLOG_HEAT = 1
    budgets.take(*heat.of(post.blog))
    cache.clear()
    warm = client.get(post.get_absolute_url()).text
    pages = {re.sub(r'name="stamp" value="[a-z2-7]{40}"', "", page) for page in [cool, warm]}
    assert len(pages) == 1 and pages != {cool}


def test_pressing_again_sends_no_second_mail_sooner(client: Client, hot: Post, time_machine) -> None:
    send_comment(client, hot)
    time_machine.move_to(timezone.now() + datetime.timedelta(seconds=121))
    send_comment(client, hot)
    comment = Comment.objects.get()
    newest = Delivery.objects.filter(about=comment.pk).latest("pk")
    assert (newest.due_at - comment.submitted_at).total_seconds() > 590


@pytest.mark.parametrize("path", ["/comments/proof/0/", "/comments/proof/99999999999999999999/"])
def test_no_such_post(client: Client, blog, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_it_is_only_read(client: Client, post: Post, method: str) -> None:
    assert getattr(client, method)(f"/comments/proof/{post.pk}/").status_code in {403, 405}


def test_an_error_keeps_the_work(client: Client, hot: Post) -> None:
    work = solved(asked(client, hot))
    page = send_comment(client, hot, work=work, name="")
    assert page.status_code == 422 and Fields(page.text).values["work"] == work
    client.post(comments_url(hot), Fields(page.text).values | {"name": "Ann"})
    assert Comment.objects.get().held == []
