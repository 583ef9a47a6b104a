"""/comments/status/<token>/edit/: other words for a comment, in place or for the desk to read."""

import datetime

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from blog.models import Blog, Post
from moderation import claims
from moderation.editing import TooLate
from moderation.editing import edit as do_edit
from moderation.models import Comment, Decision, NotPossible, Overtaken, Revision
from tests.at_once import at_once
from tests.factories import make_comment, make_moderator, make_post
from tests.moderation.links import assert_dead, assert_looking_changes_nothing, assert_private, token_for
from tests.moderation.reader import Fields
from tests.moderation.writer import edit, make_refused, now, send, status_url

pytestmark = pytest.mark.django_db
MINUTE = datetime.timedelta(minutes=1)


@pytest.mark.parametrize("state", ["unconfirmed", "pending", "approved", "rejected", "spam", "withdrawn"])
def test_looking_changes_nothing(client: Client, post: Post, state: str) -> None:
    assert_looking_changes_nothing(client, status_url(make_comment(post, state), "edit"))


def test_it_is_changed_in_place_for_fifteen_minutes(client: Client, post: Post, time_machine) -> None:
    comment = make_comment(post)
    time_machine.move_to(timezone.now() + 14 * MINUTE)
    page = client.get(status_url(comment, "edit"))
    assert Fields(page.text).values["comment"] == "Well said."
    assert_private(page)
    assert "You have changed your comment" in client.get(edit(client, comment, "Very well said.").url).text
    assert (now(comment).text, now(comment).state, now(comment).version) == ("Very well said.", "pending", 2)
    assert now(comment).html == '<p dir="auto">Very well said.</p>' and now(comment).edits == 1


def test_after_that_it_waits_for_the_decision(client: Client, post: Post, time_machine) -> None:
    comment = make_comment(post)
    time_machine.move_to(timezone.now() + 16 * MINUTE)
    assert "Change your comment" not in client.get(status_url(comment)).text
    answer = client.post(status_url(comment, "edit"), {"comment": "Late words.", "way": "in_place"})
    assert answer.status_code == 409 and "for 15 minutes after it is confirmed" in answer.text
    assert "Late words." in answer.text and now(comment).text == "Well said."


def test_while_a_moderator_has_claimed_it_its_words_stay(client: Client, post: Post, mo: User) -> None:
    comment = make_comment(post)
    form = {**Fields(client.get(status_url(comment, "edit")).text).values, "comment": "Other words."}
    assert claims.claim(comment, mo)
    answer = client.post(status_url(comment, "edit"), form)
    assert answer.status_code == 409 and "are reading your comment" in answer.text and "Other words." in answer.text
    with pytest.raises(TooLate):
        do_edit(now(comment), Revision.Way.IN_PLACE, "Other words.")
    assert now(comment).text == "Well said."


def test_a_published_comment_keeps_its_words_until_the_edit_is_approved(client: Client, post: Post) -> None:
    comment = make_comment(post, "approved")
    page = client.get(edit(client, comment, "Very well said.").url).text
    assert "Awaiting moderation" in page and "Very well said." in page
    assert "Very well said." not in client.get(post.get_absolute_url()).text
    assert (now(comment).text, now(comment).version, now(comment).edition) == ("Well said.", 2, 1)
    assert Revision.objects.get().state == "waiting"


def test_a_second_edit_replaces_the_one_that_waits(client: Client, post: Post) -> None:
    comment = make_comment(post, "approved")
    edit(client, comment, "One.")
    assert Fields(client.get(status_url(comment, "edit")).text).values["comment"] == "One."
    edit(client, comment, "Two.")
    states = Revision.objects.values_list("text", "state")
    assert list(states) == [("One.", "replaced"), ("Two.", "waiting")]


def test_a_refused_comment_is_changed_and_sent_again_once(client: Client, post: Post, mo: User) -> None:
    comment = make_refused(post, mo)
    page = client.get(status_url(comment, "edit")).text
    assert "Stay on topic" in page and "You can do this once" in page
    assert "You have sent your comment again" in client.get(edit(client, comment, "On topic.").url).text
    assert (now(comment).state, now(comment).text) == ("pending", "On topic.")

    now(comment).decide(Decision.Outcome.REJECTED, by=mo, version=now(comment).version, note="No.")
    answer = client.post(status_url(comment, "edit"), {"comment": "Once more.", "way": "again"})
    assert answer.status_code == 409 and "which is possible once" in answer.text and "Once more." in answer.text


def test_sent_again_its_promise_counts_anew(client: Client, post: Post, mo: User, time_machine) -> None:
    post.blog.promise_hours = 24
    post.blog.save()
    comment = make_refused(post, mo, due_at=timezone.now())
    time_machine.move_to(timezone.now() + datetime.timedelta(days=9))
    edit(client, comment, "On topic.")
    again = now(comment)
    assert timezone.now() - again.confirmed_at < MINUTE
    assert again.due_at == again.confirmed_at + datetime.timedelta(hours=24)


def test_a_refused_comment_has_to_be_changed(client: Client, post: Post, mo: User) -> None:
    answer = edit(client, make_refused(post, mo), "Well said.")
    assert answer.status_code == 422 and "Change your comment before you send it again" in answer.text


def test_while_an_appeal_is_open_it_is_not_sent_again(client: Client, post: Post, mo: User) -> None:
    comment = make_refused(post, mo)
    send(client, comment, "appeal", words="It is on topic.")
    assert "Your appeal is not answered yet" in client.get(status_url(comment, "edit")).text


@pytest.mark.parametrize("state", ["pending", "approved"])
def test_it_is_changed_so_often_and_no_more(client: Client, post: Post, state: str, settings) -> None:
    comment = make_comment(post, state)
    settings.COMMENT_EDITS = 3
    for number in range(3):
        assert edit(client, comment, f"Words {number}").status_code == 302
    answer = client.post(status_url(comment, "edit"), {"comment": "More", "way": "published"})
    assert answer.status_code == 409 and "3 times" in answer.text
    assert Revision.objects.count() == 3


def test_a_decision_meanwhile_is_told_and_the_words_are_kept(client: Client, post: Post, mo: User) -> None:
    comment = make_comment(post)
    form = Fields(client.get(status_url(comment, "edit")).text).values
    comment.decide(Decision.Outcome.APPROVED, by=mo, version=1)
    answer = client.post(status_url(comment, "edit"), {**form, "comment": "My words."})
    assert answer.status_code == 422 and "Our moderators decided while you wrote" in answer.text
    again = Fields(answer.text).values
    assert again["comment"] == "My words." and not Revision.objects.exists()
    assert client.post(status_url(comment, "edit"), again).status_code == 302
    assert now(comment).text == "Well said." and Revision.objects.get().text == "My words."


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("", "Enter your comment"),
        (" \u200b\n", "Enter your comment"),
        ("x" * 5001, "Comment must be 5000 characters or less"),
    ],
)
@pytest.mark.parametrize("state", ["pending", "approved"])
def test_the_rules_are_those_of_the_form(client: Client, post: Post, state: str, typed: str, message: str) -> None:
    answer = edit(client, make_comment(post, state), typed)
    assert answer.status_code == 422 and message in answer.text and "<title>Error: " in answer.text
    assert not Revision.objects.exists()


@pytest.mark.parametrize("state", ["pending", "approved"])
def test_the_words_are_cleaned_and_looked_at_as_new_ones_are(client: Client, post: Post, state: str) -> None:
    comment = make_comment(post, state)
    edit(client, comment, "Ring me\u202e on 07700 900123\r\n<b>now</b>, and about the bridge, too\0 ")
    words = "Ring me on 07700 900123\n<b>now</b>, and about the bridge, too"
    revision = Revision.objects.get()
    assert revision.text == words and "&lt;b&gt;now" in revision.html
    assert [entry["kind"] for entry in revision.held] == ["phone"]
    if state == "pending":
        assert now(comment).text == words and now(comment).held == revision.held and now(comment).fingerprint


def test_the_same_words_change_nothing(client: Client, post: Post) -> None:
    comment = make_comment(post)
    assert "Nothing was changed" in client.get(edit(client, comment, "Well said. ").url).text
    assert now(comment).version == 1 and not Revision.objects.exists()


def test_a_second_press_is_harmless(client: Client, post: Post) -> None:
    comment = make_comment(post, "approved")
    form = {**Fields(client.get(status_url(comment, "edit")).text).values, "comment": "Once."}
    assert [client.post(status_url(comment, "edit"), form).status_code for _ in range(2)] == [302, 302]
    assert Revision.objects.count() == 1


def test_where_comments_are_closed_nothing_is_changed(client: Client, post: Post) -> None:
    comment = make_comment(post, "approved")
    post.comments_open = False
    post.save()
    answer = client.post(status_url(comment, "edit"), {"comment": "Words.", "way": "published"})
    assert answer.status_code == 409 and "Comments on this post are closed" in answer.text


@pytest.mark.parametrize("way", ["", "x", "published", "again", "\0"])
def test_a_made_up_way_is_not_taken(client: Client, post: Post, way: str) -> None:
    comment = make_comment(post)
    assert client.post(status_url(comment, "edit"), {"comment": "Words.", "way": way}).status_code == 422
    assert now(comment).text == "Well said."


def test_links_of_another_kind_are_dead(client: Client, post: Post) -> None:
    comment = make_comment(post)
    for purpose in ["comment-confirm", "comment-sent", "replies-end"]:
        assert_dead(client, f"/comments/status/{token_for(purpose, comment.pk)}/edit/")


def test_a_press_on_another_site_is_refused(client: Client, post: Post) -> None:
    headers = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    url = status_url(make_comment(post), "edit")
    assert client.post(url, {"comment": "Words.", "way": "in_place"}, headers=headers).status_code == 403


def test_it_takes_few_queries(client: Client, post: Post, django_assert_max_num_queries) -> None:
    comment = make_comment(post, "approved")
    edit(client, comment, "Other words.")
    for act, most in [("", 6), ("edit", 7), ("withdraw", 6)]:
        with django_assert_max_num_queries(most):
            client.get(status_url(comment, act))


def test_a_reply_knows_which_edition_it_answers(client: Client, post: Post) -> None:
    comment = make_comment(post, "approved", edition=3)
    reply = Comment.objects.submit(
        network="n", post=post, parent=comment, name="Bob", address="b@example.org", text="Ah.", notice=comment.notice
    )
    assert reply.parent_edition == 3


@pytest.mark.django_db(transaction=True)
def test_of_an_edit_and_a_decision_at_once_one_wins_and_the_other_is_told(blog: Blog) -> None:
    post, mo, client = make_post(blog), make_moderator(blog), Client()
    for _ in range(6):
        comment = make_comment(post)
        form = Fields(client.get(status_url(comment, "edit")).text).values | {"comment": "Other words."}

        def approve(comment: Comment = comment) -> bool:
            try:
                comment.decide(Decision.Outcome.APPROVED, by=mo, version=1)
            except (Overtaken, NotPossible):
                return False
            return True

        def change(url: str = status_url(comment, "edit"), form: dict[str, str] = form) -> int:
            return Client().post(url, form).status_code

        approved, status = at_once([approve, change])
        found = now(comment)
        assert (approved, status == 302) in {(True, False), (False, True)}
        assert (found.state, found.text) == (("approved", "Well said.") if approved else ("pending", "Other words."))


@pytest.mark.django_db(transaction=True)
def test_of_ten_edits_at_once_one_waits(blog: Blog) -> None:
    comment = make_comment(make_post(blog), "approved")
    url = status_url(comment, "edit")
    forms = [{"comment": f"Words {number}", "way": "published"} for number in range(10)]
    answers = at_once([lambda form=form: Client().post(url, form).status_code for form in forms])
    assert set(answers) <= {302, 409} and answers.count(302) == Revision.objects.count() >= 1
    assert Revision.objects.filter(state="waiting").count() == 1
