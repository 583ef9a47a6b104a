"""/comments/status/<token>/withdraw/: its writer takes a comment back."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from blog.models import Blog, Post
from mail.models import Delivery
from moderation.models import Comment, Decision, NotPossible, Overtaken
from moderation.reports import Report
from postbag import tokens
from tests.at_once import at_once
from tests.factories import make_comment, make_moderator, make_post
from tests.moderation.links import assert_dead, assert_looking_changes_nothing, assert_private
from tests.moderation.reader import send_comment
from tests.moderation.writer import now, status_url

pytestmark = pytest.mark.django_db


def test_looking_changes_nothing(client: Client, post: Post) -> None:
    assert_looking_changes_nothing(client, status_url(make_comment(post, "approved"), "withdraw"))


@pytest.mark.parametrize("state", ["unconfirmed", "pending", "approved", "rejected", "spam"])
def test_the_button_takes_it_back_wherever_it_stood(client: Client, post: Post, state: str) -> None:
    comment = make_comment(post, state)
    page = client.get(status_url(comment, "withdraw"))
    assert "Withdraw your comment?" in page.text and "Well said." in page.text
    assert_private(page)
    answer = client.post(status_url(comment, "withdraw"), follow=True)
    assert "You have withdrawn your comment" in answer.text and "Withdrawn" in answer.text
    assert (now(comment).state, now(comment).version) == ("withdrawn", 2) and now(comment).decided_at


def test_a_second_press_is_the_same_page_and_moves_nothing(client: Client, post: Post) -> None:
    comment = make_comment(post)
    pages = [client.post(status_url(comment, "withdraw"), follow=True).content for _ in range(2)]
    assert pages[0] == pages[1] and now(comment).version == 2
    assert "You have withdrawn" in client.get(status_url(comment, "withdraw"), follow=True).text


def test_nobody_is_asked_about_reports_of_it_any_more(client: Client, post: Post) -> None:
    comment = make_comment(post, "approved")
    Report.objects.make(comment, "192.0.2.0/24", "abuse")
    client.post(status_url(comment, "withdraw"))
    assert not Report.objects.open().exists()


def test_it_is_off_the_page_at_the_next_request(client: Client, post: Post) -> None:
    comment = make_comment(post, "approved")
    assert "Well said." in client.get(post.get_absolute_url()).text
    client.post(status_url(comment, "withdraw"))
    assert "Well said." not in client.get(post.get_absolute_url()).text


def test_mails_about_it_that_have_not_left_are_cancelled(client: Client, post: Post, mo: User) -> None:
    comment = make_comment(post)
    comment.decide(Decision.Outcome.APPROVED, by=mo, version=1)
    client.post(status_url(comment, "withdraw"))
    assert Delivery.objects.get().state == "cancelled"


def test_a_mail_that_asks_to_confirm_it_is_cancelled(client: Client, post: Post) -> None:
    send_comment(client, post)
    client.post(status_url(Comment.objects.get(), "withdraw"))
    assert Delivery.objects.get().state == "cancelled"


def test_what_was_never_proved_stays_unseen_and_is_erased_in_time(
    client: Client, desk: Client, post: Post, time_machine
) -> None:
    comment = make_comment(post, "unconfirmed")
    client.post(status_url(comment, "withdraw"))
    assert desk.get(f"/desk/comments/{comment.pk}/").status_code == 404
    time_machine.move_to(comment.submitted_at.replace(year=comment.submitted_at.year + 1))
    assert Comment.objects.forget_stale() == 1


def test_the_same_words_can_be_sent_anew(client: Client, post: Post) -> None:
    send_comment(client, post)
    client.post(status_url(Comment.objects.get(), "withdraw"))
    send_comment(client, post)
    assert sorted(Comment.objects.values_list("state", flat=True)) == ["unconfirmed", "withdrawn"]


def test_nothing_else_can_be_done_with_it(client: Client, post: Post) -> None:
    comment = make_comment(post, "withdrawn")
    page = client.get(status_url(comment)).text
    assert "What you can do" not in page
    assert "You have withdrawn this comment" in client.get(status_url(comment, "edit")).text
    assert client.post(status_url(comment, "appeal"), {"words": "Why?"}).status_code == 409


def test_links_of_another_kind_are_dead(client: Client, post: Post) -> None:
    comment = make_comment(post)
    for purpose in ["comment-confirm", "comment-sent", "replies-end", "stop"]:
        assert_dead(client, f"/comments/status/{tokens.make(purpose, comment.pk)}/withdraw/")


def test_a_press_on_another_site_is_refused(client: Client, post: Post) -> None:
    comment = make_comment(post)
    headers = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    assert client.post(status_url(comment, "withdraw"), headers=headers).status_code == 403
    assert now(comment).state == "pending"


@pytest.mark.django_db(transaction=True)
def test_of_an_approval_and_a_withdrawal_at_once_the_withdrawal_stands(blog: Blog) -> None:
    post, mo = make_post(blog), make_moderator(blog)
    for _ in range(5):
        comment = make_comment(post)

        def approve(comment: Comment = comment) -> bool:
            try:
                comment.decide(Decision.Outcome.APPROVED, by=mo, version=1)
            except (Overtaken, NotPossible):
                return False
            return True

        at_once([approve, lambda pk=comment.pk: Comment.objects.get(pk=pk).withdraw()])
        assert now(comment).state == "withdrawn"
        assert not Delivery.objects.filter(about=comment.pk, state="pending").exists()


@pytest.mark.django_db(transaction=True)
def test_of_ten_presses_at_once_one_withdraws(blog: Blog) -> None:
    comment = make_comment(make_post(blog), "approved")
    assert sum(at_once([lambda: Comment.objects.get(pk=comment.pk).withdraw()] * 10)) == 1
