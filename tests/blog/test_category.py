"""/category/slug/"""

from django.test import Client

from blog.models import Blog, Post
from tests.factories import make_blog, make_category, make_post


def test_a_category_shows_its_public_posts_alone(blog: Blog, client: Client) -> None:
    wildlife = make_category(blog, "Wildlife", description="What lives here")
    make_post(blog, categories=[wildlife], title="Otters")
    make_post(blog, categories=[wildlife], title="Unfinished", state=Post.State.DRAFT)
    make_post(blog, title="Bridges")
    main = client.get("/category/wildlife/").text.split("<main")[1].split("</main>")[0]
    assert "Otters" in main and "What lives here" in main
    assert "Unfinished" not in main and "Bridges" not in main


def test_a_category_of_another_blog_is_not_found(blog: Blog, client: Client) -> None:
    make_category(make_blog(address="http://rivers.example.org"), "Wildlife")
    assert client.get("/category/wildlife/").status_code == 404


def test_a_page_that_is_not_there_leads_to_the_first(blog: Blog, client: Client) -> None:
    make_category(blog, "Wildlife")
    assert client.get("/category/wildlife/?page=7").url == "/category/wildlife/"
