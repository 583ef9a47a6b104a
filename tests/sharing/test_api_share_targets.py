"""/api/v1/posts/<id>/share-targets/."""

from django.test import Client

from blog.models import Blog
from sharing.links import share_links
from tests.factories import make_post


def test_the_targets_are_those_of_the_page(blog: Blog, client: Client, django_assert_num_queries) -> None:
    post = make_post(blog)
    with django_assert_num_queries(3):  # version, blog, post
        targets = client.get(f"/api/v1/posts/{post.pk}/share-targets/").json()
    assert [target["url"] for target in targets] == [link.url for link in share_links(post)]
    assert set(targets[0]) == {"target", "label", "url"}


def test_an_unknown_post_has_none(blog: Blog, client: Client) -> None:
    assert client.get("/api/v1/posts/404/share-targets/").json()["status"] == 404
