"""The same form, sent twenty times at the same moment."""

import pytest
from django.test import Client

from blog.models import Blog
from mail.models import Delivery
from moderation.models import Comment
from tests.at_once import at_once
from tests.factories import make_post
from tests.moderation.reader import comments_url, link, written

pytestmark = pytest.mark.django_db(transaction=True)


def test_twenty_at_once_are_one_comment_and_one_mail(blog: Blog, send_mail) -> None:
    post = make_post(blog)
    url, form = comments_url(post), written(post)
    answers = at_once([lambda: Client().post(url, form)] * 20)
    assert {answer.status_code for answer in answers} == {302}
    assert len({answer.url for answer in answers}) == 1, "each leads to the same page"
    assert Comment.objects.count() == Delivery.objects.count() == len(send_mail()) == 1


def test_twenty_confirmations_at_once_move_it_once(blog: Blog, send_mail) -> None:
    post = make_post(blog)
    Client().post(comments_url(post), written(post))
    confirm = link(send_mail()[0], "confirm")
    answers = at_once([lambda: Client().post(confirm)] * 20)
    assert {answer.status_code for answer in answers} == {302}
    stored = Comment.objects.get()
    assert (stored.state, stored.version) == ("pending", 2)


def test_a_mailbox_gets_no_more_than_its_budget_however_fast(blog: Blog, settings) -> None:
    settings.MAIL_PER_MAILBOX = (3, 12)
    post = make_post(blog)
    url, forms = comments_url(post), [written(post, comment=f"Comment {number}") for number in range(12)]
    answers = at_once([lambda form=form: Client().post(url, form) for form in forms])
    assert {answer.status_code for answer in answers} == {302}, "the answer never tells"
    assert Delivery.objects.count() == 3
