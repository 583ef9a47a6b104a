"""A post to comment on, and Mo, who decides."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from blog.models import Blog, Post
from tests.factories import make_moderator, make_post


@pytest.fixture
def post(blog: Blog) -> Post:
    """A public post that takes comments."""
    return make_post(blog, title="A new bridge")


@pytest.fixture
def mo(blog: Blog) -> User:
    """The moderator of `blog`."""
    return make_moderator(blog)


@pytest.fixture
def desk(mo: User) -> Client:
    """Mo's browser, signed in."""
    client = Client()
    client.force_login(mo)
    return client
