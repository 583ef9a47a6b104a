"""/guidelines/: the rules for comments."""

import pytest
from django.test import Client

from blog.models import Blog
from tests.factories import make_blog, make_reason

pytestmark = pytest.mark.django_db


def test_the_rules_are_those_of_this_blog_in_their_order(client: Client, blog: Blog) -> None:
    make_reason(make_blog(address="http://other.example"), title="Their rule")
    make_reason(blog, title="Second", position=2)
    make_reason(blog, title="First <b>", position=1)
    page = client.get("/guidelines/").text
    assert page.index("First &lt;b&gt;") < page.index("Second") and "Their rule" not in page


def test_a_blog_without_rules_has_guidelines_too(client: Client, blog: Blog) -> None:
    page = client.get("/guidelines/")
    assert page.status_code == 200 and "The rules" not in page.text and not page.cookies
