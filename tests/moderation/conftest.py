"""A post to comment on, and Mo, who decides."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from blog.models import Blog, Post
from moderation.models import Comment, Moderator
from moderation.roles import Duty
from tests.factories import make_blog, make_comment, make_moderator, make_notice, make_post, make_reason
from tests.moderation.roles import ROLES


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


@pytest.fixture
def comment(post: Post) -> Comment:
    """One that awaits a decision, on a blog that has a rule."""
    make_reason(post.blog)
    return make_comment(post)


@pytest.fixture
def people(blog: Blog, comment: Comment) -> dict[str, Client]:
    """A browser for each role."""
    found = {role: Client() for role in ROLES}
    other = make_blog(name="Other", address="http://other.example")
    make_notice(other)
    found["elsewhere"].force_login(make_moderator(other, "elsa"))
    found["superuser"].force_login(User.objects.create_superuser("root", password="correct horse battery"))
    for duty in Duty.values:
        found[duty].force_login(make_moderator(blog, duty))
        Moderator.objects.filter(user__username=duty).update(duty=duty, name="Mo")
    return found
