"""Ann, who comments and gets alerts on two blogs, and the link to what we hold about her."""

from collections.abc import Callable

import pytest
from django.test import Client

from blog.models import Blog, Post
from tests.factories import make_blog, make_notice, make_post
from tests.moderation.reader import link


@pytest.fixture
def post(blog: Blog) -> Post:
    """A public post that takes comments."""
    return make_post(blog, title="A new bridge")


@pytest.fixture
def far(db: None) -> Post:
    """A post on another blog of the same installation."""
    other = make_blog(name="Far blog", address="http://far.example")
    make_notice(other)
    return make_post(other, title="An old bridge")


@pytest.fixture
def ask(client: Client, blog: Blog, send_mail) -> Callable[..., str]:
    """Asks for Ann, or another address, and returns the path of the mailed link."""

    def asked(email: str = "ann@example.org") -> str:
        client.post("/my/", {"email": email, "homepage": ""})
        links = [mail for mail in send_mail() if mail.subject == "Your comments and email alerts"]
        return link(links[-1], "my/")

    return asked
