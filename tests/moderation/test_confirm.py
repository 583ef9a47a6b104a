"""/comments/confirm/<token>/: looking changes nothing, the button proves the address, once."""

import datetime

import pytest
from django.test import Client
from django.utils import timezone

from blog.models import Post
from mail.models import Delivery
from moderation.models import Comment
from postbag import tokens
from tests.database import whole_database
from tests.factories import make_blog, make_comment, make_post
from tests.moderation.links import altered, assert_dead, assert_looking_changes_nothing, assert_private
from tests.moderation.reader import link, send_comment

pytestmark = pytest.mark.django_db
SAME_ORIGIN = {"Origin": "null", "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate"}


def confirm_url(comment: Comment) -> str:
    """The link in its confirmation mail."""
    return f"/comments/confirm/{tokens.make('comment-confirm', comment.pk)}/"


@pytest.fixture
def ann(post: Post) -> Comment:
    """Ann's comment, not yet confirmed."""
    return make_comment(post, "unconfirmed")


def test_the_mailed_link_shows_the_comment_and_a_button(client: Client, post: Post, send_mail) -> None:
    send_comment(client, post, comment="I <b>agree</b>.")
    page = client.get(link(send_mail()[0], "confirm"))
    assert page.status_code == 200
    assert "I &lt;b&gt;agree&lt;/b&gt;." in page.text and 'method="post"' in page.text
    assert "ann@example.org" not in page.text


def test_looking_changes_nothing(client: Client, ann: Comment) -> None:
    assert_looking_changes_nothing(client, confirm_url(ann))
    ann.refresh_from_db()
    assert ann.state == "unconfirmed"


def test_the_button_sends_it_to_the_desk(client: Client, ann: Comment) -> None:
    answer = client.post(confirm_url(ann), {"shared": "1"})
    assert answer.status_code == 302 and answer.url.startswith("/comments/status/")
    assert_private(answer)
    ann.refresh_from_db()
    assert (ann.state, ann.version) == ("pending", 2) and ann.confirmed_at
    assert "Awaiting moderation" in client.get(answer.url).text


def test_a_second_press_changes_nothing_and_says_so(client: Client, ann: Comment) -> None:
    client.post(confirm_url(ann))
    before = whole_database()
    assert client.post(confirm_url(ann)).status_code == 302
    assert "You have confirmed this comment already" in client.get(confirm_url(ann)).text
    assert whole_database() == before


@pytest.mark.parametrize("state", ["pending", "approved", "rejected", "spam", "withdrawn"])
def test_a_used_link_moves_no_comment_whatever_became_of_it(client: Client, post: Post, state: str) -> None:
    comment = make_comment(post, state)
    client.post(confirm_url(comment))
    comment.refresh_from_db()
    assert (comment.state, comment.version) == (state, 1)
    assert "<button" not in client.get(confirm_url(comment)).text


@pytest.mark.parametrize("confirmed", [False, True])
def test_a_comment_that_was_taken_back_is_not_called_confirmed(client: Client, ann: Comment, confirmed: bool) -> None:
    if confirmed:
        client.post(confirm_url(ann))
    Comment.objects.get(pk=ann.pk).withdraw()
    page = client.get(confirm_url(ann)).text
    assert "You have withdrawn this comment" in page and "confirmed this comment" not in page


def test_every_altered_link_is_dead(client: Client, ann: Comment) -> None:
    token = tokens.make("comment-confirm", ann.pk)
    for other in altered(token):
        assert client.post(f"/comments/confirm/{other}/").status_code == 410
    assert_dead(client, f"/comments/confirm/{next(altered(token))}/")
    ann.refresh_from_db()
    assert ann.state == "unconfirmed"


@pytest.mark.parametrize("purpose", ["comment-sent", "comment-status", "stop", "unsubscribe", "subscribe-confirm", ""])
def test_a_link_of_another_kind_is_dead(client: Client, ann: Comment, purpose: str) -> None:
    assert_dead(client, f"/comments/confirm/{tokens.make(purpose, ann.pk)}/")


def test_a_link_to_nothing_is_dead(client: Client, post: Post) -> None:
    assert_dead(client, f"/comments/confirm/{tokens.make('comment-confirm', 999)}/")
    assert_dead(client, f"/comments/confirm/{tokens.make('comment-confirm', 2**64 - 1)}/")


def test_a_link_of_another_blog_is_dead_here(client: Client, post: Post) -> None:
    other = make_blog(address="http://other.example")
    other.notices.model(blog=other, body="Ours.").save()
    assert_dead(client, confirm_url(make_comment(make_post(other), "unconfirmed")))


@pytest.mark.parametrize("token", ["a" * 39, "a" * 41, "A" * 40, "1" * 40, "a" * 39 + "%00", "../" * 10])
def test_what_is_no_token_is_no_page(client: Client, post: Post, token: str) -> None:
    assert client.get(f"/comments/confirm/{token}/").status_code == 404


def test_the_link_works_to_the_last_second_and_no_longer(client: Client, post: Post) -> None:
    for seconds, status in [(2, 302), (-2, 410)]:
        sent = timezone.now() - datetime.timedelta(hours=48) + datetime.timedelta(seconds=seconds)
        late = make_comment(post, "unconfirmed", submitted_at=sent)
        assert client.post(confirm_url(late)).status_code == status


def test_an_expired_link_is_dead_like_any_other(client: Client, post: Post) -> None:
    old = timezone.now() - datetime.timedelta(hours=49)
    assert_dead(client, confirm_url(make_comment(post, "unconfirmed", submitted_at=old)))


def test_sending_the_same_words_again_does_not_move_the_deadline(
    client: Client, post: Post, send_mail, time_machine
) -> None:
    send_comment(client, post)
    start = timezone.now()
    time_machine.move_to(start + datetime.timedelta(hours=47))
    send_comment(client, post)
    confirm = link(send_mail()[-1], "confirm")
    time_machine.move_to(start + datetime.timedelta(hours=49))
    assert client.post(confirm).status_code == 410


def test_after_the_deadline_the_same_words_are_a_new_comment(
    client: Client, post: Post, send_mail, time_machine
) -> None:
    send_comment(client, post)
    time_machine.move_to(timezone.now() + datetime.timedelta(hours=49))
    send_comment(client, post)
    assert client.post(link(send_mail()[-1], "confirm")).status_code == 302
    assert Comment.objects.get().state == "pending"


def test_a_comment_that_goes_away_between_look_and_press_is_no_failure_of_ours(client: Client, ann: Comment) -> None:
    held = Comment.objects.get()
    Comment.objects.all().delete()
    assert held.confirm() is False


def test_the_button_works_where_the_page_gives_no_origin(client: Client, ann: Comment) -> None:
    """The page says no-referrer, so a browser sends Origin: null with its form (Fetch, “append a request Origin”)."""
    assert client.post(confirm_url(ann), headers=SAME_ORIGIN).status_code == 302


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://sub.testserver", "Sec-Fetch-Site": "same-site"},
        {"Origin": "https://testserver"},
        {"Origin": "http://testserver:8000"},
        {"Referer": "https://evil.example/x"},
    ],
)
def test_a_press_on_another_site_is_refused(client: Client, ann: Comment, headers: dict[str, str]) -> None:
    before = whole_database()
    answer = client.post(confirm_url(ann), headers=headers)
    assert answer.status_code == 403 and "That form came from another site" in answer.text
    assert not answer.cookies and whole_database() == before


def test_confirming_needs_no_cookie_and_on_a_shared_computer_leaves_none(ann: Comment) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(confirm_url(ann), {"shared": "1"}).status_code == 302
    assert not strict.cookies


def test_confirming_owes_no_mail(client: Client, ann: Comment) -> None:
    client.post(confirm_url(ann))
    assert not Delivery.objects.exists()


@pytest.mark.parametrize("state", ["withdrawn", "draft"])
def test_the_page_of_a_post_that_was_taken_down_leads_nowhere_dead(client: Client, ann: Comment, state: str) -> None:
    ann.post.state = state
    ann.post.save()
    assert f'href="{ann.post.get_absolute_url()}"' not in client.get(confirm_url(ann)).text
