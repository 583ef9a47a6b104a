"""What is not approved is seen by nobody: not on a page, not in a count, not by guessing its number."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from blog.models import Post
from moderation.models import Comment
from tests.factories import make_author, make_blog, make_category, make_comment, make_moderator, make_post

pytestmark = pytest.mark.django_db
HIDDEN = ["unconfirmed", "pending", "rejected", "spam", "withdrawn"]
SECRET = {"name": "Annabel", "text": "Unlikelywords", "address": "annabel@secret.example"}


@pytest.fixture(params=HIDDEN)
def hidden(request: pytest.FixtureRequest, post: Post) -> Comment:
    """A comment that nobody may read, beside one that everybody may."""
    make_comment(post, "approved", name="Priya")
    return make_comment(post, request.param, **SECRET)


def shows(text: str) -> bool:
    """Whether anything of the hidden comment stands there."""
    return any(words.lower() in text.lower() for words in SECRET.values())


def public_pages(post: Post) -> list[str]:
    """Every page that a reader finds."""
    category, author = make_category(post.blog), make_author(post.blog)
    post.categories.add(category)
    post.authors.add(author)
    named = ["home", "guidelines", "privacy", "cookies", "accessibility", "subscribe", "schema"]
    rows = [post, category, author]
    return [*map(reverse, named), *(row.get_absolute_url() for row in rows), *api(post)]


def api(post: Post) -> list[str]:
    """The API about `post`."""
    return [
        reverse("api-posts"),
        reverse("api-post", args=[post.pk]),
        reverse("api-comments", args=[post.pk]),
        reverse("api-comments", args=[post.pk]) + "?limit=100&cursor=0-0&state=pending&search=Unlikelywords",
    ]


def test_no_public_page_shows_it(client: Client, hidden: Comment) -> None:
    for url in public_pages(hidden.post):
        answer = client.get(url)
        assert answer.status_code == 200, url
        assert not shows(answer.text) and f"comment-{hidden.pk}" not in answer.text, url


def test_it_is_in_no_count(client: Client, hidden: Comment) -> None:
    page = client.get(hidden.post.get_absolute_url()).text
    assert "1 comment" in re.sub(r"\s+", " ", page) and "2 comments" not in page
    listed = client.get(reverse("api-comments", args=[hidden.post.pk]), {"limit": 1}).json()
    assert [comment["name"] for comment in listed["results"]] == ["Priya"] and listed["next"] is None


def test_a_post_with_nothing_else_looks_like_one_without_comments(client: Client, post: Post) -> None:
    empty = client.get(post.get_absolute_url()).text
    for state in HIDDEN:
        make_comment(post, state, **SECRET)
    assert client.get(f"{post.get_absolute_url()}?again").text == empty


def test_its_number_is_no_page(client: Client, hidden: Comment) -> None:
    post = hidden.post.get_absolute_url()
    for guess in [
        f"{post}comments/{hidden.pk}/reply/",
        f"{post}comments/{hidden.pk}/",
        f"/comments/{hidden.pk}/",
        f"/comments/status/{hidden.pk}/",
        f"/comments/confirm/{hidden.pk}/",
        f"/comments/sent/{hidden.pk}/",
        f"/api/v1/comments/{hidden.pk}/",
        f"/api/v1/posts/{hidden.post.pk}/comments/{hidden.pk}/",
    ]:
        for ask in [client.get, client.head, client.post]:
            answer = ask(guess)
            assert answer.status_code in {404, 405} and not shows(answer.text), guess


def test_the_desk_is_closed_to_nobody_and_to_other_blogs_moderators(client: Client, hidden: Comment) -> None:
    other = make_blog(address="http://other.example")
    elsewhere, nobody = Client(), client
    elsewhere.force_login(make_moderator(other, "mel"))
    for name in ["desk-comment", "desk-decision"]:
        url = reverse(name, args=[hidden.pk])
        assert nobody.get(url).status_code == nobody.get(reverse(name, args=[999])).status_code == 302
        assert elsewhere.post(url, {"outcome": "approved", "version": 1}).status_code in {404, 405}
    assert elsewhere.get(reverse("desk-comment", args=[hidden.pk])).status_code == 404
    assert not shows(elsewhere.get("/desk/").text) and not shows(elsewhere.get("/desk/decided/").text)


def test_a_reply_to_it_stays_and_says_nothing_of_it(client: Client, hidden: Comment) -> None:
    reply = make_comment(hidden.post, "approved", parent=hidden, text="I agree.")
    page = client.get(hidden.post.get_absolute_url()).text
    assert "I agree." in page and not shows(page) and f"comment-{hidden.pk}" not in page
    listed = client.get(reverse("api-comments", args=[hidden.post.pk])).json()["results"]
    assert next(row for row in listed if row["id"] == reply.pk)["parent"] is None


def test_the_admin_knows_no_comments(hidden: Comment) -> None:
    root = Client()
    root.force_login(User.objects.create_superuser("root"))
    assert root.get(f"/admin/moderation/comment/{hidden.pk}/change/").status_code == 404
    assert root.get("/admin/moderation/comment/").status_code == 404


@pytest.mark.parametrize("state", ["draft", "withdrawn"])
def test_an_approved_comment_goes_with_its_post(client: Client, post: Post, state: str) -> None:
    comment = make_comment(post, "approved", **SECRET)
    post.state = state
    post.save()
    for url in [*api(post)[1:], f"{post.get_absolute_url()}comments/{comment.pk}/reply/", post.get_absolute_url()]:
        answer = client.get(url)
        assert answer.status_code == 404 and not shows(answer.text)


def test_no_address_is_ever_public(client: Client, post: Post) -> None:
    comment = make_comment(post, "approved", address="annabel@secret.example")
    reply = f"{post.get_absolute_url()}comments/{comment.pk}/reply/"
    for url in [*public_pages(post), reply]:
        page = client.get(url).text
        assert "annabel" not in page and "secret.example" not in page and comment.mailbox not in page, url


def test_a_comment_of_another_blog_is_not_here(client: Client, post: Post) -> None:
    other = make_blog(address="http://other.example")
    other.notices.model(blog=other, body="Ours.").save()
    theirs = make_comment(make_post(other, title=post.title, published_at=post.published_at), "approved", **SECRET)
    for url in [*public_pages(post), reverse("api-comments", args=[theirs.post.pk])]:
        assert not shows(client.get(url).text)
    assert client.get(f"{post.get_absolute_url()}comments/{theirs.pk}/reply/").status_code == 404
