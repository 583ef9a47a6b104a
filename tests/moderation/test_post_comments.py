"""/2014/06/20/slug/?comments=2&order=newest: the comments on a post, in threads and by pages."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from blog.models import Post
from moderation.models import Comment
from tests.factories import make_comment, make_comments

pytestmark = pytest.mark.django_db


def shown(client: Client, url: str) -> list[int]:
    """The numbers in the words of the comments on a page, as they are read."""
    return [int(number) for number in re.findall(r"<p [^>]*>The words with the number (\d+)", client.get(url).text)]


def levels(page: str) -> list[tuple[str, int]]:
    """Each comment's name or placeholder, and how many lists of replies it is in."""
    found, level = [], 0
    for part in re.findall(r"<ol|</ol>|comment__name\">[^<]*|comment__placeholder\">[^<]*", page):
        level += {"<ol": 1, "</ol>": -1}.get(part, 0)
        if ">" in part[:-1]:
            found.append((part.split(">")[1], level - 1))
    return found


def test_replies_stand_below_what_they_answer_oldest_first(client: Client, post: Post) -> None:
    ann = make_comment(post, "approved", name="Ann")
    make_comment(post, "approved", name="Bea")
    cy = make_comment(post, "approved", name="Cy", parent=ann)
    make_comment(post, "approved", name="Dee", parent=ann)
    make_comment(post, "approved", name="Eve", parent=cy)
    page = client.get(post.get_absolute_url()).text
    assert levels(page) == [("Ann", 0), ("Cy", 1), ("Eve", 2), ("Dee", 1), ("Bea", 0)]


@pytest.mark.parametrize(("depth", "expected"), [(0, [0, 1, 1, 1, 1]), (1, [0, 1, 1, 1, 1]), (3, [0, 1, 2, 3, 3])])
def test_deeper_replies_join_the_last_level_and_say_what_they_answer(
    client: Client, post: Post, depth: int, expected: list[int]
) -> None:
    post.blog.comment_depth = depth
    post.blog.save()
    last = make_comment(post, "approved", name="N0")
    for number in range(1, 5):
        last = make_comment(post, "approved", name=f"N{number}", parent=last)
    page = client.get(post.get_absolute_url()).text
    assert [level for _, level in levels(page)] == expected
    answered = f'In reply to <a class="govuk-link" href="#comment-{last.parent_id}"><bdi>N3</bdi></a>'
    assert answered in page and "In reply to" not in page.split("N1</bdi>")[0]


def test_fifty_threads_are_on_a_page(client: Client, post: Post) -> None:
    make_comments(post, 120)
    url = post.get_absolute_url()
    assert shown(client, url) == list(range(50))
    assert shown(client, f"{url}?comments=2") == list(range(50, 100))
    assert shown(client, f"{url}?comments=3") == list(range(100, 120))


def test_the_newest_can_come_first(client: Client, post: Post) -> None:
    make_comments(post, 60)
    url = post.get_absolute_url()
    assert shown(client, f"{url}?order=newest") == list(range(59, 9, -1))
    assert shown(client, f"{url}?comments=2&order=newest") == list(range(9, -1, -1))


def test_replies_are_oldest_first_in_both_orders(client: Client, post: Post) -> None:
    ann = make_comment(post, "approved", name="Ann")
    for name in ["Bea", "Cy"]:
        make_comment(post, "approved", name=name, parent=ann)
    make_comment(post, "approved", name="Dee")
    page = client.get(f"{post.get_absolute_url()}?order=newest").text
    assert [name for name, _ in levels(page)] == ["Dee", "Ann", "Bea", "Cy"]


def test_pages_lead_to_each_other(client: Client, post: Post) -> None:
    make_comments(post, 120)
    url = post.get_absolute_url()
    first, second = client.get(url).text, client.get(f"{url}?comments=2").text
    assert f'href="{url}?comments=2#comments" rel="next"' in first and 'rel="prev"' not in first.split("<section")[1]
    assert f'href="{url}#comments" rel="prev"' in second and f'href="{url}?comments=3#comments" rel="next"' in second
    assert 'aria-label="Page 2 of comments" aria-current="page"' in second
    assert f'href="{url}?comments=2&amp;order=newest#comments" rel="next"' in client.get(f"{url}?order=newest").text


JUNK = "comments=1 comments=0 comments=4 comments=02 comments=x comments= comments=-1 comments=%D9%A2 comments=99999"
JUNK += f" comments={'9' * 5000} order=oldest order= comments=2&order=%00 comments=2%20 comments=2&comments=9"


@pytest.mark.parametrize("junk", JUNK.split())
def test_any_other_way_to_say_it_leads_to_the_post(client: Client, post: Post, junk: str) -> None:
    make_comments(post, 101)
    answer = client.get(f"{post.get_absolute_url()}?{junk}")
    assert (answer.status_code, answer["Location"]) == (302, post.get_absolute_url())


def test_a_page_of_no_post_is_not_found(client: Client, post: Post) -> None:
    assert client.get(f"{post.get_absolute_url()[:-1]}x/?comments=2").status_code == 404


def test_crawlers_see_each_page_at_one_address(client: Client, post: Post) -> None:
    make_comments(post, 60)
    url = post.get_absolute_url()
    assert f'<link rel="canonical" href="http://testserver{url}">' in client.get(f"{url}?utm_source=x").text
    second = client.get(f"{url}?comments=2&x=y").text
    assert f'<link rel="canonical" href="http://testserver{url}?comments=2">' in second
    assert "<title>A new bridge (comments, page 2) - Digital blog</title>" in second
    for query in ["order=newest", "comments=2&order=newest"]:
        page = client.get(f"{url}?{query}").text
        assert '<meta name="robots" content="noindex">' in page and 'rel="canonical"' not in page


def test_a_page_that_was_read_is_kept_and_others_are_not(client: Client, post: Post, django_assert_num_queries) -> None:
    make_comments(post, 60)
    pages = [f"{post.get_absolute_url()}{query}" for query in ["", "?comments=2", "?order=newest"]]
    seen = [client.get(page).content for page in pages]
    assert len(set(seen)) == 3
    for page, content in zip(pages, seen, strict=True):
        with django_assert_num_queries(1):
            assert client.get(f"{page}{'&' if '?' in page else '?'}noise=1").content == content


def cost(client: Client, url: str) -> tuple[int, int]:
    """Queries and bytes of a page that is rendered."""
    with CaptureQueriesContext(
        connection,
    ) as queries:
        page = client.get(url)
    assert page.status_code == 200
    return len(queries), len(page.content)


@pytest.mark.parametrize("shape", ["all begin a thread", "all answer one", "hundreds of threads of hundreds"])
def test_ten_thousand_comments_cost_what_sixty_do(client: Client, post: Post, shape: str) -> None:
    costs = []
    for number in [60, 10_000]:
        Comment.objects.filter(post=post).delete()
        if shape == "all begin a thread":
            make_comments(post, number)
        elif shape == "all answer one":
            make_comments(post, number, parent=make_comment(post, "approved"))
        else:
            grow(post, threads=number // 60 + 60)
        post.blog.raise_page_version()
        costs.append(cost(client, post.get_absolute_url()))
    (queries, size), (many_queries, many_size) = costs
    assert many_queries == queries <= 16
    assert many_size < size * 1.1


def grow(post: Post, threads: int) -> None:
    """As many threads, with 40 replies each."""
    for root in make_comments(post, threads):
        make_comments(post, 40, parent=root)


def test_a_long_thread_shows_its_first_replies_and_the_way_to_the_rest(client: Client, post: Post) -> None:
    ann = make_comment(post, "approved", name="Ann")
    make_comments(post, 60, parent=ann)
    page = client.get(post.get_absolute_url()).text
    assert shown(client, post.get_absolute_url()) == list(range(50))
    assert f'href="{post.get_absolute_url()}comments/{ann.pk}/"' in page
    assert re.search(r"Show all 60 replies<span [^>]*> to Ann</span>", page) and "61 comments" in page


def test_threads_share_the_room_on_a_page(client: Client, post: Post) -> None:
    for root in make_comments(post, 10, text="", html=""):
        make_comments(post, 40, parent=root)
    page = client.get(post.get_absolute_url()).text
    assert shown(client, post.get_absolute_url()) == list(range(15)) * 10 and page.count("Show all 40 replies") == 10


@pytest.mark.parametrize("state", ["withdrawn", "rejected", "spam", "pending"])
def test_a_comment_that_is_gone_holds_its_replies_together(client: Client, post: Post, state: str) -> None:
    words = f"This comment was {'withdrawn by its writer' if state == 'withdrawn' else 'removed'}."
    ann = make_comment(post, "approved", name="Ann")
    bea = make_comment(post, state, name="Beatrice", text="Taken back", parent=ann)
    cy = make_comment(post, "approved", name="Cy", parent=bea)
    root = make_comment(post, state, name="Rootger", text="Taken back")
    make_comment(post, "approved", name="Dee", parent=root)
    page = client.get(post.get_absolute_url()).text
    assert levels(page) == [("Ann", 0), (words, 1), ("Cy", 2), (words, 0), ("Dee", 1)]
    assert "Beatrice" not in page and "Rootger" not in page and "Taken back" not in page
    assert f"comment-{bea.pk}" not in page and f"/{bea.pk}/" not in page and f"/{cy.pk}/reply/" in page
    assert re.search(r"<h3[^>]*>\s*3 comments\s*</h3>", page)


@pytest.mark.parametrize("state", ["withdrawn", "rejected"])
def test_without_public_replies_it_vanishes(client: Client, post: Post, state: str) -> None:
    make_comment(post, "approved", name="Ann")
    gone = make_comment(post, state)
    make_comment(post, state, parent=gone)
    make_comment(post, "pending", parent=gone)
    assert levels(client.get(post.get_absolute_url()).text) == [("Ann", 0)]


def test_a_reply_whose_beginning_was_deleted_begins_a_thread(client: Client, post: Post) -> None:
    ann = make_comment(post, "approved", name="Ann")
    make_comment(post, "approved", name="Bea", parent=ann)
    ann.delete()
    assert levels(client.get(post.get_absolute_url()).text) == [("Bea", 0)]


def test_no_order_is_offered_where_there_is_none(client: Client, post: Post) -> None:
    make_comment(post, "approved", parent=make_comment(post, "approved"))
    assert "Newest first" not in client.get(post.get_absolute_url()).text
    make_comment(post, "approved")
    post.blog.raise_page_version()
    assert f'href="{post.get_absolute_url()}?order=newest#comments"' in client.get(post.get_absolute_url()).text


def test_errors_come_back_with_the_first_page(client: Client, post: Post) -> None:
    make_comments(post, 60)
    page = client.post(f"{post.get_absolute_url()}comments/?comments=2", {"comment": ""})
    assert page.status_code == 422 and "number 49." in page.text and "number 50." not in page.text


def test_names_and_braces_are_only_text(client: Client, post: Post) -> None:
    hostile = "{name}{0}%s{{ x }}<b>\"'&"
    make_comment(post, "approved", parent=make_comment(post, "approved", name=hostile, text=hostile), name="Bea")
    page = client.get(post.get_absolute_url()).text
    escaped = "{name}{0}%s{{ x }}&lt;b&gt;&quot;&#x27;&amp;"
    assert page.count(f'<bdi class="comment__name">{escaped}</bdi>') == 1 and f"by {escaped}</span>" in page
    assert f'<p dir="auto">{escaped}</p>' in page and "<b>" not in page
