"""POST /desk/ and three more lists: many decisions in one go, each on the version that was seen."""

import html
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client

from blog.models import Blog, Post
from moderation.models import Comment, Decision, Moderator
from tests.factories import make_blog, make_comment, make_notice, make_post

pytestmark = pytest.mark.django_db


def pick(*comments: Comment) -> list[str]:
    return [f"{comment.pk}:{comment.version}" for comment in comments]


def send(desk: Client, picked: list[str], outcome: str = "approved") -> HttpResponse:
    return desk.post("/desk/", {"pick": picked, "outcome": outcome})


def states() -> list[str]:
    return list(Comment.objects.order_by("pk").values_list("state", flat=True))


@pytest.mark.parametrize(("outcome", "state"), [("approved", "approved"), ("spam", "spam")])
def test_all_that_are_ticked_are_decided(desk: Client, post: Post, outcome: str, state: str) -> None:
    comments = [make_comment(post) for _ in range(3)]
    page = send(desk, pick(*comments[:2]), outcome)
    assert states() == [state, state, "pending"] and "2 comments" in page.text
    assert Decision.objects.count() == 2


def test_what_changed_is_skipped_and_named(desk: Client, post: Post, mo: User) -> None:
    changed, still = make_comment(post, name="Cem"), make_comment(post, name="Ann")
    picked = pick(changed, still)
    changed.decide(Decision.Outcome.SPAM, by=mo, version=1)
    page = send(desk, picked)
    assert states() == ["spam", "approved"]
    assert "Not decided" in page.text and "the comment by Cem" in page.text and "1 comment<" in page.text


def test_how_many_have_vanished_is_told(desk: Client, post: Post) -> None:
    gone, still = make_comment(post), make_comment(post)
    picked = pick(gone, still)
    gone.delete()
    page = send(desk, picked)
    assert states() == ["approved"] and "1 comment is no longer here" in page.text and "Important" in page.text
    assert "no longer here" not in send(desk, pick(make_comment(post))).text


@pytest.mark.parametrize(("picked", "outcome"), [([], "approved"), (["x"], "approved"), (["1"], "approved"),
    (["9" * 40 + ":1"], "approved"), (["1:1"], "rejected"), (["1:1"], ""), (["1:1"], "undone")])  # fmt: skip
def test_nothing_that_can_be_understood_decides_nothing(desk: Client, post: Post, picked, outcome: str) -> None:
    make_comment(post)
    answer = send(desk, picked, outcome)
    assert answer.status_code == 200 and states() == ["pending"]


def test_comments_of_other_blogs_are_not_decided(desk: Client, post: Post) -> None:
    other = make_blog(address="http://other.example")
    make_notice(other)
    page = send(desk, pick(make_comment(make_post(other), name="Secret")))
    assert states() == ["pending"] and "Secret" not in page.text


def test_who_only_looks_decides_nothing(desk: Client, post: Post) -> None:
    Moderator.objects.update(duty="viewer")
    comment = make_comment(post)
    send(desk, pick(comment))
    assert states() == ["pending"] and "by Ann" in desk.get("/desk/").text


def test_a_get_decides_nothing(desk: Client, post: Post) -> None:
    desk.get("/desk/", {"pick": pick(make_comment(post)), "outcome": "spam"})
    assert states() == ["pending"]


def form_of(page: str) -> str:
    """Where the page's form for many comments is sent to."""
    return html.unescape(re.findall(r'<form id="bulk"[^>]* action="([^"]*)"', page)[0])


def test_the_list_stays_narrowed_and_at_its_page(desk: Client, post: Post, blog: Blog) -> None:
    comments = [make_comment(post, name=f"Nan {number}") for number in range(60)]
    make_comment(make_post(blog, title="Other"), name="Elsewhere")
    first = desk.get(f"/desk/?post={post.pk}")
    second = f"?post={post.pk}&after={first.context['page'].after}"
    where = form_of(desk.get(f"/desk/{second}").text)
    page = desk.post(where, {"pick": pick(comments[30]), "outcome": "approved"})
    assert where == form_of(page.text) and "Elsewhere" not in page.text
    assert "by Nan 31" in page.text and "by Nan 0<" not in page.text


def test_every_link_of_the_page_that_tells_what_came_of_it_can_be_followed(desk: Client, post: Post) -> None:
    comments = [make_comment(post) for _ in range(30)]
    page = desk.post(form_of(desk.get("/desk/").text), {"pick": pick(comments[0]), "outcome": "approved"})
    links = {html.unescape(link) for link in re.findall(r'href="(\?[^"]*)"', page.text)}
    assert any("after=" in link for link in links) and any("post=" in link for link in links)
    assert {desk.get(f"{page.request['PATH_INFO']}{link}").status_code for link in links} == {200}


def test_signed_out_meanwhile_one_comes_back_to_the_list(client: Client, desk: Client, post: Post) -> None:
    answer = client.post(f"/desk/held/?post={post.pk}", {"pick": pick(make_comment(post)), "outcome": "spam"})
    back = parse_qs(urlsplit(answer.url).query)["next"][0]
    assert states() == ["pending"] and desk.get(back).context["tab"] == "held"
    assert back == f"/desk/held/?post={post.pk}"


@pytest.mark.parametrize("tab", ["reported", "edits", "appeals", "decided", "escalated"])
def test_only_where_comments_can_be_ticked_many_are_decided(desk: Client, post: Post, tab: str) -> None:
    assert desk.post(f"/desk/{tab}/", {"pick": pick(make_comment(post)), "outcome": "spam"}).status_code == 405
    assert states() == ["pending"]
