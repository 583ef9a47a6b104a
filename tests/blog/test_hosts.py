"""Which blog a host is."""

from contextlib import suppress

import pytest
from django.db import OperationalError, connection
from django.test import Client

from blog.models import Blog
from tests.factories import make_blog, make_post


def test_each_host_shows_its_own_blog(blog: Blog, client: Client) -> None:
    make_post(make_blog(name="River Watch", address="http://rivers.example.org:8001"), title="Otters")
    assert "Digital blog" in client.get("/").text
    page = client.get("/", headers={"host": "rivers.example.org:8001"}).text
    assert "River Watch" in page and "Otters" in page and "Digital blog" not in page


@pytest.mark.parametrize("host", ["elsewhere.example", "testserver:81", "estserver", "testserver.example"])
def test_an_unknown_host_gets_a_plain_404(blog: Blog, client: Client, host: str) -> None:
    response = client.get("/", headers={"host": host})
    assert response.status_code == 404
    assert "<" not in response.text


def test_a_host_answers_in_any_case_and_by_its_other_names(client: Client, db: None) -> None:
    make_blog(also_answers="www.example.org localhost:8000")
    for host in ["TestServer", "www.example.org", "localhost:8000"]:
        assert client.get("/", headers={"host": host}).status_code == 200


def test_links_that_leave_start_with_the_configured_address(client: Client, db: None) -> None:
    blog = make_blog(address="https://blog.example.org", also_answers="testserver")
    page = client.get(make_post(blog, title="Otters").get_absolute_url()).text
    assert f'rel="canonical" href="https://blog.example.org{make_path(blog)}"' in page
    assert "http://testserver" not in page


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_connection_that_broke_is_replaced(blog: Blog, client: Client) -> None:
    assert client.get("/").status_code == 200
    with connection.cursor() as cursor, suppress(OperationalError):
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    connection.errors_occurred = False
    assert client.get("/").status_code == 200


def make_path(blog: Blog) -> str:
    return blog.posts.get().get_absolute_url()
