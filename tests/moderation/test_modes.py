"""A blog's mode: proved regulars are published when they confirm, and a moderator looks at it afterwards."""

import datetime

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from blog.models import Blog, Post
from mail.models import Delivery
from moderation import figures, regulars, rules
from moderation.models import Comment, Decision, Event, Learnt, ListEntry, Moderator
from moderation.replies import ReplyNotice
from moderation.reports import Report
from moderation.tasks import forget, learn
from tests.factories import make_author, make_blog, make_comment, make_comments, make_moderator, make_post, make_reason
from tests.moderation.links import token_for
from tests.moderation.reader import link, send_comment
from tests.moderation.writer import edit, newest_report, now, send

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)
PUBLISHED = [("approved", True, True), ("pending", False, False)]


@pytest.fixture(autouse=True)
def _regulars(blog: Blog, post: Post) -> None:
    """Ann is a regular of a blog that publishes those at once: three comments of hers were published."""
    blog.mode, blog.regular_after = Blog.Mode.AFTER, 3
    blog.save()
    approved(post)


@pytest.fixture
def ann(client: Client, post: Post) -> Comment:
    """Ann's next comment, published at once."""
    return confirmed(client, post)


def approved(post: Post, number: int = 3, days: int = 1, **fields: object) -> None:
    """So many comments of Ann that moderators published so many days ago."""
    for place in range(number):
        words = {"text": f"Comment {place} of old.", "decided_at": timezone.now() - days * DAY}
        make_comment(post, "approved", **{**words, **fields})


def confirmed(client: Client, post: Post, **fields: object) -> Comment:
    """A comment whose writer has just pressed the button in the mail."""
    comment = make_comment(post, "unconfirmed", **{"text": "Something new to say.", **fields})
    assert client.post(f"/comments/confirm/{token_for('comment-confirm', comment.pk)}/").status_code == 302
    return now(comment)


def is_published(client: Client, post: Post, **fields: object) -> bool:
    comment = confirmed(client, Post.objects.get(pk=post.pk), **fields)
    assert (comment.state, comment.at_once, comment.unseen) in PUBLISHED
    return comment.state == "approved"


def decide(desk: Client, comment: Comment, outcome: str, **more: object) -> HttpResponse:
    url = reverse("desk-decision", args=[comment.pk])
    seen = {"version": now(comment).version, "newest_report": newest_report(comment)}
    return desk.post(url, {"outcome": outcome, **seen, **more})


def on_page(client: Client, comment: Comment) -> bool:
    return comment.text in client.get(comment.post.get_absolute_url()).text


def test_a_regular_is_read_by_everybody_at_once(client: Client, post: Post, send_mail) -> None:
    client.get(post.get_absolute_url())
    send_comment(client, post, comment="Something new to say.")
    answer = client.post(link(send_mail()[0], "confirm"), follow=True)
    assert "Published" in answer.text and "Our moderators read it afterwards" in answer.text
    assert on_page(client, Comment.objects.get(at_once=True))


def test_the_writer_gets_the_mail_that_it_is_published(ann: Comment, send_mail, settings, time_machine) -> None:
    time_machine.move_to(timezone.now() + datetime.timedelta(seconds=settings.UNDO_SECONDS + 1))
    (mail,) = send_mail()
    assert mail.subject == "Your comment on “A new bridge” is published"
    assert "Our moderators read it afterwards." in " ".join(mail.body.split()) and "/comments/status/" in mail.body


def test_nobody_decided_it_and_the_record_says_so(ann: Comment) -> None:
    assert not ann.decisions.exists()
    event = Event.objects.get(comment_number=ann.pk)
    assert (event.kind, event.person) == ("published", None)


def test_it_is_in_the_history_and_the_records(ann: Comment, admin_client: Client) -> None:
    for url in [reverse("desk-comment", args=[ann.pk]), "/desk/records/"]:
        page = admin_client.get(url).text
        assert "Published at once, as a regular’s" in page and "the blog’s mode" in page


def test_everybody_else_waits(client: Client, post: Post) -> None:
    assert not is_published(client, post, address="bob@example.org")


def test_the_mailbox_counts_in_whatever_spelling(client: Client, post: Post) -> None:
    assert is_published(client, post, address="ann+more@example.org")


def test_before_publishing_is_the_default(client: Client, post: Post) -> None:
    assert make_blog(address="http://other.example").mode == Blog.Mode.BEFORE
    Blog.objects.update(mode="before")
    assert not is_published(client, post)


def test_another_blog_s_approvals_do_not_count(client: Client, post: Post, blog: Blog) -> None:
    other = make_blog(address="http://other.example", name="Other")
    Comment.objects.update(post=make_post(other, title="Elsewhere"))
    assert not is_published(client, post)


def test_too_few_are_no_regular(client: Client, post: Post) -> None:
    Comment.objects.first().delete()
    assert not is_published(client, post)


def test_what_nobody_looked_at_proves_nothing(client: Client, post: Post, ann: Comment) -> None:
    Comment.objects.exclude(pk=ann.pk).first().delete()
    assert not is_published(client, post)


def test_it_decays(client: Client, post: Post) -> None:
    Comment.objects.update(decided_at=timezone.now() - 91 * DAY)
    assert not is_published(client, post)
    Blog.objects.update(regular_days=92)
    assert is_published(client, post, text="Something else.")


def test_a_high_share_of_refusals_ends_it(client: Client, post: Post) -> None:
    make_comment(post, "rejected", decided_at=timezone.now() - 2 * DAY)
    assert not is_published(client, post)
    Blog.objects.update(regular_refusals=25)
    assert is_published(client, post, text="Something else.")


@pytest.mark.parametrize("state", ["rejected", "spam"])
def test_after_a_refusal_the_next_one_waits(client: Client, post: Post, state: str) -> None:
    Blog.objects.update(regular_refusals=100)
    make_comment(post, state)
    assert not is_published(client, post)


def test_a_report_that_nobody_decided_ends_it_for_now(client: Client, post: Post) -> None:
    Report.objects.make(Comment.objects.first(), "192.0.2.1", "abuse")
    assert not is_published(client, post)
    Report.objects.settle(Comment.objects.first(), was_right=False)
    assert is_published(client, post, text="Something else.")


def test_a_refusal_that_awaits_a_second_person_ends_it_for_now(client: Client, post: Post, desk: Client) -> None:
    old = Comment.objects.first()
    decide(desk, old, "rejected", reason=make_reason(post.blog, needs_second=True).pk)
    assert now(old).state == "approved" and not is_published(client, post)
    desk.post(reverse("desk-proposal", args=[old.pk]), {"act": "drop", "version": now(old).version})
    assert is_published(client, post, text="Something else.")


def test_one_that_is_with_the_leads_ends_it_for_now(client: Client, post: Post, desk: Client) -> None:
    decide(desk, Comment.objects.first(), "escalated")
    approved(post)
    assert not is_published(client, post)


def test_what_a_rule_finds_waits(client: Client, post: Post, blog: Blog) -> None:
    entry = ListEntry.objects.create(kind="words", entry="otter")
    assert not is_published(client, post, text="An otter.")
    ListEntry.objects.filter(pk=entry.pk).update(shadow=True, changed_at=timezone.now())
    assert is_published(client, post, text="Another otter, far away."), "what is in shadow holds nothing"


def test_a_rule_that_fails_holds_it(client: Client, post: Post, monkeypatch) -> None:
    monkeypatch.setattr(rules, "PHASES", [lambda comment, others: 1 / 0])
    assert not is_published(client, post)


def test_when_the_standing_cannot_be_told_it_waits(client: Client, post: Post, monkeypatch, caplog) -> None:
    monkeypatch.setattr(regulars, "is_regular", lambda *known: 1 / 0)
    assert not is_published(client, post)
    assert "cannot be told: ZeroDivisionError" in caplog.text and "ann@" not in caplog.text


def test_what_looks_like_spam_waits(client: Client, post: Post, monkeypatch) -> None:
    monkeypatch.setattr(Comment, "weighed", lambda self: {"spam_percent": 90})
    assert not is_published(client, post)


def test_on_a_post_that_wants_it_everybody_waits(client: Client, post: Post) -> None:
    Post.objects.update(read_first=True)
    comment = make_comment(post, "unconfirmed", text="Something new.")
    page = client.get(f"/comments/confirm/{token_for('comment-confirm', comment.pk)}/").text
    assert "our moderators read it before it is published" in page and not is_published(client, post)


def test_a_browser_that_is_remembered_needs_no_mail_for_it(client: Client, post: Post) -> None:
    confirmed(client, post)
    answer = send_comment(client, post, comment="Otters, this time.")
    assert answer.url.startswith("/comments/status/") and "Published" in client.get(answer.url).text
    assert on_page(client, Comment.objects.get(text="Otters, this time."))


def test_what_was_written_before_comments_closed_waits(client: Client, post: Post, blog: Blog) -> None:
    Post.objects.update(comments_open=False)
    assert not is_published(client, post)


def test_a_second_press_publishes_nothing_twice(client: Client, ann: Comment) -> None:
    client.post(f"/comments/confirm/{token_for('comment-confirm', ann.pk)}/")
    assert Event.objects.filter(comment_number=ann.pk).count() == Delivery.objects.filter(about=ann.pk).count() == 1


def test_whom_it_answers_hears_of_it(client: Client, post: Post) -> None:
    bob = make_comment(post, "approved", address="bob@example.org", wants_replies=True)
    confirmed(client, post, parent=bob)
    assert ReplyNotice.objects.owed().filter(comment=bob).count() == 1


def test_the_desk_lists_it_apart_and_not_as_decided(desk: Client, ann: Comment) -> None:
    page = desk.get("/desk/published/").text
    assert ann.text in page and ">Keep<" in page and "To be looked at (1)" in page and "On time" in page
    for url in ["/desk/", "/desk/decided/", "/desk/held/"]:
        assert ann.text not in desk.get(url).text


def test_a_moderator_keeps_it_and_the_writer_hears_nothing_more(desk: Client, client: Client, ann: Comment) -> None:
    version = client.get(ann.post.get_absolute_url()).text
    answer = decide(desk, ann, "approved")
    assert answer.url.startswith("/desk/published/") and "Kept on the page" in desk.get(answer.url).text
    assert [made.outcome for made in ann.decisions.all()] == ["cleared"] and not now(ann).unseen
    assert Delivery.objects.get(about=ann.pk).state == "pending"
    assert client.get(ann.post.get_absolute_url()).text == version
    assert ann.text in desk.get("/desk/decided/").text and ann.text not in desk.get("/desk/published/").text


def test_keep_can_be_undone_and_it_stays_on_the_page(desk: Client, client: Client, ann: Comment) -> None:
    decide(desk, ann, "approved")
    answer = decide(desk, ann, "undone")
    assert answer.url.startswith("/desk/published/") and "Took back the decision" in desk.get(answer.url).text
    assert on_page(client, ann) and ann.text in desk.get("/desk/published/").text
    assert decide(desk, ann, "approved").status_code == 302 and not now(ann).unseen


def test_reported_and_kept_the_undo_lists_it_as_both(desk: Client, client: Client, ann: Comment) -> None:
    Report.objects.make(ann, "192.0.2.1", "abuse")
    decide(desk, ann, "cleared"), decide(desk, ann, "undone")
    assert on_page(client, ann)
    assert ann.text in desk.get("/desk/published/").text and ann.text in desk.get("/desk/reported/").text


def test_kept_twice_the_undo_does_not_ask_for_the_first_look(desk: Client, ann: Comment) -> None:
    decide(desk, ann, "approved")
    Report.objects.make(ann, "192.0.2.1", "abuse")
    decide(desk, ann, "cleared"), decide(desk, ann, "undone")
    assert ann.text in desk.get("/desk/reported/").text and ann.text not in desk.get("/desk/published/").text


def test_taken_off_the_leads_list_nobody_has_looked_at_it_still(client: Client, blog: Blog, ann: Comment) -> None:
    author = make_author(blog)
    ann.post.authors.add(author)
    Moderator.objects.filter(user=make_moderator(blog, "priya")).update(duty="author", author=author)
    client.force_login(User.objects.get(username="priya"))
    decide(client, ann, "escalated")
    assert not now(ann).unseen and Delivery.objects.get(about=ann.pk).state == "pending", "its writer is told"
    decide(client, ann, "undone")
    assert Delivery.objects.get(about=ann.pk).state == "pending" and ann.text in client.get("/desk/published/").text


def test_to_keep_it_twice_is_told(desk: Client, ann: Comment) -> None:
    version = ann.version
    decide(desk, ann, "approved")
    late = desk.post(reverse("desk-decision", args=[ann.pk]), {"outcome": "approved", "version": version})
    assert late.status_code == 409 and "Kept on the page" in late.text


def test_many_are_kept_in_one_go(desk: Client, client: Client, post: Post) -> None:
    picked = [confirmed(client, post, text=f"Words about {what}.") for what in ["otters", "rivers and boats"]]
    assert "Keep all ticked" in desk.get("/desk/published/").text
    ticked = {"pick": [f"{one.pk}:{one.version}" for one in picked], "outcome": "approved"}
    page = desk.post("/desk/published/", ticked).text
    assert "Nothing was published that nobody has looked at" in page
    assert not Comment.objects.unseen().exists() and Decision.objects.count() == 2


def test_a_refusal_takes_it_off_the_page_and_its_mail_replaces_the_other(
    desk: Client, client: Client, blog: Blog, ann: Comment
) -> None:
    decide(desk, ann, "rejected", reason=make_reason(blog).pk)
    assert now(ann).state == "rejected" and not on_page(client, ann)
    mails = Delivery.objects.filter(about=ann.pk).order_by("pk")
    assert [(mail.state, mail.mailout.subject) for mail in mails] == [
        ("cancelled", "Your comment on “A new bridge” is published"),
        ("pending", "Your comment on “A new bridge” was not published"),
    ]


def test_what_was_refused_and_put_back_awaits_a_decision(desk: Client, client: Client, ann: Comment) -> None:
    decide(desk, ann, "spam")
    decide(desk, ann, "undone")
    assert now(ann).state == "pending" and ann.text in desk.get("/desk/").text
    assert ann.text not in desk.get("/desk/published/").text


def test_reports_of_it_are_settled_by_the_look(desk: Client, ann: Comment) -> None:
    Report.objects.make(ann, "192.0.2.1", "abuse")
    decide(desk, ann, "approved")
    assert Report.objects.get().was_right is False and not now(ann).unseen


def test_reports_that_the_look_did_not_show_are_still_to_be_read(desk: Client, ann: Comment) -> None:
    Report.objects.make(ann, "192.0.2.1", "abuse")
    desk.post("/desk/published/", {"pick": f"{ann.pk}:{ann.version}", "outcome": "approved"})
    assert not now(ann).unseen and ann.text in desk.get("/desk/reported/").text


def test_an_edit_of_it_waits(client: Client, desk: Client, ann: Comment) -> None:
    edit(client, ann, "Something quite different.")
    assert now(ann).text == ann.text and on_page(client, ann)
    page = desk.get(reverse("desk-comment", args=[ann.pk])).text
    assert "Publish the edit" in page and ">Keep<" in page


def test_its_writer_withdraws_it(client: Client, desk: Client, ann: Comment) -> None:
    send(client, ann, "withdraw")
    assert now(ann).state == "withdrawn" and not on_page(client, ann)
    assert ann.text not in desk.get("/desk/published/").text and Delivery.objects.get(about=ann.pk).state == "cancelled"


def test_its_address_is_forgotten_as_that_of_an_approved_one(ann: Comment, settings, time_machine) -> None:
    time_machine.move_to(timezone.now() + (settings.APPROVED_ADDRESS_DAYS + 1) * DAY)
    forget()
    assert now(ann).address == "" and now(ann).unseen


def test_a_kept_one_teaches_what_is_no_spam(desk: Client, ann: Comment, settings) -> None:
    settings.UNDO_SECONDS = -1
    decide(desk, ann, "approved")
    learn()
    assert Learnt.objects.get().honest == 1
    decide(desk, ann, "undone")
    learn()
    assert Learnt.objects.get().honest == 0


def test_figures_count_it_and_no_time_for_it(desk: Client, blog: Blog, ann: Comment) -> None:
    decide(desk, ann, "approved")
    month = figures.count(blog, timezone.localdate().replace(day=1))
    assert (month.published, month.at_once, month.decided, month.median_minutes) == (4, 1, 0, None)


def test_changed_and_sent_again_its_writer_waits_and_figures_count_that(
    client: Client, desk: Client, blog: Blog, ann: Comment
) -> None:
    decide(desk, ann, "spam")
    edit(client, ann, "Something kinder to say.")
    decide(desk, ann, "approved")
    month = figures.count(blog, timezone.localdate().replace(day=1))
    assert (month.published, month.at_once, month.decided, month.median_minutes) == (4, 0, 1, 0)


def test_put_back_and_decided_again_the_time_on_the_page_is_no_wait(desk: Client, blog: Blog, ann: Comment) -> None:
    Comment.objects.filter(pk=ann.pk).update(confirmed_at=timezone.now() - 20 * DAY)
    for outcome in ["spam", "undone", "approved"]:
        decide(desk, ann, outcome)
    month = figures.count(blog, timezone.localdate(now(ann).confirmed_at).replace(day=1))
    assert (month.at_once, month.decided, month.median_minutes) == (1, 0, None)


def test_the_guidelines_say_which_mode_it_is(client: Client, blog: Blog) -> None:
    assert "or soon afterwards" in client.get("/guidelines/").text
    blog.mode = Blog.Mode.BEFORE
    blog.save()
    assert "or soon afterwards" not in client.get("/guidelines/").text


def test_a_long_list_takes_as_many_queries_as_a_short_one(
    desk: Client, post: Post, django_assert_max_num_queries
) -> None:
    make_comments(post, 30, unseen=True, at_once=True, confirmed_at=timezone.now())
    with django_assert_max_num_queries(26):
        assert desk.get("/desk/published/").text.count("<article") == 25
