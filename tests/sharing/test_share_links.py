"""“Share this page”: plain links, whatever a title holds."""

import html
import re
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from django.test import Client

from blog.models import Blog, Post
from sharing.links import share_links
from tests.factories import make_post

pytestmark = pytest.mark.django_db
HOSTS = {
    "x": "twitter.com",
    "facebook": "www.facebook.com",
    "linkedin": "www.linkedin.com",
    "whatsapp": "wa.me",
    "bluesky": "bsky.app",
    "mastodon": "share.joinmastodon.org",
    "email": "",
}
NASTY = [
    "Tom & Jerry = 100% #1? + more/less",
    "\"><script>alert(1)</script><a href='",
    "javascript:alert(1)",
    "a\r\nBcc: eve@example.org&cc=eve@example.org",
    "%0d%0aBcc:eve@example.org %26 &amp; &#38;",
    "🎉 日本語 العربية \u202e",
    "x" * 200,
    "\\ ` { } | ^ [ ] ~ ; : @ , $ ! * ' ( )",
]


def words_in(url: str) -> list[str]:
    """Every value that a link hands over, as its receiver reads it."""
    parts = urlsplit(url)
    query = parts.query or parts.fragment
    return [unquote(value.partition("=")[2]) for value in query.split("&")]


def by_target(post: Post) -> dict[str, str]:
    return {link.target: link.url for link in share_links(post)}


def test_there_is_one_for_each_place(blog: Blog) -> None:
    links = by_target(make_post(blog))
    assert {target: urlsplit(url).netloc for target, url in links.items()} == HOSTS
    assert {urlsplit(url).scheme for url in links.values()} == {"https", "mailto"}


@pytest.mark.parametrize("title", NASTY)
def test_a_title_arrives_whole_and_nothing_else_does(blog: Blog, title: str) -> None:
    post = make_post(blog, title=title, slug="s")
    url, both = post.full_url(), f"{title} {post.full_url()}"
    handed = {target: words_in(link) for target, link in by_target(post).items()}
    assert handed["x"] == [url, title]
    assert handed["facebook"] == handed["linkedin"] == [url]
    assert handed["whatsapp"] == handed["bluesky"] == handed["mastodon"] == [both]
    assert handed["email"] == ["I wanted to share this post with you from Digital blog", f"{title}\r\n\r\n{url}"]


@pytest.mark.parametrize("title", NASTY)
def test_a_title_leaves_only_letters_that_are_safe_in_a_link(blog: Blog, title: str) -> None:
    for url in by_target(make_post(blog, title=title, slug="s")).values():
        assert re.fullmatch(r"(https:/|mailto:\?)[A-Za-z0-9%&=?#./_~:-]+", url), url


@pytest.mark.parametrize("title", NASTY)
def test_the_page_has_the_same_links_and_no_more(blog: Blog, client: Client, title: str) -> None:
    post = make_post(blog, title=title, slug="s")
    page = client.get(post.get_absolute_url()).text
    shown = page[page.index("Share this page") : page.index("data-copy-link")]
    assert [html.unescape(url) for url in re.findall(r'href="([^"]*)"', shown)] == list(by_target(post).values())
    assert "<script" not in shown


def test_the_links_name_the_blog_s_own_address(blog: Blog, client: Client) -> None:
    blog.also_answers = "mirror.example"
    blog.save()
    post = make_post(blog)
    page = client.get(post.get_absolute_url(), headers={"host": "mirror.example"}).text
    assert "mirror.example" not in page[page.index("Share this page") : page.index("data-copy-link")]
    assert parse_qs(urlsplit(by_target(post)["x"]).query)["url"] == [f"http://testserver{post.get_absolute_url()}"]


def test_other_sites_learn_nothing_of_the_reader_before_they_choose(blog: Blog, client: Client) -> None:
    page = client.get(make_post(blog).get_absolute_url())
    assert not page.cookies
    assert not re.findall(r"<(?:script|img|iframe|link)[^>]+(?:src|href)=\"https?://(?!testserver)", page.text)
    for link in re.findall(r"<a [^>]*https://(?:twitter|www\.facebook|wa|bsky|share)[^>]*>", page.text):
        assert 'rel="noopener noreferrer"' in link
