"""Other decisions than yes and no: ask for a change, pass to a team, escalate, keep; and those that take two."""

import re

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from blog.models import Blog, Post
from mail.models import Delivery
from moderation.audit import Event
from moderation.models import Comment, Decision, Moderator, Proposal, Team
from moderation.reports import Report
from tests.factories import make_author, make_comment, make_moderator, make_reason
from tests.moderation.writer import edit, newest_report

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann(post: Post) -> Comment:
    return make_comment(post)


@pytest.fixture
def at_once(settings) -> None:
    settings.UNDO_SECONDS = 0


@pytest.fixture
def lead(blog: Blog) -> Client:
    return signed_in(blog, "lena", "lead")


def signed_in(blog: Blog, name: str, duty: str = "moderator", **fields: object) -> Client:
    client, user = Client(), make_moderator(blog, name)
    User.objects.filter(pk=user.pk).update(email=f"{name}@office.example")
    Moderator.objects.filter(user=user).update(duty=duty, **fields)
    client.force_login(user)
    return client


def decide(desk: Client, comment: Comment, outcome: str, **more: object) -> HttpResponse:
    comment.refresh_from_db()
    url = reverse("desk-decision", args=[comment.pk])
    seen = {"version": comment.version, "newest_report": newest_report(comment)}
    answer = desk.post(url, {"outcome": outcome, **seen, **more})
    comment.refresh_from_db()
    return answer


def settle(desk: Client, comment: Comment, act: str, version: int | None = None) -> HttpResponse:
    comment.refresh_from_db()
    url = reverse("desk-proposal", args=[comment.pk])
    answer = desk.post(url, {"act": act, "version": version or comment.version})
    comment.refresh_from_db()
    return answer


def test_a_change_is_asked_for_and_can_be_made(desk: Client, client: Client, ann: Comment, send_mail, at_once) -> None:
    assert decide(desk, ann, "change").status_code == 422
    assert decide(desk, ann, "change", note="Leave out the name.").status_code == 302
    (mail,) = send_mail()
    assert ann.state == "rejected" and mail.subject == "Change your comment on “A new bridge”"
    assert "Leave out the name." in mail.body
    link = next(word for word in mail.body.split() if "/comments/status/" in word)
    page = client.get(link.removeprefix("http://testserver")).text
    assert "Leave out the name." in page and "/edit/" in page


def test_no_change_is_asked_for_twice(desk: Client, client: Client, ann: Comment) -> None:
    decide(desk, ann, "change", note="Leave out the name.")
    edit(client, ann, "Well said, somebody.")
    page = desk.get(reverse("desk-comment", args=[ann.pk])).text
    assert 'value="rejected"' in page and 'value="change"' not in page
    refused = decide(desk, ann, "change", note="Once more.")
    assert refused.status_code == 422 and "sent it again before" in refused.text and "Once more." in refused.text
    assert ann.state == "pending"


def test_no_change_is_asked_for_where_comments_are_closed(desk: Client, ann: Comment) -> None:
    Post.objects.update(comments_open=False)
    assert 'value="change"' not in desk.get(reverse("desk-comment", args=[ann.pk])).text
    refused = decide(desk, ann, "change", note="Leave out the name.")
    assert refused.status_code == 422 and "comments on this post are closed" in refused.text
    assert ann.state == "pending" and not Delivery.objects.exists()


def test_another_team_gets_the_words_and_not_the_address(desk: Client, ann: Comment, send_mail, at_once) -> None:
    team = Team.objects.create(blog=ann.post.blog, name="Help desk", address="help@office.example")
    assert decide(desk, ann, "passed").status_code == 422
    decide(desk, ann, "passed", team=team.pk)
    mails = {mail.to[0]: mail for mail in send_mail()}
    theirs, writers = mails["help@office.example"], mails["ann@example.org"]
    assert "Well said." in theirs.body and ann.post.full_url() in theirs.body
    assert "ann@" not in str(theirs.message()) and "/comments/status/" not in theirs.body
    assert "Help desk" in " ".join(writers.body.split()) and ann.state == "rejected"


def test_an_undo_takes_back_the_mail_to_the_team(desk: Client, ann: Comment) -> None:
    team = Team.objects.create(blog=ann.post.blog, name="Help desk", address="help@office.example")
    decide(desk, ann, "passed", team=team.pk)
    decide(desk, ann, "undone")
    assert set(Delivery.objects.values_list("state", flat=True)) == {"cancelled"} and Delivery.objects.count() == 2


def test_a_threat_goes_to_the_leads_without_a_word_of_it(
    desk: Client, lead: Client, ann: Comment, send_mail, at_once
) -> None:
    assert "Tell a lead" not in desk.get(decide(desk, ann, "escalated").url).text
    (mail,) = send_mail()
    assert mail.to == ["lena@office.example"] and "Well said." not in mail.body and "Ann" not in mail.body
    assert not Delivery.objects.exclude(address="lena@office.example").exists(), "nor does the writer later"
    assert ann.state == "pending" and "desk-card" not in desk.get("/desk/").text
    assert desk.get("/desk/escalated/").status_code == 403
    assert "Well said." in lead.get("/desk/escalated/").text


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_who_escalates_is_told_when_there_is_nobody_to_mail(desk: Client, ann: Comment, headers: dict) -> None:
    url, data = reverse("desk-decision", args=[ann.pk]), {"outcome": "escalated", "version": ann.version}
    assert "Tell a lead yourself" in desk.post(url, data, headers=headers, follow=True).text
    assert not Delivery.objects.exists()


def test_an_undo_in_time_takes_back_the_mail_to_the_leads(desk: Client, lead: Client, ann: Comment, send_mail) -> None:
    decide(desk, ann, "escalated")
    assert not send_mail() and Delivery.objects.get().state == "pending"
    decide(desk, ann, "undone")
    assert Delivery.objects.get().state == "cancelled"
    decide(desk, ann, "escalated")
    decide(lead, ann, "spam")
    assert set(Delivery.objects.values_list("state", flat=True)) == {"cancelled"}, "a lead was faster than the mail"


def test_leads_alone_decide_what_was_escalated_but_who_did_it_may_undo(
    desk: Client, lead: Client, blog: Blog, ann: Comment
) -> None:
    decide(desk, ann, "escalated")
    assert decide(signed_in(blog, "mia"), ann, "approved").status_code == 403
    decide(desk, ann, "undone")
    assert ann.escalated_at is None and "desk-card" in desk.get("/desk/").text
    decide(desk, ann, "escalated")
    assert decide(lead, ann, "spam").status_code == 302 and ann.state == "spam" and ann.escalated_at is None


def test_a_published_threat_leaves_the_page(desk: Client, client: Client, ann: Comment) -> None:
    decide(desk, ann, "approved")
    assert ">Escalate<" in desk.get(reverse("desk-comment", args=[ann.pk])).text
    decide(desk, ann, "escalated")
    assert "Well said." not in client.get(ann.post.get_absolute_url()).text and ann.state == "pending"
    assert not Delivery.objects.exclude(state="cancelled").filter(address=ann.address).exists()


def test_keep_settles_the_reports_as_wrong(desk: Client, ann: Comment) -> None:
    decide(desk, ann, "approved")
    assert decide(desk, ann, "cleared").status_code == 409, "nobody reported it"
    Report.objects.make(ann, "192.0.2.1", "abuse")
    assert ">Keep<" in desk.get(reverse("desk-comment", args=[ann.pk])).text
    assert decide(desk, ann, "cleared").status_code == 302
    assert ann.state == "approved" and Report.objects.get().was_right is False
    assert Decision.objects.last().outcome == "cleared" and "desk-card" not in desk.get("/desk/reported/").text


def test_an_undo_of_keep_opens_its_reports_and_it_stays_on_the_page(desk: Client, client: Client, ann: Comment) -> None:
    decide(desk, ann, "approved")
    Report.objects.make(ann, "192.0.2.1", "abuse")
    decide(desk, ann, "cleared")
    answer = decide(desk, ann, "undone")
    assert "Took back the decision" in desk.get(answer.url).text and ">Undo<" not in desk.get(answer.url).text
    assert ann.state == "approved" and "Well said." in client.get(ann.post.get_absolute_url()).text
    assert Report.objects.get().was_right is None and "Well said." in desk.get("/desk/reported/").text
    assert decide(desk, ann, "cleared").status_code == 302 and ann.state == "approved"


def test_an_undo_of_keep_leaves_what_was_settled_before(desk: Client, ann: Comment) -> None:
    decide(desk, ann, "approved")
    for network in ["192.0.2.1", "192.0.3.1"]:
        Report.objects.make(ann, network, "abuse")
        decide(desk, ann, "cleared")
    decide(desk, ann, "undone")
    assert list(Report.objects.values_list("was_right", flat=True)) == [False, None]


def test_an_undo_of_keep_gives_it_back_to_the_leads(lead: Client, blog: Blog, ann: Comment) -> None:
    author = make_author(blog)
    ann.post.authors.add(author)
    priya = signed_in(blog, "priya", "author", author=author)
    decide(lead, ann, "approved"), decide(priya, ann, "escalated")
    for _ in range(2):
        decide(lead, ann, "cleared"), decide(lead, ann, "undone")
        assert ann.state == "approved" and "Well said." in lead.get("/desk/escalated/").text
    page = lead.get(reverse("desk-comment", args=[ann.pk])).text
    assert "Take it off the leads’ list" in page and ">Undo<" not in page


@pytest.mark.parametrize("page", ["/desk/reported/", "/desk/comments/{}/"])
def test_a_report_that_nobody_was_shown_is_not_settled_by_keep(desk: Client, ann: Comment, page: str) -> None:
    decide(desk, ann, "approved")
    Report.objects.make(ann, "192.0.2.1", "abuse")
    shown = re.search(r'name="newest_report" value="(\d+)"', desk.get(page.format(ann.pk)).text)
    Report.objects.make(ann, "192.0.3.1", "personal", "My home address is in it")
    assert decide(desk, ann, "cleared", newest_report=shown[1]).status_code == 302
    assert list(Report.objects.values_list("was_right", flat=True)) == [False, None]
    assert "My home address is in it" in desk.get("/desk/reported/").text


def test_who_says_of_no_report_that_it_was_shown_settles_none(desk: Client, ann: Comment) -> None:
    decide(desk, ann, "approved")
    Report.objects.make(ann, "192.0.2.1", "abuse", "My home address is in it")
    late = decide(desk, ann, "cleared", newest_report="")
    assert late.status_code == 409 and "My home address is in it" in late.text
    assert Report.objects.get().was_right is None


def test_a_reason_may_need_a_second_person(desk: Client, blog: Blog, ann: Comment) -> None:
    reason = make_reason(blog, needs_second=True)
    decide(desk, ann, "rejected", reason=reason.pk, note="No.")
    assert ann.state == "pending" and not Delivery.objects.exists()
    assert "Awaits a second person" in desk.get("/desk/").text
    assert settle(desk, ann, "confirm").status_code == 403
    mia = signed_in(blog, "mia")
    assert settle(mia, ann, "confirm").status_code == 302
    made = Decision.objects.get()
    assert ann.state == "rejected" and (made.moderator.username, made.reason, made.note) == ("mia", reason, "No.")
    assert "proposed" in Event.objects.values_list("kind", flat=True)


def test_who_is_overtaken_by_a_proposal_is_told_of_it(desk: Client, blog: Blog, ann: Comment) -> None:
    decide(signed_in(blog, "mia"), ann, "rejected", reason=make_reason(blog, needs_second=True).pk)
    late = desk.post(reverse("desk-decision", args=[ann.pk]), {"outcome": "approved", "version": 1})
    assert late.status_code == 409 and "“Proposed a refusal: Rejected” by mia" in late.text


def test_the_second_person_may_say_the_same_in_the_form(desk: Client, blog: Blog, ann: Comment) -> None:
    reason = make_reason(blog, needs_second=True)
    for _ in range(2):
        decide(desk, ann, "rejected", reason=reason.pk)
    assert ann.state == "pending", "twice the same person"
    decide(signed_in(blog, "mia"), ann, "rejected", reason=reason.pk)
    assert ann.state == "rejected"


def test_another_refusal_that_takes_two_is_proposed_in_its_place(desk: Client, blog: Blog, ann: Comment) -> None:
    one, other = (make_reason(blog, title=title, needs_second=True) for title in ["One", "Other"])
    mia, max_ = signed_in(blog, "mia"), signed_in(blog, "max")
    decide(desk, ann, "rejected", reason=one.pk, note="No.")
    decide(mia, ann, "rejected", reason=other.pk, note="Never.")
    assert ann.state == "pending" and (Proposal.objects.get().reason, Proposal.objects.get().note) == (other, "Never.")
    decide(max_, ann, "change", reason=other.pk, note="Leave out the name.")
    assert ann.state == "pending" and Proposal.objects.get().outcome == "change"
    settle(desk, ann, "confirm")
    assert ann.state == "rejected" and Decision.objects.get().outcome == "change"


def test_a_change_that_can_no_longer_be_made_is_not_confirmed(desk: Client, blog: Blog, ann: Comment) -> None:
    decide(desk, ann, "change", reason=make_reason(blog, needs_second=True).pk, note="Leave out the name.")
    Post.objects.update(comments_open=False)
    refused = settle(signed_in(blog, "mia"), ann, "confirm")
    assert refused.status_code == 409 and "because comments on this post are closed" in refused.text
    assert ann.state == "pending" and not Delivery.objects.exists()


def test_a_proposal_ends_when_something_happens_to_the_comment(desk: Client, blog: Blog, ann: Comment) -> None:
    decide(desk, ann, "rejected", reason=make_reason(blog, needs_second=True).pk)
    version = ann.version
    settle(desk, ann, "drop")
    assert "Awaits a second person" not in desk.get("/desk/").text
    mia = signed_in(blog, "mia")
    assert settle(mia, ann, "confirm", version).status_code == settle(mia, ann, "confirm").status_code == 409
    assert ann.state == "pending"


@pytest.mark.parametrize("outcome", ["rejected", "spam", "change", "passed"])
def test_an_author_does_not_alone_refuse_comments_on_their_own_post(blog: Blog, ann: Comment, outcome: str) -> None:
    author, reason = make_author(blog), make_reason(blog)
    priya = signed_in(blog, "priya", "author", author=author)
    ann.post.authors.add(author)
    team = Team.objects.create(blog=blog, name="Help desk", address="help@office.example")
    decide(priya, ann, outcome, reason=reason.pk, note="Leave out the name.", team=team.pk)
    assert ann.state == "pending" and Proposal.objects.get().outcome == outcome and not Delivery.objects.exists()
    settle(signed_in(blog, "mia"), ann, "confirm")
    assert ann.state in Comment.REFUSED and Decision.objects.get().outcome == outcome


def test_an_author_decides_elsewhere_and_approves_anywhere(blog: Blog, ann: Comment) -> None:
    priya = signed_in(blog, "priya", "author", author=make_author(blog))
    decide(priya, ann, "spam")
    assert ann.state == "spam"
    ann.post.authors.add(Moderator.objects.get(user__username="priya").author)
    decide(priya, ann, "approved")
    assert ann.state == "approved"


def test_in_bulk_too(blog: Blog, ann: Comment) -> None:
    author = make_author(blog)
    ann.post.authors.add(author)
    priya = signed_in(blog, "priya", "author", author=author)
    page = priya.post("/desk/", {"pick": f"{ann.pk}:1", "outcome": "spam"}).text
    ann.refresh_from_db()
    assert ann.state == "pending" and "1 comment awaits a second person" in page


def test_what_was_reported_can_be_refused_on_its_page(desk: Client, ann: Comment) -> None:
    decide(desk, ann, "approved")
    page = reverse("desk-comment", args=[ann.pk])
    assert 'value="rejected"' not in desk.get(page).text
    Report.objects.make(ann, "192.0.2.1", "abuse")
    assert 'value="rejected"' in desk.get(page).text and 'value="spam"' in desk.get(page).text
