"""…/comments/<id>/reply/: the form for a reply to one comment."""

import pytest
from django.test import Client

from blog.models import Post
from tests.factories import make_comment, make_post
from tests.moderation.reader import Fields, send_again

pytestmark = pytest.mark.django_db


def reply_url(post: Post, number: object) -> str:
    """The form's page, for a comment with this number."""
    return f"{post.get_absolute_url()}comments/{number}/reply/"


def test_it_quotes_the_comment_and_its_form_names_it(client: Client, post: Post) -> None:
    comment = make_comment(post, "approved", name="<b>Priya</b>", text="First & <i>best</i>!")
    page = client.get(reply_url(post, comment.pk))
    assert "Leave a reply to <bdi>&lt;b&gt;Priya&lt;/b&gt;</bdi>" in page.text
    assert "First &amp; &lt;i&gt;best&lt;/i&gt;!" in page.text and 'content="noindex"' in page.text
    assert Fields(page.text).values["parent"] == str(comment.pk) and not page.cookies


def test_a_reply_is_sent_from_it(client: Client, post: Post) -> None:
    comment = make_comment(post, "approved")
    page = client.get(reply_url(post, comment.pk))
    assert send_again(client, post, page).status_code == 422, "nothing is filled in yet"


@pytest.mark.parametrize("number", ["0", "999", "-1", "x", "9" * 30, "9" * 5000, "01", "+1", "%31%00"])
def test_no_number_is_a_failure_of_ours(client: Client, post: Post, number: str) -> None:
    make_comment(post, "approved", pk=1)
    assert client.get(reply_url(post, number)).status_code == 404


def test_a_number_is_written_in_one_way_only(client: Client, post: Post) -> None:
    """Each way to write it would be another page in the cache."""
    comment = make_comment(post, "approved")
    for zeros in range(1, 5):
        assert client.get(reply_url(post, f"{'0' * zeros}{comment.pk}")).status_code == 404


def test_a_comment_of_another_post_is_not_here(client: Client, post: Post) -> None:
    other = make_post(post.blog, title="Another")
    assert client.get(reply_url(post, make_comment(other, "approved").pk)).status_code == 404


def test_a_closed_post_says_so(client: Client, post: Post) -> None:
    comment = make_comment(post, "approved")
    post.comments_open = False
    post.save()
    page = client.get(reply_url(post, comment.pk)).text
    assert "Comments on this post have been closed since" in page
    assert "<form" not in page.split("<main")[1].split("</main")[0]


def test_looking_again_takes_one_query(client: Client, post: Post, django_assert_num_queries) -> None:
    url = reply_url(post, make_comment(post, "approved").pk)
    client.get(url)
    with django_assert_num_queries(1):
        client.get(url)
