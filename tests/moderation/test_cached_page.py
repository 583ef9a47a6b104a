"""A post's page, rendered once for everybody: what is decided shows at the next request, and nothing older ever."""

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client, RequestFactory
from django.utils import timezone

from blog.kept import blog_at
from blog.models import Blog, Post
from blog.views import render_post
from moderation.models import Comment, Decision
from postbag import pagecache
from tests.at_once import at_once
from tests.factories import make_comment, make_moderator, make_notice, make_post, make_reason
from tests.moderation.reader import send_comment

pytestmark = pytest.mark.django_db
APPROVED, REJECTED, UNDONE = Decision.Outcome.APPROVED, Decision.Outcome.REJECTED, Decision.Outcome.UNDONE


@pytest.fixture
def url(post: Post) -> str:
    """The page's address."""
    return post.get_absolute_url()


def test_a_decision_shows_at_the_next_request(client: Client, mo: User, post: Post, url: str) -> None:
    comment = make_comment(post)
    for version, outcome, shown in [(1, APPROVED, True), (2, REJECTED, False), (3, APPROVED, True), (4, UNDONE, False)]:
        assert ("Well said." in client.get(url).text) is not shown
        comment.decide(outcome, by=mo, version=version)
        assert ("Well said." in client.get(url).text) is shown


def test_a_new_notice_a_new_rule_and_an_erased_comment_show_at_the_next_request(client: Client, post: Post) -> None:
    make_comment(post, "approved")
    url = post.get_absolute_url()
    assert "Well said." in client.get(url).text and "Stay on topic" not in client.get("/guidelines/").text
    make_notice(post.blog)
    assert "(version 2)" in client.get(url).text
    make_reason(post.blog)
    assert "Stay on topic" in client.get("/guidelines/").text
    Comment.objects.erase()
    assert "Well said." not in client.get(url).text


def test_a_slow_rendering_of_the_old_state_is_never_served(client: Client, mo: User, post: Post, url: str) -> None:
    comment = make_comment(post, "approved")

    def slowly() -> str:
        old = render_post(post)
        comment.decide(REJECTED, by=mo, version=1, reason=make_reason(post.blog))
        return old

    blog = blog_at("testserver")
    request = RequestFactory().get(url)
    assert "Well said." in pagecache.page(request, blog.version, slowly).text
    assert "Well said." not in client.get(url).text


@pytest.mark.django_db(transaction=True)
def test_readers_during_a_decision_leave_no_old_page_behind(blog: Blog) -> None:
    post, mo = make_post(blog), make_moderator(blog)
    for number in range(5):
        comment = make_comment(post, name=f"N{number}", text=f"Words {number}")
        read = [lambda: Client().get(post.get_absolute_url()) for _ in range(5)]
        at_once([*read, lambda comment=comment: comment.decide(APPROVED, by=mo, version=1), *read])
        assert f"Words {number}" in Client().get(post.get_absolute_url()).text


def test_a_hit_takes_one_query_and_no_template(client: Client, url: str, django_assert_num_queries) -> None:
    first = client.get(url)
    with django_assert_num_queries(1):
        again = client.get(url)
    assert again.content == first.content and not again.templates


def test_a_browser_that_has_it_is_told_so(client: Client, mo: User, post: Post, url: str) -> None:
    etag = client.get(url)["ETag"]
    kept = client.get(url, headers={"If-None-Match": etag})
    assert kept.status_code == 304 and not kept.content and kept["ETag"] == etag
    assert client.head(url, headers={"If-None-Match": f'W/{etag}, "x"'}).status_code == 304
    make_comment(post).decide(APPROVED, by=mo, version=1)
    fresh = client.get(url, headers={"If-None-Match": etag})
    assert fresh.status_code == 200 and fresh["ETag"] != etag


def test_the_page_belongs_to_nobody(client: Client, desk: Client, post: Post, url: str) -> None:
    pages = [client.get(url), desk.get(url), client.get(url, headers={"Accept-Language": "cy", "Cookie": "a=b"})]
    for page in pages:
        assert page.content == pages[0].content
        assert "Cookie" not in page.get("Vary", "") and not page.cookies and page["Cache-Control"] == "no-cache"
    assert "csrfmiddlewaretoken" not in pages[0].text


def test_errors_of_one_reader_are_shown_to_nobody_else(client: Client, post: Post, url: str) -> None:
    refused = send_comment(client, post, name="", comment="My secret words")
    assert "My secret words" in refused.text and "ETag" not in refused
    assert "My secret words" not in Client().get(url).text and "Error: " not in Client().get(url).text


def test_the_query_string_cannot_fill_the_cache(client: Client, url: str, django_assert_num_queries) -> None:
    page = client.get(url)
    for query in ["utm_source=x", "page=2", "x" * 2000, "%00", "a=1&a=2"]:
        with django_assert_num_queries(1):
            assert client.get(f"{url}?{query}").content == page.content


@pytest.mark.parametrize(
    "header", ["X-Forwarded-Host", "X-Original-URL", "X-Rewrite-URL", "X-Forwarded-Scheme", "Forwarded"]
)
def test_no_header_can_poison_it(client: Client, url: str, header: str) -> None:
    poisoned = client.get(url, headers={header: "evil.example"})
    assert "evil.example" not in poisoned.text and client.get(url).content == poisoned.content


def test_two_blogs_share_no_page(client: Client, post: Post, url: str) -> None:
    other = Blog.objects.create(name="Other blog", address="http://other.example", from_email="o@example.org")
    make_notice(other)
    make_post(other, title=post.title, body="Their words.", published_at=post.published_at)
    assert "Their words." not in client.get(url).text
    assert "Their words." in client.get(url, headers={"Host": "other.example"}).text


def test_another_path_is_not_this_page(client: Client, url: str) -> None:
    client.get(url)
    for other in [f"{url}x.css", f"{url};x.css", f"{url}%2e%2e/", url.upper(), url.rstrip("/"), f"/{url}"]:
        assert client.get(other).status_code in {301, 404}


def test_a_cache_that_lost_everything_costs_a_rendering(client: Client, url: str) -> None:
    with time_machine.travel(timezone.now(), tick=False):  # the form's stamp tells the second
        page = client.get(url).content
        cache.clear()
        assert client.get(url).content == page


def test_a_post_of_the_form_is_not_cached(client: Client, post: Post) -> None:
    assert "ETag" not in send_comment(client, post) and "ETag" not in send_comment(client, post, name="")
