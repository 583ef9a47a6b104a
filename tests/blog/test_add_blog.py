"""`manage.py add_blog`: how the first blog comes to be."""

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from blog.models import Blog

pytestmark = pytest.mark.django_db


def test_a_blog_answers_as_soon_as_it_is_added(client: Client) -> None:
    assert client.get("/").status_code == 404
    call_command("add_blog", "News", "http://testserver", "news@example.org")
    assert "News" in client.get("/").text


def test_an_address_with_a_path_is_refused() -> None:
    with pytest.raises(CommandError, match="without a path"):
        call_command("add_blog", "News", "http://testserver/news/", "news@example.org")


def test_a_stale_row_does_not_set_the_page_version_back() -> None:
    call_command("add_blog", "News", "http://testserver", "news@example.org")
    stale = Blog.objects.get()
    Blog.objects.get().raise_page_version()
    version = Blog.objects.get().page_version
    stale.save()
    assert Blog.objects.get().page_version > version
