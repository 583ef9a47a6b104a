"""/privacy/, /cookies/ and /accessibility/"""

import pytest
from django.test import Client

from blog.models import Blog, PrivacyNotice
from tests.factories import make_blog, make_notice


def test_the_notice_in_force_has_its_version_and_date(blog: Blog, client: Client, time_machine) -> None:
    client.get("/privacy/")
    time_machine.move_to("2026-03-01 12:00")
    make_notice(blog, "We keep *nothing*.")
    page = client.get("/privacy/").text
    assert "Version 2, in force since" in page and "1 March 2026" in page and "<em>nothing</em>" in page


def test_a_blog_without_a_notice_has_no_such_page(client: Client, db: None) -> None:
    make_blog()
    assert client.get("/privacy/").status_code == 404


def test_the_notice_of_another_blog_is_not_shown(blog: Blog, client: Client) -> None:
    make_notice(make_blog(address="http://rivers.example.org"), "About rivers.")
    assert "About rivers." not in client.get("/privacy/").text
    assert PrivacyNotice.objects.current(blog).version == 1


def test_cookies_names_those_of_staff(blog: Blog, client: Client, settings) -> None:
    page = client.get("/cookies/").text
    assert "You need no cookie to read, to share, to comment" in page
    assert settings.SESSION_COOKIE_NAME in page and settings.CSRF_COOKIE_NAME in page
    assert settings.DEVICE_COOKIE_NAME in page and "90 days after you sign in" in page


@pytest.mark.parametrize("path", ["/", "/privacy/", "/cookies/", "/accessibility/", "/guidelines/"])
def test_every_page_leads_to_the_pages_about_the_blog(blog: Blog, client: Client, path: str) -> None:
    response = client.get(path)
    footer = response.text.split("<footer")[1]
    assert not response.cookies
    assert all(f'href="{name}"' in footer for name in ["/privacy/", "/cookies/", "/accessibility/", "/guidelines/"])
