"""What an empty database starts with."""

import pytest
from django.core.management import call_command
from django.test import Client

from blog.models import Blog


@pytest.fixture
def demo(db: None, settings) -> Blog:
    """The first demo blog, at the test client's host too."""
    call_command("load_demo")
    blog = Blog.objects.order_by("pk")[0]
    blog.also_answers += " testserver"
    blog.save()
    return blog


def test_the_demo_has_two_blogs_whose_pages_open(demo: Blog, client: Client) -> None:
    assert Blog.objects.count() == 2
    for blog in Blog.objects.all():
        for post in blog.posts.public():
            assert client.get(post.get_absolute_url(), headers={"host": blog.host}).status_code == 200


def test_the_demo_post_has_the_shape_of_the_page_it_rebuilds(demo: Blog, client: Client) -> None:
    page = client.get("/2014/06/20/working-at-bis-using-twitter/").text
    body = page.split('<div class="prose">')[1].split("</article>")[0]
    assert "20 June 2014" in page and ">Capability<" in page and body.count("<ul>") >= 2 and body.count("<h2>") >= 2
    assert body.index("Stay up-to-date by") > body.rindex("</ul>") and 'href="/subscribe/"' in body
