"""/"""

import datetime

import pytest
from django.test import Client
from django.utils import timezone

from blog.models import Blog, Post
from tests.factories import make_author, make_category, make_post


def make_posts(blog: Blog, number: int) -> None:
    """Post 1 is the oldest."""
    for count in range(number, 0, -1):
        make_post(blog, title=f"Post {count}.", published_at=timezone.now() - datetime.timedelta(days=number - count))


def test_home_shows_the_newest_ten(blog: Blog, client: Client) -> None:
    make_posts(blog, 12)
    main = client.get("/").text.split("<main", 1)[1].split("</main>")[0]
    shown = [number for number in range(1, 13) if f"Post {number}.<" in main]
    assert shown == list(range(3, 13))
    assert main.index("Post 12.<") < main.index("Post 3.<")


def test_the_second_page_shows_the_rest_and_says_so(blog: Blog, client: Client) -> None:
    make_posts(blog, 12)
    page = client.get("/?page=2").text
    assert "(page 2 of 2)" in page.split("</title>")[0]
    assert "Post 1.<" in page and 'href="http://testserver/?page=2"' in page


@pytest.mark.parametrize("number", ["0", "3", "-1", "x", "", "1.0", "9" * 5000, "²"])
def test_a_page_that_is_not_there_leads_to_the_first(blog: Blog, client: Client, number: str) -> None:
    make_posts(blog, 12)
    response = client.get("/", {"page": number})
    assert (response.status_code, response.url) == (302, "/")


def test_one_page_of_posts_has_no_page_numbers(blog: Blog, client: Client) -> None:
    make_posts(blog, 10)
    assert "govuk-pagination" not in client.get("/").text


def test_home_without_posts_says_so(blog: Blog, client: Client) -> None:
    make_post(blog, state=Post.State.DRAFT)
    assert "There are no posts here yet" in client.get("/").text


def test_home_has_one_first_heading_which_is_the_blog(blog: Blog, client: Client) -> None:
    page = client.get("/").text
    assert page.count("<h1") == 1 and "Digital blog" in page.split("<h1")[1].split("</h1>")[0]


def test_the_sidebar_tells_what_there_is(blog: Blog, client: Client) -> None:
    blog.about = "We *like* rivers."
    blog.save()
    make_category(blog, "Wildlife")
    sidebar = client.get("/").text.split("<aside")[1]
    for part in ["We <em>like</em> rivers.", "/category/wildlife/", "/subscribe/", "/guidelines/"]:
        assert part in sidebar


def test_home_takes_few_queries_however_many_posts(blog: Blog, client: Client, django_assert_max_num_queries) -> None:
    for number in range(12):
        make_post(blog, [make_author(blog, f"Author {number}")], title=f"Post {number}")
    with django_assert_max_num_queries(8):
        client.get("/")
