"""What a process keeps of a blog: whatever is changed, by whichever way, shows at the next request."""

import datetime
from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from blog import kept
from blog.closures import Closure
from blog.models import Blog, Post, PrivacyNotice
from tests.factories import make_post

pytestmark = pytest.mark.django_db
NOW = timezone.now
DAY = datetime.timedelta(days=1)


@pytest.fixture
def post(blog: Blog) -> Post:
    """A post that takes comments, and that this process knows."""
    post = make_post(blog)
    assert seen(post).takes_comments()
    return post


def seen(post: Post) -> Post:
    """The post as the next request has it."""
    blog = kept.blog_at("testserver")
    assert blog
    return kept.public_post(blog, post.pk)


def save(row: Blog | Post) -> None:
    row.comments_open = False
    row.save()


CLOSINGS: list[Callable[[Post], object]] = [
    lambda post: save(post),
    lambda post: save(post.blog),
    lambda post: Post.objects.update(comments_open=False),
    lambda post: Blog.objects.update(comments_open=False),
    lambda post: Blog.objects.filter(pk=post.blog_id).update(comments_open=False),
    lambda post: PrivacyNotice.objects.all().delete(),
    lambda post: Closure(starts_at=NOW() - DAY, ends_at=NOW() + DAY, notice="Election").save(),
    lambda post: Closure(blog=post.blog, starts_at=NOW() - DAY, ends_at=NOW() + DAY, notice="Election").save(),
]


@pytest.mark.parametrize("close", CLOSINGS)
def test_whatever_closes_comments_does_so_at_the_next_request(post: Post, close: Callable[[Post], object]) -> None:
    close(post)
    assert not seen(post).takes_comments()


def test_a_window_that_moves_closes_and_opens_at_once(post: Post) -> None:
    Closure(starts_at=NOW() + DAY, ends_at=NOW() + 2 * DAY, notice="Election").save()
    assert seen(post).takes_comments()
    Closure.objects.update(starts_at=NOW() - DAY)
    assert not seen(post).takes_comments()
    Closure.objects.all().delete()
    assert seen(post).takes_comments()


def test_a_post_that_is_withdrawn_takes_nothing_at_the_next_request(client: Client, post: Post) -> None:
    assert client.get(f"/comments/proof/{post.pk}/").status_code == 200
    Post.objects.update(state=Post.State.WITHDRAWN)
    assert client.get(f"/comments/proof/{post.pk}/").status_code == 404


def test_a_new_notice_is_the_one_in_force(post: Post) -> None:
    PrivacyNotice(blog=post.blog, body="New words.").save()
    assert seen(post).blog.notice_in_force.body == "New words."


def test_a_blog_that_moves_is_not_found_where_it_was(client: Client, post: Post) -> None:
    post.blog.address = "http://elsewhere.example"
    post.blog.save()
    assert client.get("/").status_code == 404


def test_what_is_known_takes_one_query(client: Client, post: Post, django_assert_num_queries) -> None:
    with django_assert_num_queries(1):
        assert seen(post).takes_comments()


def test_a_blog_knows_no_post_of_another(post: Post) -> None:
    other = Blog.objects.create(name="Other", address="http://other.example", from_email="o@example.org")
    with pytest.raises(kept.Http404):
        kept.public_post(other, post.pk)
