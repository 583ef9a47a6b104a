"""Several people decide the same comment at the same moment: one wins, the others are told."""

import pytest
from django.test import Client
from django.urls import reverse

from blog.models import Blog
from mail.models import Delivery
from moderation.models import Comment, Decision
from tests.at_once import at_once
from tests.factories import make_comment, make_moderator, make_post, make_reason

pytestmark = pytest.mark.django_db(transaction=True)


def signed_in(blog: Blog, number: int) -> list[Client]:
    """This many moderators of `blog`, each in a browser of their own."""
    desks = [Client() for _ in range(number)]
    for name, desk in enumerate(desks):
        desk.force_login(make_moderator(blog, f"mo{name}"))
    return desks


@pytest.mark.parametrize(
    "many", [pytest.param(20, id="twenty"), pytest.param(50, id="fifty", marks=pytest.mark.postgres)]
)
def test_of_many_decisions_at_once_exactly_one_wins(blog: Blog, many: int) -> None:
    comment, reason = make_comment(make_post(blog)), make_reason(blog)
    url = reverse("desk-decision", args=[comment.pk])
    outcomes = ["approved", "rejected", "spam", "rejected"] * 13
    forms = [{"outcome": outcome, "version": comment.version, "reason": reason.pk} for outcome in outcomes[:many]]
    desks = signed_in(blog, many)
    answers = at_once(
        [lambda desk=desk, form=form: desk.post(url, form) for desk, form in zip(desks, forms, strict=True)]
    )
    assert sorted(answer.status_code for answer in answers) == [302] + [409] * (many - 1)

    decision = Decision.objects.get()
    winner = [answer.status_code for answer in answers].index(302)
    assert (decision.moderator.username, decision.outcome) == (f"mo{winner}", outcomes[winner])
    assert Comment.objects.get().state == decision.outcome
    assert Delivery.objects.count() == (0 if decision.outcome == "spam" else 1)
    for answer in answers:
        assert answer.status_code == 302 or f"{decision.get_outcome_display()}” by mo{winner}, " in answer.text
        assert answer.status_code == 302 or "Well said." in answer.text


def test_an_approval_and_its_undo_at_once_leave_no_mail_of_a_decision_that_does_not_hold(blog: Blog) -> None:
    comment, reason = make_comment(make_post(blog), "approved"), make_reason(blog)
    url = reverse("desk-decision", args=[comment.pk])
    forms = [
        {"outcome": outcome, "version": comment.version, "reason": reason.pk}
        for outcome in ["undone", "rejected", "spam"] * 4
    ]
    desks = signed_in(blog, 12)
    answers = at_once(
        [lambda desk=desk, form=form: desk.post(url, form) for desk, form in zip(desks, forms, strict=True)]
    )
    assert [answer.status_code for answer in answers].count(302) == 1
    state = Comment.objects.get().state
    assert Delivery.objects.count() == (1 if state == "rejected" else 0)
