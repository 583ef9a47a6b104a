"""/author/slug/"""

from django.test import Client

from blog.models import Blog
from tests.factories import make_author, make_blog, make_post


def test_an_author_has_a_biography_and_posts(blog: Blog, client: Client) -> None:
    priya = make_author(blog, biography="Priya builds <bridges>.")
    make_post(blog, [priya, make_author(blog, "Tom Ashdown")], title="Otters")
    make_post(blog, title="Bridges")
    main = client.get("/author/priya-nair/").text.split("<main")[1].split("</main>")[0]
    assert "Priya builds &lt;bridges&gt;." in main and "Otters" in main and "Tom Ashdown" in main
    assert ">Bridges<" not in main


def test_an_author_of_another_blog_is_not_found(blog: Blog, client: Client) -> None:
    make_author(make_blog(address="http://rivers.example.org"))
    assert client.get("/author/priya-nair/").status_code == 404


def test_an_author_without_posts_has_a_page(blog: Blog, client: Client) -> None:
    make_author(blog)
    assert "There are no posts here yet" in client.get("/author/priya-nair/").text
