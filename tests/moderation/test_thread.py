"""/2014/06/20/slug/comments/<id>/: a thread that is too long for the post's page."""

import re

import pytest
from django.test import Client

from blog.models import Post
from moderation.models import Comment
from tests.factories import make_comment, make_comments, make_post
from tests.moderation.test_post_comments import cost, levels, shown

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann(post: Post) -> Comment:
    """A comment with 120 replies."""
    ann = make_comment(post, "approved", name="Ann", text="I began it.")
    make_comments(post, 120, parent=ann)
    return ann


def url(comment: Comment) -> str:
    """The page of the thread that this begins."""
    return f"{comment.post.get_absolute_url()}comments/{comment.pk}/"


def test_it_has_fifty_replies_on_a_page_below_what_began_it(client: Client, ann: Comment) -> None:
    for number, expected in [(1, range(50)), (2, range(50, 100)), (3, range(100, 120))]:
        address = url(ann) + (f"?comments={number}" if number > 1 else "")
        assert shown(client, address) == list(expected)
        page = client.get(address).text
        assert levels(page)[0] == ("Ann", 0) and "I began it." in page and "Show all" not in page
        assert f'<link rel="canonical" href="http://testserver{address}">' in page
    assert re.search(r"<h1[^>]*>\s*120 replies\s*</h1>", page)


def test_a_reply_to_one_on_another_page_says_so(client: Client, ann: Comment) -> None:
    earlier = ann.thread.order_by("pk")[3]
    make_comment(ann.post, "approved", parent=earlier, name="Zoe", submitted_at=ann.thread.last().submitted_at)
    page = client.get(f"{url(ann)}?comments=3").text
    assert levels(page)[-1] == ("Zoe", 1)
    assert f'In reply to <a class="govuk-link" href="/comments/{earlier.pk}/"><bdi>Ann 3</bdi></a>' in page


def test_a_beginning_that_is_gone_holds_it_together(client: Client, ann: Comment) -> None:
    Comment.objects.filter(pk=ann.pk).update(state=Comment.State.WITHDRAWN)
    page = client.get(url(ann)).text
    assert "withdrawn by its writer" in page and "I began it." not in page and "Ann 0" in page


def test_a_thread_that_the_posts_page_shows_whole_is_there(client: Client, post: Post) -> None:
    ann = make_comment(post, "approved")
    make_comments(post, 50, parent=ann)
    answer = client.get(url(ann))
    assert (answer.status_code, answer["Location"]) == (302, f"{post.get_absolute_url()}#comment-{ann.pk}")


@pytest.mark.parametrize("query", ["comments=1", "comments=4", "comments=x", "order=newest"])
def test_any_other_way_to_say_it_leads_to_its_first_page(client: Client, ann: Comment, query: str) -> None:
    answer = client.get(f"{url(ann)}?{query}")
    assert (answer.status_code, answer["Location"]) == (302, url(ann))


def test_what_begins_no_thread_here_is_not_found(client: Client, post: Post, ann: Comment) -> None:
    other = make_post(post.blog, title="Another")
    strangers = [ann.thread.first().pk, make_comment(post, "pending").pk, make_comment(other, "approved").pk, 99999]
    for number in strangers:
        assert client.get(f"{post.get_absolute_url()}comments/{number}/").status_code == 404


def test_it_costs_the_same_however_long(client: Client, ann: Comment) -> None:
    queries, size = cost(client, url(ann))
    make_comments(ann.post, 1000, parent=ann)
    ann.post.blog.raise_page_version()
    many_queries, many_size = cost(client, url(ann))
    assert many_queries == queries and many_size < size * 1.1


def test_it_is_kept(client: Client, ann: Comment, django_assert_num_queries) -> None:
    page = client.get(url(ann))
    with django_assert_num_queries(1):
        assert client.get(f"{url(ann)}?noise=1").content == page.content


def test_its_comments_can_be_answered_and_name_it_as_their_place(client: Client, ann: Comment) -> None:
    page = client.get(url(ann)).text
    assert f"{url(ann)}reply/" in page and page.count('id="comment-') == 51
    assert f'href="{ann.post.get_absolute_url()}#comment-{ann.pk}" class="govuk-back-link"' in page
