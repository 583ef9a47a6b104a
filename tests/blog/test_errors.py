"""The pages for what went wrong."""

import pytest
from django.template.loader import render_to_string
from django.test import Client

from blog.models import Blog


@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "500"])
def test_an_error_page_needs_no_database_and_no_request(name: str) -> None:
    page = render_to_string(f"{name}.html")
    assert page.count("<h1") == 1 and 'href="/privacy/"' in page


def test_a_missing_page_keeps_the_blogs_name(blog: Blog, client: Client) -> None:
    response = client.get("/nothing-here/")
    assert response.status_code == 404
    assert "Page not found" in response.text and "Digital blog" in response.text


def test_a_form_from_another_site_is_refused(blog: Blog, client: Client) -> None:
    response = client.post("/subscribe/", {"email": "ann@example.org"}, headers={"origin": "https://elsewhere.example"})
    assert response.status_code == 403
    assert "That form came from another site" in response.text
