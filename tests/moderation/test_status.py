"""/comments/status/<token>/: where a comment stands, for its author only."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from blog.models import Post
from moderation.models import Comment, Decision, Reason
from postbag import tokens
from tests.factories import make_blog, make_comment, make_moderator, make_notice, make_post, make_reason
from tests.moderation.links import altered, assert_dead, assert_looking_changes_nothing, assert_private
from tests.moderation.writer import make_refused

pytestmark = pytest.mark.django_db


def status_url(comment: Comment) -> str:
    """Its author's own link."""
    return f"/comments/status/{tokens.make('comment-status', comment.pk)}/"


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("unconfirmed", "Awaiting confirmation"),
        ("pending", "Awaiting moderation"),
        ("approved", "Published"),
        ("rejected", "Not published"),
        ("withdrawn", "Withdrawn"),
    ],
)
def test_it_says_where_the_comment_stands(client: Client, post: Post, state: str, words: str) -> None:
    page = client.get(status_url(make_comment(post, state)))
    assert page.status_code == 200 and words in page.text and "Well said." in page.text
    assert_private(page)


def test_a_refusal_reads_as_it_did_when_its_rule_is_edited(client: Client, post: Post, mo: User) -> None:
    comment = make_refused(post, mo)
    before = client.get(status_url(comment)).text
    Reason.objects.update(title="Be kind", explanation="It was not kind.")
    assert client.get(status_url(comment)).text == before and "It was not about the post." in before


def test_spam_reads_as_any_refusal_without_a_reason(client: Client, post: Post) -> None:
    page = client.get(status_url(make_comment(post, "spam"))).text
    assert "Not published" in page and "spam" not in page.lower()


def test_a_refusal_comes_with_its_rule_and_the_moderators_words_as_text(client: Client, post: Post) -> None:
    comment, mo = make_comment(post), make_moderator(post.blog)
    reason = make_reason(post.blog, explanation="It was about <boats>.")
    comment.decide(Decision.Outcome.REJECTED, by=mo, version=1, reason=reason, note="Try <b>again</b>.")
    page = client.get(status_url(comment)).text
    assert "It was about &lt;boats&gt;." in page and "Try &lt;b&gt;again&lt;/b&gt;." in page
    assert mo.username not in page.split("<main")[1].split("</main")[0].split(), "who decided is not told"


def test_an_undone_refusal_is_not_told(client: Client, post: Post) -> None:
    comment, mo = make_comment(post), make_moderator(post.blog)
    comment.decide(Decision.Outcome.REJECTED, by=mo, version=1, reason=make_reason(post.blog))
    comment.decide(Decision.Outcome.UNDONE, by=mo, version=2)
    page = client.get(status_url(comment)).text
    assert "Awaiting moderation" in page and "Stay on topic" not in page


def test_it_tells_which_notice_its_author_saw(client: Client, post: Post) -> None:
    comment = make_comment(post)
    make_notice(post.blog)
    assert "You saw version 1 of our privacy notice" in client.get(status_url(comment)).text


def test_it_shows_no_address(client: Client, post: Post) -> None:
    assert "ann@example.org" not in client.get(status_url(make_comment(post))).text


def test_looking_changes_nothing(client: Client, post: Post) -> None:
    assert_looking_changes_nothing(client, status_url(make_comment(post)))


def test_it_takes_no_post(client: Client, post: Post) -> None:
    assert client.post(status_url(make_comment(post))).status_code == 405


def test_altered_links_and_those_of_another_kind_are_dead(client: Client, post: Post) -> None:
    comment = make_comment(post)
    for token in altered(tokens.make("comment-status", comment.pk)):
        assert client.get(f"/comments/status/{token}/").status_code == 410
    for purpose in ["comment-confirm", "comment-sent", "stop", "unsubscribe"]:
        assert_dead(client, f"/comments/status/{tokens.make(purpose, comment.pk)}/")


def test_a_link_of_another_blog_is_dead_here(client: Client, post: Post) -> None:
    other = make_blog(address="http://other.example")
    make_notice(other)
    comment = make_comment(make_post(other))
    assert_dead(client, status_url(comment))
    assert Client(headers={"Host": "other.example"}).get(status_url(comment)).status_code == 200


def test_it_takes_few_queries(client: Client, post: Post, django_assert_max_num_queries) -> None:
    url = status_url(make_comment(post))
    with django_assert_max_num_queries(7):
        client.get(url)


def test_a_published_comment_is_one_link_away(client: Client, post: Post) -> None:
    comment = make_comment(post, "approved")
    assert f'href="{comment.get_absolute_url()}"' in client.get(status_url(comment)).text
    assert f'id="comment-{comment.pk}"' in client.get(reverse("post", kwargs=post.url_parts())).text


def test_a_published_comment_on_a_post_that_was_taken_down_has_no_dead_link(client: Client, post: Post) -> None:
    comment = make_comment(post, "approved")
    post.state = Post.State.WITHDRAWN
    post.save()
    page = client.get(status_url(comment)).text
    assert post.get_absolute_url() not in page and "Well said." in page
