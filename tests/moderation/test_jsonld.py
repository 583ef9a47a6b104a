"""What machines read of a post and its comments: schema.org, as JSON-LD."""

import json
import re
from typing import Any

import pytest
from django.test import Client

from blog.models import Post
from tests.factories import make_author, make_comment, make_comments

pytestmark = pytest.mark.django_db
HOSTILE = '</script><script>alert(1)</script><!--<script>]]>&amp;\u2028\u2029"\\'


def block(page: str) -> str:
    """The words of the data block: there is one, and it is the only script that is not a file of ours."""
    found = re.findall(r"<script(?![^>]* src=)([^>]*)>(.*?)</script>", page, re.DOTALL)
    assert [attributes for attributes, _ in found] == [' type="application/ld+json"']
    return found[0][1]


def data(client: Client, post: Post, query: str = "") -> dict[str, Any]:
    return json.loads(block(client.get(f"{post.get_absolute_url()}{query}").text))


def test_it_says_what_the_page_says(client: Client, post: Post) -> None:
    post.authors.add(make_author(post.blog))
    comment = make_comment(post, "approved", text="One & two.")
    told = data(client, post)
    assert (told["@context"], told["@type"], told["headline"]) == ("https://schema.org", "BlogPosting", "A new bridge")
    assert told["url"] == post.full_url() and told["author"] == [{"@type": "Person", "name": "Priya Nair"}]
    assert told["datePublished"].startswith(f"{post.published_at:%Y-%m-%dT}") and told["commentCount"] == 1
    (said,) = told["comment"]
    assert said["author"] == {"@type": "Person", "name": "Ann"} and said["text"] == "One & two."
    assert said["url"] == f"http://testserver/comments/{comment.pk}/" and said["@type"] == "Comment"


def test_replies_are_in_what_they_answer(client: Client, post: Post) -> None:
    ann = make_comment(post, "approved", name="Ann")
    gone = make_comment(post, "withdrawn", name="Gone", parent=ann)
    make_comment(post, "approved", name="Bea", parent=ann)
    make_comment(post, "approved", name="Cy", parent=gone)
    (first, last) = data(client, post)["comment"]
    assert [reply["author"]["name"] for reply in first["comment"]] == ["Bea"] and last["author"]["name"] == "Cy"


def test_hostile_words_stay_words(client: Client, post: Post) -> None:
    post.title = f"Title {HOSTILE}"
    post.save()
    make_comment(post, "approved", name=f"Name {HOSTILE}", text=f"Text {HOSTILE}", official=f"Role {HOSTILE}")
    words = block(client.get(post.get_absolute_url()).text)
    assert not re.search("[<>&\u2028\u2029]", words)
    told = json.loads(words)
    (said,) = told["comment"]
    assert told["headline"] == f"Title {HOSTILE}" and said["author"]["name"] == f"Name {HOSTILE}"
    assert said["text"] == f"Text {HOSTILE}" and said["author"]["jobTitle"] == f"Role {HOSTILE}"


def test_a_long_text_is_cut_for_machines_alone(client: Client, post: Post) -> None:
    make_comment(post, "approved", text="x" * 501)
    (said,) = data(client, post)["comment"]
    assert said["text"] == "x" * 500 + "…" and "x" * 501 in client.get(post.get_absolute_url()).text


def test_it_has_the_comments_of_its_page_and_no_others(client: Client, post: Post) -> None:
    make_comments(post, 60)
    make_comment(post, "pending", name="Hidden")
    told = data(client, post, "?comments=2")
    assert [said["author"]["name"] for said in told["comment"]] == [f"Ann {number}" for number in range(50, 60)]
    assert told["commentCount"] == 60


def test_it_has_no_address(client: Client, post: Post) -> None:
    comment = make_comment(post, "approved", address="annabel@secret.example")
    words = json.dumps(data(client, post))
    assert "annabel" not in words and "secret.example" not in words and comment.mailbox not in words


def test_a_post_without_comments_has_it_too(client: Client, post: Post) -> None:
    assert data(client, post)["comment"] == []
