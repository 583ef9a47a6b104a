"""What is with the leads: they alone decide it, and neither its writer nor who passed it on makes it vanish."""

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from blog.models import Blog, Post
from mail.models import Delivery
from moderation import editing
from moderation.models import Comment, Moderator, Revision
from tests.factories import make_comment, make_moderator
from tests.moderation.writer import edit, now, status_url

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(blog: Blog) -> Client:
    client, user = Client(), make_moderator(blog, "lena")
    User.objects.filter(pk=user.pk).update(email="lena@office.example")
    Moderator.objects.filter(user=user).update(duty="lead")
    client.force_login(user)
    return client


@pytest.fixture
def threat(desk: Client, lead: Client, post: Post) -> Comment:
    """One that Mo has passed on."""
    comment = make_comment(post, text="I know where you live.")
    decide(desk, comment, "escalated")
    return now(comment)


def decide(desk: Client, comment: Comment, outcome: str) -> HttpResponse:
    url = reverse("desk-decision", args=[comment.pk])
    return desk.post(url, {"outcome": outcome, "version": now(comment).version, "note": "No."})


@pytest.mark.parametrize("outcome", ["approved", "spam", "rejected"])
def test_whoever_passed_it_on_does_not_decide_it(desk: Client, threat: Comment, outcome: str) -> None:
    refused = decide(desk, threat, outcome)
    assert refused.status_code == 403 and "with the leads" in refused.text and now(threat).version == threat.version
    page = desk.get(f"/desk/comments/{threat.pk}/").text
    assert 'value="undone"' in page and 'value="approved"' not in page
    assert decide(desk, threat, "undone").status_code == 302


def test_nor_do_they_approve_it_by_an_official_reply(desk: Client, threat: Comment) -> None:
    Moderator.objects.update(name="Mo")
    url = reverse("desk-official-reply", args=[threat.pk])
    assert desk.post(url, {"reply": "No.", "version": threat.version}).status_code == 403
    assert now(threat).state == "pending"


def test_withdrawn_the_leads_are_told_and_see_it_all_the_same(client: Client, lead: Client, threat: Comment) -> None:
    client.post(status_url(threat, "withdraw"))
    assert now(threat).state == "withdrawn" and "I know where you live." in lead.get("/desk/escalated/").text
    assert "Its writer has withdrawn it." in lead.get(f"/desk/comments/{threat.pk}/").text
    assert decide(lead, threat, "undone").status_code == 302
    assert now(threat).state == "withdrawn" and "I know where you live." not in lead.get("/desk/escalated/").text


def test_the_leads_mail_outlives_the_withdrawal(client: Client, threat: Comment) -> None:
    client.post(status_url(threat, "withdraw"))
    assert Delivery.objects.get(mailout__kind="comment-escalation").state == "pending"


def test_erased_it_is_gone_from_the_leads_list(lead: Client, threat: Comment) -> None:
    make_comment(threat.post, "approved", parent=threat, root=threat)
    threat.withdraw()
    Comment.objects.filter(pk=threat.pk).erase()
    assert "desk-card" not in lead.get("/desk/escalated/").text and now(threat).escalated_at is None


def test_its_words_are_not_changed(client: Client, threat: Comment) -> None:
    edit(client, threat, "I like where you live.")
    assert now(threat).text == "I know where you live."
    with pytest.raises(editing.TooLate):
        editing.edit(now(threat), Revision.Way.IN_PLACE, "I like where you live.")
