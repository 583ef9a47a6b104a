"""/api/v1/posts/, /api/v1/posts/<id>/ and /api/v1/privacy-notice/."""

import datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from blog.models import Blog, Post, PrivacyNotice
from tests.factories import make_author, make_blog, make_category, make_notice, make_post

TOMORROW = {"published_at": timezone.now() + datetime.timedelta(days=1)}


def test_posts_are_listed_newest_first(blog: Blog, client: Client) -> None:
    make_post(blog, title="Old", published_at=timezone.now() - datetime.timedelta(days=9))
    make_post(blog, title="New")
    listed = client.get("/api/v1/posts/").json()
    assert [post["title"] for post in listed["results"]] == ["New", "Old"]
    assert "html" not in listed["results"][0]


@pytest.mark.parametrize("hidden", [{"state": Post.State.DRAFT}, {"state": Post.State.WITHDRAWN}, TOMORROW])
def test_a_post_that_is_not_public_is_not_there(blog: Blog, client: Client, hidden: dict) -> None:
    post = make_post(blog, **hidden)
    assert client.get("/api/v1/posts/").json()["count"] == 0
    for path in ["", "comments/", "share-targets/"]:
        missing = client.get(f"/api/v1/posts/{post.pk}/{path}")
        assert missing.status_code == missing.json()["status"] == 404
        assert missing["Content-Type"] == "application/problem+json"


def test_another_blogs_post_is_not_there(blog: Blog, client: Client) -> None:
    post = make_post(make_blog(address="http://other.example"))
    assert client.get("/api/v1/posts/").json()["count"] == 0
    assert client.get(f"/api/v1/posts/{post.pk}/").status_code == 404


def test_a_post_is_whole(blog: Blog, notice: PrivacyNotice, client: Client) -> None:
    post = make_post(blog, authors=[make_author(blog)], categories=[make_category(blog)], body="So **much**.")
    found = client.get(f"/api/v1/posts/{post.pk}/").json()
    assert found["html"] == "<p>So <strong>much</strong>.</p>\n"
    assert found["url"] == post.full_url()
    assert found["authors"] == [{"name": "Priya Nair", "url": "http://testserver/author/priya-nair/"}]
    assert found["categories"] == [{"name": "Capability", "url": "http://testserver/category/capability/"}]
    assert found["comments_open"] is True
    assert found["privacy_notice"] == {"id": notice.pk, "url": "http://testserver/privacy/"}


def test_a_blog_without_a_notice_takes_nothing(client: Client, db: None) -> None:
    post = make_post(make_blog())
    found = client.get(f"/api/v1/posts/{post.pk}/").json()
    assert (found["comments_open"], found["privacy_notice"]) == (False, None)
    assert client.get("/api/v1/privacy-notice/").status_code == 404
    for path in [f"posts/{post.pk}/comments/", "subscriptions/"]:
        assert client.post(f"/api/v1/{path}", {}, content_type="application/json").status_code == 404


def test_the_notice_is_the_one_in_force(blog: Blog, client: Client) -> None:
    newest = make_notice(blog, body="New words.")
    found = client.get("/api/v1/privacy-notice/").json()
    assert (found["id"], found["version"], found["html"]) == (newest.pk, 2, "<p>New words.</p>\n")
    assert found["url"] == "http://testserver/privacy/"


def test_no_more_than_a_hundred_at_once(blog: Blog, client: Client) -> None:
    public = {"state": "published", "published_at": timezone.now()}
    Post.objects.bulk_create(Post(blog=blog, title="x", slug=f"x{n}", **public) for n in range(103))
    listed = client.get("/api/v1/posts/?limit=5000").json()
    assert (listed["count"], len(listed["results"])) == (103, 100)
    assert len(client.get(listed["next"]).json()["results"]) == 3
    assert client.get(f"/api/v1/posts/?offset={10**50}").json()["results"] == []


@pytest.mark.parametrize("posts", [1, 12])
def test_a_list_costs_the_same_however_long(blog: Blog, client: Client, posts: int) -> None:
    for number in range(posts):
        make_post(
            blog,
            authors=[make_author(blog, str(number))],
            categories=[make_category(blog, str(number))],
            title=str(number),
        )
    with CaptureQueriesContext(connection) as queries:
        client.get("/api/v1/posts/")
    assert len(queries) == 6  # version, blog, count, posts, authors, categories


def test_reading_sets_no_cookie(blog: Blog, client: Client) -> None:
    post = make_post(blog)
    for path in ["posts/", f"posts/{post.pk}/", f"posts/{post.pk}/comments/", "privacy-notice/", "schema/", "docs/"]:
        answer = client.get(f"/api/v1/{path}")
        assert answer.status_code == 200
        assert not answer.cookies
        assert "Cookie" not in answer.get("Vary", "")
