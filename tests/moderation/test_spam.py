"""The guess at spam: what it learns from decisions, and when it may sort."""

import datetime

import pytest
import time_machine
from django.contrib.auth.models import User
from django.utils import timezone

from blog.models import Post
from moderation import editing, spam
from moderation.models import Comment, Decision
from moderation.spam import Learnt, Word
from moderation.tasks import learn
from tests.factories import make_comment

pytestmark = pytest.mark.django_db
OUTCOME = Decision.Outcome


def decide(comment: Comment, outcome: str, mo: User) -> Comment:
    comment.decide(OUTCOME(outcome), by=mo, version=comment.version)
    return comment


def teach(post: Post, mo: User, each: int = spam.FEWEST) -> None:
    """As many of each kind as it takes, and time enough to undo them."""
    for number in range(each):
        decide(make_comment(post, text=f"cheap watches casino deal{number}"), "spam", mo)
        decide(make_comment(post, text=f"the river guidance is clear{number}"), "approved", mo)
    learn_later()


def learn_later() -> None:
    with time_machine.travel(timezone.now() + datetime.timedelta(hours=1)):
        learn()


def percent(post: Post, text: str) -> int:
    found = spam.score(Comment(post=post, text=text, name="Ann"))
    return found.percent if found else -1


def test_it_says_nothing_before_it_has_read_enough(post: Post, mo: User) -> None:
    teach(post, mo, spam.FEWEST - 1)
    assert percent(post, "cheap watches casino") == -1


def test_it_tells_spam_from_a_comment(post: Post, mo: User) -> None:
    teach(post, mo)
    assert percent(post, "Casino watches, cheap") > 90
    assert percent(post, "Is the guidance about the river clear?") < 10
    assert percent(post, "Entirely other things") == 50


def test_it_shows_the_words_that_weighed_most(post: Post, mo: User) -> None:
    teach(post, mo)
    found = spam.score(Comment(post=post, text="A casino by the river", name="Ann"))
    assert dict(found.words)["casino"] > 0 > dict(found.words)["river"]


def test_what_is_disguised_is_the_same_word(post: Post, mo: User) -> None:
    teach(post, mo)
    assert percent(post, "ＣＡＳＩＮＯ w4tches ch\u0435\u0430p") > 90


def test_an_undo_takes_back_what_was_learnt(post: Post, mo: User) -> None:
    comment = decide(make_comment(post, text="casino"), "spam", mo)
    learn_later()
    assert Word.objects.get(spam=1, key=spam._key("caslno")) and Learnt.objects.get().spam == 1
    decide(comment, "undone", mo)
    learn_later()
    assert not Word.objects.exclude(spam=0).exists() and Learnt.objects.get().spam == 0


def test_what_can_still_be_undone_is_not_read(post: Post, mo: User) -> None:
    decide(make_comment(post, text="casino"), "spam", mo)
    learn()
    assert not Word.objects.exists()


def test_each_decision_is_read_once(post: Post, mo: User) -> None:
    decide(make_comment(post, text="casino"), "spam", mo)
    learn_later()
    learn_later()
    assert Learnt.objects.get().spam == 1


def test_no_word_is_stored(post: Post, mo: User) -> None:
    teach(post, mo, 1)
    assert {field.name for field in Word._meta.fields} == {"key", "spam", "honest"}


@pytest.mark.parametrize(("right", "wrong", "proved"), [(49, 0, False), (60, 0, True), (60, 1, False), (198, 1, True)])
def test_it_sorts_only_while_99_of_100_are_right(post: Post, right: int, wrong: int, proved: bool) -> None:
    for state, number in [("spam", right), ("approved", wrong)]:
        for _ in range(number):
            make_comment(post, state, spam_percent=95)
    assert spam.is_proved(Comment.objects.all()) is proved


def test_a_comment_is_weighed_when_it_is_confirmed(post: Post, mo: User) -> None:
    teach(post, mo)
    comment = make_comment(post, "unconfirmed", text="cheap casino watches")
    comment.confirm()
    assert comment.spam_percent > 90 and comment.state == "pending", "it sorts, and decides nothing"


def test_an_edit_is_weighed_too(post: Post, mo: User) -> None:
    teach(post, mo)
    comment = make_comment(post, text="the bridge is lovely", spam_percent=1)
    editing.edit(comment, editing.way_of(comment), "cheap casino watches")
    assert Comment.objects.get(pk=comment.pk).spam_percent > 90
