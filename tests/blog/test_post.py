"""/2014/06/20/slug/"""

import datetime
import re

import pytest
from django.test import Client
from django.utils import timezone

from blog.models import Blog, Post
from tests.factories import make_author, make_blog, make_category, make_post

DAY = datetime.datetime(2014, 6, 20, 9, 30, tzinfo=datetime.UTC)
LATER = DAY + datetime.timedelta(days=1)


def test_a_post_shows_its_title_byline_and_body(blog: Blog, client: Client) -> None:
    post = make_post(blog, [make_author(blog)], [make_category(blog)], title="Otters", body="Wet.", published_at=DAY)
    page = client.get("/2014/06/20/otters/").text
    assert post.get_absolute_url() == "/2014/06/20/otters/"
    for part in ["<title>Otters - Digital blog</title>", "<p>Wet.</p>", 'href="/author/priya-nair/"', "20 June 2014"]:
        assert part in page


def test_the_day_is_the_one_that_readers_live_in(blog: Blog, client: Client) -> None:
    make_post(blog, slug="late", published_at=datetime.datetime(2014, 6, 20, 23, 30, tzinfo=datetime.UTC))
    assert "21 June 2014" in client.get("/2014/06/21/late/").text


@pytest.mark.parametrize("state", [Post.State.DRAFT, Post.State.WITHDRAWN])
def test_a_post_that_is_not_published_is_not_found(blog: Blog, client: Client, state: str) -> None:
    assert client.get(make_post(blog, state=state).get_absolute_url()).status_code == 404


def test_a_scheduled_post_is_found_from_its_minute(blog: Blog, client: Client, time_machine) -> None:
    time_machine.move_to("2026-03-01 12:00")
    post = make_post(blog, published_at=timezone.now() + datetime.timedelta(minutes=5))
    assert client.get(post.get_absolute_url()).status_code == 404
    time_machine.shift(datetime.timedelta(minutes=6))
    assert client.get(post.get_absolute_url()).status_code == 200


def test_a_post_of_another_blog_is_not_found(blog: Blog, client: Client) -> None:
    post = make_post(make_blog(address="http://rivers.example.org"))
    assert client.get(post.get_absolute_url()).status_code == 404


@pytest.mark.parametrize("wrong", ["/2013/06/20/otters/", "/2014/13/41/otters/"])
def test_a_wrong_day_leads_to_the_right_one(blog: Blog, client: Client, wrong: str) -> None:
    make_post(blog, slug="otters", published_at=DAY)
    response = client.get(wrong)
    assert (response.status_code, response.url) == (301, "/2014/06/20/otters/")


def test_a_wrong_day_does_not_tell_of_a_draft(blog: Blog, client: Client) -> None:
    make_post(blog, slug="otters", state=Post.State.DRAFT)
    assert client.get("/2001/01/01/otters/").status_code == 404


def test_a_post_leads_to_the_public_posts_on_both_sides(blog: Blog, client: Client) -> None:
    for day, title in enumerate(["Far before", "Before", "This", "After", "Far after"]):
        make_post(blog, title=title, published_at=DAY + datetime.timedelta(days=day))
    make_post(blog, title="Hidden", state=Post.State.DRAFT, published_at=DAY + datetime.timedelta(days=2, hours=1))
    page = client.get("/2014/06/22/this/").text
    labels = re.findall(r'pagination__link-label">([^<]*)<', page)
    assert labels == ["Before", "After"]


def test_posts_of_the_same_minute_lead_to_each_other(blog: Blog, client: Client) -> None:
    for title in ["One", "Two", "Three"]:
        make_post(blog, title=title, published_at=DAY)
    labels = re.findall(r'pagination__link-label">([^<]*)<', client.get("/2014/06/20/two/").text)
    assert labels == ["One", "Three"]


def test_an_edit_shows_at_once(blog: Blog, client: Client) -> None:
    post = make_post(blog)
    client.get(post.get_absolute_url())
    post.body = "Better words."
    post.save()
    assert "Better words." in client.get(post.get_absolute_url()).text


def test_html_in_a_post_is_text(blog: Blog, client: Client) -> None:
    post = make_post(blog, title="<i>T</i>", slug="t", body="<script>alert(1)</script> [x](javascript:alert(1))")
    page = client.get(post.get_absolute_url()).text
    assert "<script>alert" not in page and "<i>T" not in page and 'href="javascript' not in page


def test_a_reader_gets_no_cookie_and_nothing_from_elsewhere(blog: Blog, client: Client) -> None:
    response = client.get(make_post(blog).get_absolute_url())
    loaded = re.findall(
        r'<(?:script|img|iframe|link rel="(?:icon|stylesheet)")[^>]*(?:src|href)="([^"]*)"', response.text
    )
    assert not response.cookies
    assert loaded and all(address.startswith("/static/") for address in loaded)
    assert "style=" not in response.text and "<style" not in response.text


def test_the_privacy_notice_stands_before_the_button(blog: Blog, client: Client) -> None:
    page = client.get(make_post(blog).get_absolute_url()).text
    order = ["Share this page", "Leave a comment", "Enter your comment", 'href="/privacy/"', "Submit comment"]
    assert [page.index(part) for part in order] == sorted(page.index(part) for part in order)


def test_a_closed_post_says_so(blog: Blog, client: Client) -> None:
    page = client.get(make_post(blog, comments_open=False).get_absolute_url()).text
    assert "Comments on this post have been closed since" in page and "<textarea" not in page


def test_a_post_takes_few_queries(blog: Blog, client: Client, django_assert_max_num_queries) -> None:
    for number in range(5):
        make_post(blog, [make_author(blog, f"Author {number}")], title=f"Post {number}", published_at=DAY)
    post = make_post(blog, [make_author(blog)], [make_category(blog)], published_at=LATER)
    with django_assert_max_num_queries(12):
        client.get(post.get_absolute_url())


def test_the_second_reader_takes_one_query(blog: Blog, client: Client, django_assert_num_queries) -> None:
    post = make_post(blog)
    client.get(post.get_absolute_url())
    with django_assert_num_queries(1):
        client.get(post.get_absolute_url())


def test_a_browser_that_has_the_page_gets_no_body(blog: Blog, client: Client) -> None:
    address = make_post(blog).get_absolute_url()
    etag = client.get(address)["ETag"]
    assert client.get(address, headers={"If-None-Match": etag}).status_code == 304


def test_a_post_only_takes_reads(blog: Blog, client: Client) -> None:
    address = make_post(blog).get_absolute_url()
    assert client.head(address).status_code == 200
    assert client.post(address).status_code == 405


def test_a_draft_is_published_on_the_day_it_is_published(blog: Blog) -> None:
    draft = make_post(blog, state=Post.State.DRAFT)
    assert draft.published_at is None
    draft.state = Post.State.PUBLISHED
    draft.save()
    assert draft.is_public() and timezone.now() - draft.published_at < datetime.timedelta(minutes=1)
