"""The clock forgets addresses while the desk decides."""

import datetime

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.utils import timezone

from blog.models import Post
from moderation.models import Comment, Decision
from tests.factories import make_comment
from tests.overtaking import overtake

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


@pytest.mark.parametrize(
    ("state", "days"), [("rejected", "REFUSED_ADDRESS_DAYS"), ("approved", "APPROVED_ADDRESS_DAYS")]
)
def test_a_comment_that_is_put_back_meanwhile_keeps_its_address(post: Post, mo: User, state: str, days: str) -> None:
    long_ago = timezone.now() - datetime.timedelta(days=getattr(settings, days) + 1)
    comment = make_comment(post, state, decided_at=long_ago)
    overtake(
        Comment.objects.forget_addresses,
        lambda: comment.decide(Decision.Outcome.UNDONE, by=mo, version=comment.version),
    )
    assert Comment.objects.get().address
