"""Mo, who decides, and Mo's browser."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from blog.models import Blog
from tests.factories import make_moderator


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
