"""/comments/feed/ and /2014/06/20/slug/comments/feed/: comments for feed readers."""

from xml.etree import ElementTree

import pytest
from django.test import Client

from blog.models import Post
from moderation.models import Comment
from tests.factories import make_blog, make_comment, make_comments, make_notice, make_post

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"
HIDDEN = [state for state in Comment.State if state != "approved"]


def urls(post: Post) -> list[str]:
    """Of the post's feed and of its blog's."""
    return [f"{post.get_absolute_url()}comments/feed/", "/comments/feed/"]


def entries(client: Client, url: str) -> list[ElementTree.Element]:
    """Its entries, as a feed reader sees them."""
    return ElementTree.fromstring(client.get(url).content).findall(f"{ATOM}entry")  # noqa: S314 - our own


def words(entry: ElementTree.Element, *path: str) -> str:
    """The text of an element of an entry."""
    return entry.findtext("/".join(ATOM + part for part in path)) or ""


def test_an_entry_says_who_wrote_what_where_and_when(client: Client, post: Post) -> None:
    comment = make_comment(post, "approved", text="One & two.")
    for url in urls(post):
        (entry,) = entries(client, url)
        assert words(entry, "title") == "Ann on “A new bridge”" and words(entry, "author", "name") == "Ann"
        assert words(entry, "summary") == '<p dir="auto">One &amp; two.</p>'
        assert words(entry, "id") == f"http://testserver/comments/{comment.pk}/"
        assert entry.find(f"{ATOM}link").attrib["href"] == words(entry, "id")
        assert words(entry, "published")[:10] == f"{comment.submitted_at:%Y-%m-%d}" and words(entry, "updated")


def test_the_feed_has_all_that_atom_asks_for(client: Client, post: Post) -> None:
    make_comment(post, "approved")
    for url in urls(post):
        answer = client.get(url)
        assert answer["Content-Type"] == "application/atom+xml; charset=utf-8" and not answer.cookies
        feed = ElementTree.fromstring(answer.content)  # noqa: S314 - our own
        assert feed.findtext(f"{ATOM}id") == f"http://testserver{url}" and feed.findtext(f"{ATOM}updated")
        links = {link.attrib["rel"]: link.attrib["href"] for link in feed.findall(f"{ATOM}link")}
        assert links["self"] == f"http://testserver{url}" and links["alternate"].startswith("http://testserver/")
        assert feed.findtext(f"{ATOM}title") in {"Comments on “A new bridge”", "Comments on Digital blog"}


def test_it_has_the_fifty_that_were_published_last(client: Client, post: Post) -> None:
    make_comments(post, 60)
    late = make_comment(post, "approved", name="Late")
    Comment.objects.filter(pk=late.pk).update(submitted_at=post.published_at, decided_at="2036-01-01T00:00Z")
    for url in urls(post):
        titles = [words(entry, "title").split(" on ")[0] for entry in entries(client, url)]
        assert titles == ["Late", *[f"Ann {number}" for number in range(59, 10, -1)]]


@pytest.mark.parametrize("state", HIDDEN)
def test_it_has_only_what_is_public(client: Client, post: Post, state: str) -> None:
    make_comment(post, state)
    make_comment(make_post(post.blog, title="Withdrawn", state="withdrawn"), "approved")
    assert [entries(client, url) for url in urls(post)] == [[], []]


def test_it_has_no_address_and_no_other_blogs_comments(client: Client, post: Post) -> None:
    comment = make_comment(post, "approved", address="annabel@secret.example", digest="d" * 32)
    other = make_blog(address="http://other.example")
    make_notice(other)
    make_comment(make_post(other), "approved", name="Otto")
    for url in urls(post):
        page = client.get(url).text
        for secret in ["annabel", "secret.example", comment.mailbox, comment.digest, "Otto"]:
            assert secret not in page


def test_hostile_words_do_no_harm(client: Client, post: Post) -> None:
    hostile = "]]></summary><script>alert(1)</script>&lt;\u2028\U0001f600"
    comment = make_comment(post, "approved", text=hostile, name=hostile)
    Comment.objects.filter(pk=comment.pk).update(name=f"\x01\x0b{hostile}\ufffe", html=f"\x1f{comment.html}\uffff")
    for url in urls(post):
        (entry,) = entries(client, url)
        assert words(entry, "author", "name") == hostile and "<script" not in words(entry, "summary")


def test_a_feed_of_nothing_is_one(client: Client, post: Post) -> None:
    assert [entries(client, url) for url in urls(post)] == [[], []]


def test_a_reader_that_has_it_is_told_so(client: Client, post: Post, django_assert_num_queries) -> None:
    for url in urls(post):
        etag = client.get(url)["ETag"]
        with django_assert_num_queries(1):
            assert client.get(f"{url}?x=y", headers={"If-None-Match": etag}).status_code == 304
    make_comment(post, "approved")
    post.blog.raise_page_version()
    assert client.get(urls(post)[0], headers={"If-None-Match": client.get("/")["ETag"]}).status_code == 200


def test_pages_lead_to_it(client: Client, post: Post) -> None:
    make_comment(post, "approved")
    page = client.get(post.get_absolute_url()).text
    for url in urls(post):
        assert f'href="{url}">' in page.split("</head>")[0]
    assert f'href="{urls(post)[0]}"' in page.split("<main")[1]


def test_an_official_reply_says_whose_it_is(client: Client, post: Post) -> None:
    make_comment(post, "approved", name="Priya", official="Designer, Department of Examples")
    assert words(entries(client, "/comments/feed/")[0], "author", "name") == "Priya, Designer, Department of Examples"


def test_a_post_that_is_not_public_has_none(client: Client, post: Post) -> None:
    post.state = Post.State.WITHDRAWN
    post.save()
    assert client.get(urls(post)[0]).status_code == 404
    assert client.post("/comments/feed/").status_code == 405
