"""/desk/edits/ and /desk/comments/<id>/edit/: edits of published comments, published or not."""

from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localdate

from blog.models import Blog, Post
from mail.models import Delivery, Mailout
from moderation.models import Comment, Decision, Moderator, Revision
from tests.at_once import at_once
from tests.database import whole_database
from tests.factories import make_author, make_blog, make_comment, make_moderator, make_notice, make_post, make_reason
from tests.moderation.writer import edit, make_refused, now, status_url

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann(client: Client, post: Post) -> Comment:
    """Ann's published comment, with an edit that waits."""
    comment = make_comment(post, "approved", text="The bridge is too narrow.")
    edit(client, comment, "The bridge is wide enough.")
    return now(comment)


def decide(desk: Client, comment: Comment, outcome: str, version: int | str | None = None, **more: Any) -> HttpResponse:
    """Send the form of one button."""
    url = reverse("desk-edit", args=[comment.pk])
    return desk.post(url, {"outcome": outcome, "version": version or now(comment).version, **more})


def test_the_tab_shows_what_changed_and_counts_it(desk: Client, ann: Comment) -> None:
    page = desk.get("/desk/edits/").text
    assert "Edits (1)" in page
    assert "too narrow</del>" in page and "wide enough</ins>" in page and 'value="edited"' in page
    assert "Edits (1)" in desk.get("/desk/").text


def test_the_desk_sees_what_the_rules_find_in_an_edit(desk: Client, client: Client, post: Post) -> None:
    comment = make_comment(post, "approved")
    edit(client, comment, "Ring me on 07700 900123 about the bridge.")
    for page in ["/desk/edits/", f"/desk/comments/{comment.pk}/"]:
        assert "Phone number" in desk.get(page).text


def test_published_it_takes_the_place_of_the_old_words_and_says_when(
    desk: Client, client: Client, mo: User, ann: Comment
) -> None:
    assert "too narrow" in client.get(ann.post.get_absolute_url()).text
    answer = decide(desk, ann, "edited")
    assert answer.status_code == 302 and "Published the edit" in desk.get(answer.url).text
    assert "wide enough" in client.get(ann.post.get_absolute_url()).text
    found = now(ann)
    assert (found.text, found.edition, found.state) == ("The bridge is wide enough.", 2, "approved")
    assert found.edited_at and found.html == '<p dir="auto">The bridge is wide enough.</p>'
    assert "Edited " in client.get(status_url(ann)).text
    made = Decision.objects.get()
    assert (made.outcome, made.moderator, made.revision.state) == ("edited", mo, "approved")


def test_not_published_the_old_words_stay_and_its_writer_is_told_why(
    desk: Client, client: Client, ann: Comment
) -> None:
    reason = make_reason(ann.post.blog)
    assert decide(desk, ann, "kept", reason=reason.pk, note="Not <so>.").status_code == 302
    assert now(ann).text == "The bridge is too narrow." and now(ann).edited_at is None
    told = Mailout.objects.get(kind="comment-edit")
    assert "Stay on topic" in told.text and "Not <so>." in told.text and "wide enough" not in told.text
    page = client.get(status_url(ann)).text
    assert "Your comment stays as it was" in page and "Not &lt;so&gt;." in page


def test_not_to_publish_needs_a_reason(desk: Client, ann: Comment) -> None:
    make_reason(ann.post.blog)
    answer = decide(desk, ann, "kept")
    assert answer.status_code == 422 and "Select the rule that the comment breaks" in answer.text
    assert Revision.objects.get().state == "waiting"


@pytest.mark.parametrize("outcome", ["edited", "kept"])
def test_its_mail_waits_for_an_undo_which_cancels_it(desk: Client, client: Client, ann: Comment, outcome: str) -> None:
    decided = decide(desk, ann, outcome, note="No.")
    assert Delivery.objects.get().state == "pending"
    assert 'value="reopened"' in desk.get(decided.url).text
    assert decide(desk, ann, "reopened").status_code == 302
    assert Delivery.objects.get().state == "cancelled" and Revision.objects.get().state == "waiting"
    found = now(ann)
    assert (found.text, found.edition, found.edited_at) == ("The bridge is too narrow.", 1, None)
    assert decide(desk, ann, "edited").status_code == 302


def test_an_undo_after_another_edit_was_sent_is_refused(desk: Client, client: Client, ann: Comment) -> None:
    decide(desk, ann, "edited")
    edit(client, ann, "Third words.")
    assert decide(desk, ann, "reopened").status_code == 409
    assert now(ann).text == "The bridge is wide enough."


def test_whoever_read_an_edit_that_was_replaced_is_shown_both(desk: Client, client: Client, ann: Comment) -> None:
    edit(client, ann, "Third words.")
    answer = decide(desk, ann, "edited", version=ann.version)
    assert answer.status_code == 409 and "“Changed after it was published” by the writer" in answer.text
    assert "The bridge is wide enough." in answer.text and "Third words" in answer.text
    assert now(ann).text == "The bridge is too narrow."


def test_whoever_read_a_comment_that_was_changed_is_shown_both(desk: Client, client: Client, post: Post) -> None:
    comment = make_comment(post, text="First words.")
    edit(client, comment, "Second words.")
    answer = desk.post(reverse("desk-decision", args=[comment.pk]), {"outcome": "approved", "version": 1})
    assert answer.status_code == 409 and "“Changed before a decision” by the writer" in answer.text
    assert '<div class="govuk-details__text"><p dir="auto">First words.</p></div>' in answer.text
    assert "Second words." in answer.text and now(comment).state == "pending"


def test_whoever_read_a_comment_that_was_withdrawn_is_told(desk: Client, client: Client, post: Post) -> None:
    comment = make_comment(post)
    client.post(status_url(comment, "withdraw"))
    answer = desk.post(reverse("desk-decision", args=[comment.pk]), {"outcome": "approved", "version": 1})
    assert answer.status_code == 409 and "“Withdrawn” by the writer" in answer.text


def test_the_history_shows_each_change(desk: Client, client: Client, mo: User, post: Post) -> None:
    comment = make_refused(post, mo, text="First words.")
    edit(client, comment, "Second words.")
    page = desk.get(f"/desk/comments/{comment.pk}/").text
    assert "Changed and sent again after the refusal, the writer" in page and "First</del>" in page
    assert page.index("Rejected, mo") < page.index("sent again")


def test_what_is_put_back_in_the_queue_waits_with_its_edit(desk: Client, client: Client, ann: Comment) -> None:
    desk.post(reverse("desk-decision", args=[ann.pk]), {"outcome": "undone", "version": ann.version})
    assert "No edit awaits a decision" in desk.get("/desk/edits/").text
    assert decide(desk, ann, "edited").status_code == 409
    desk.post(reverse("desk-decision", args=[ann.pk]), {"outcome": "approved", "version": now(ann).version})
    assert decide(desk, ann, "edited").status_code == 302


@pytest.mark.parametrize("outcome", ["", "approved", "undone", "upheld", "x", "\0"])
def test_what_is_no_decision_about_an_edit_is_an_error(desk: Client, ann: Comment, outcome: str) -> None:
    assert decide(desk, ann, outcome).status_code == 422


@pytest.mark.parametrize("outcome", ["edited", "kept", "reopened"])
def test_without_an_edit_there_is_nothing_to_decide(desk: Client, post: Post, outcome: str) -> None:
    assert decide(desk, make_comment(post, "approved"), outcome, note="No.").status_code == 409


def test_another_blogs_edits_are_neither_seen_nor_decided(desk: Client) -> None:
    other = make_blog(address="http://other.example")
    make_notice(other)
    comment = make_comment(make_post(other), "approved")
    edit(Client(headers={"Host": "other.example"}), comment, "Other words.")
    before = whole_database()
    assert "Other words" not in desk.get("/desk/edits/").text
    assert decide(desk, comment, "edited").status_code == 404
    assert whole_database() == before


def test_a_viewer_sees_and_decides_nothing(client: Client, ann: Comment) -> None:
    viewer = Client()
    viewer.force_login(make_moderator(ann.post.blog, "vera"))
    ann.post.blog.moderators.filter(user__username="vera").update(duty="viewer")
    assert "wide enough" in viewer.get("/desk/edits/").text
    assert decide(viewer, ann, "edited").status_code == 403


@pytest.mark.parametrize("method", ["get", "head", "put", "delete"])
def test_only_a_post_decides(desk: Client, ann: Comment, method: str) -> None:
    url = reverse("desk-edit", args=[ann.pk])
    assert getattr(desk, method)(f"{url}?outcome=edited&version={ann.version}").status_code == 405
    assert now(ann).edition == 1


def test_who_is_signed_out_is_led_back_to_the_comment(client: Client, ann: Comment) -> None:
    answer = decide(client, ann, "edited")
    assert answer.status_code == 302 and f"next=/desk/comments/{ann.pk}/" in answer.url


@pytest.mark.parametrize("tab", ["edits", "appeals"])
def test_the_tabs_take_as_many_queries_for_twenty_as_for_two(
    desk: Client, client: Client, post: Post, mo: User, tab: str
) -> None:
    def queries(number: int) -> int:
        for _ in range(number):
            edit(client, make_comment(post, "approved"), "Other words.")
            client.post(status_url(make_refused(post, mo), "appeal"), {"words": "Why?"})
        with CaptureQueriesContext(connection) as captured:
            assert desk.get(f"/desk/{tab}/").text.count("desk-card__name") >= number
        return len(captured)

    assert queries(2) == queries(18) < 26  # PostgreSQL is told how to look, too


@pytest.mark.django_db(transaction=True)
def test_of_ten_decisions_at_once_exactly_one_wins(blog: Blog) -> None:
    comment = make_comment(make_post(blog), "approved")
    edit(Client(), comment, "Other words.")
    desks = [Client() for _ in range(10)]
    for number, desk in enumerate(desks):
        desk.force_login(make_moderator(blog, f"mo{number}"))
    acts = [
        lambda desk=desk, number=number: (
            decide(desk, comment, ["edited", "kept"][number % 2], 2, note="No.").status_code
        )
        for number, desk in enumerate(desks)
    ]
    assert sorted(at_once(acts)) == [302] + [409] * 9
    assert Decision.objects.count() == Delivery.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_edit_that_is_replaced_while_it_is_published_is_not_published_unread(blog: Blog) -> None:
    post, mo, desk = make_post(blog), make_moderator(blog), Client()
    desk.force_login(mo)
    comments = [make_comment(post, "approved") for _ in range(5)]
    form = {"comment": "Unread words.", "way": "published"}
    for comment in comments:
        edit(Client(), comment, "Read words.")
    for comment in comments:
        publish = partial(decide, desk, comment, "edited", 2)
        replace = partial(Client().post, status_url(comment, "edit"), form)
        at_once([publish, replace])
        assert now(comment).text != "Unread words."


def test_the_page_says_that_it_was_edited_and_which_replies_came_before(
    desk: Client, client: Client, ann: Comment
) -> None:
    make_comment(ann.post, "approved", name="Early", parent=ann, root=ann, parent_edition=1)
    decide(desk, ann, "edited")
    make_comment(ann.post, "approved", name="Late", parent=ann, root=ann, parent_edition=2)
    page = client.get(ann.post.get_absolute_url()).text
    assert page.count(f"edited {date_format(localdate(), 'j F Y')}") == 1 and page.count('"dateModified":') == 1
    assert page.count("In reply to words that have been edited since") == 1
    assert page.index("Early</bdi>") < page.index("edited since") < page.index("Late</bdi>")


def other_desk(blog: Blog, name: str = "mia") -> Client:
    client = Client()
    client.force_login(make_moderator(blog, name))
    return client


def settle(desk: Client, comment: Comment, act: str = "confirm") -> HttpResponse:
    return desk.post(reverse("desk-proposal", args=[comment.pk]), {"act": act, "version": now(comment).version})


def test_a_reason_that_needs_a_second_person_needs_one_for_an_edit(desk: Client, blog: Blog, ann: Comment) -> None:
    reason = make_reason(blog, needs_second=True)
    assert decide(desk, ann, "kept", reason=reason.pk, note="No.").status_code == 302
    assert Revision.objects.get().state == "waiting" and not Decision.objects.exists() and not Delivery.objects.exists()
    page = desk.get(reverse("desk-comment", args=[ann.pk])).text
    assert "Awaits a second person" in page and "Did not publish the edit" in page
    assert settle(desk, ann).status_code == 403
    assert settle(other_desk(blog), ann).status_code == 302
    made = Decision.objects.get()
    assert (made.outcome, made.moderator.username, made.reason, made.note) == ("kept", "mia", reason, "No.")
    assert Revision.objects.get().state == "rejected" and now(ann).state == "approved" and Delivery.objects.count() == 1


def test_another_edit_ends_the_proposal(desk: Client, client: Client, blog: Blog, ann: Comment) -> None:
    decide(desk, ann, "kept", reason=make_reason(blog, needs_second=True).pk)
    edit(client, now(ann), "The bridge is as wide as it should be.")
    assert settle(other_desk(blog), ann).status_code == 409
    assert "Awaits a second person" not in desk.get(reverse("desk-comment", args=[ann.pk])).text


def test_an_author_does_not_alone_keep_an_edit_off_their_own_post(blog: Blog, ann: Comment) -> None:
    author, reason, priya = make_author(blog), make_reason(blog), other_desk(blog, "priya")
    Moderator.objects.filter(user__username="priya").update(duty="author", author=author)
    ann.post.authors.add(author)
    decide(priya, ann, "kept", reason=reason.pk)
    assert Revision.objects.get().state == "waiting"
    assert decide(other_desk(blog), ann, "kept", reason=reason.pk).status_code == 302
    assert Revision.objects.get().state == "rejected", "the second may say the same in the form"


def test_the_edit_can_be_published_although_it_was_proposed_not_to(desk: Client, blog: Blog, ann: Comment) -> None:
    decide(desk, ann, "kept", reason=make_reason(blog, needs_second=True).pk)
    assert decide(desk, ann, "edited").status_code == 302 and "wide enough" in now(ann).text
