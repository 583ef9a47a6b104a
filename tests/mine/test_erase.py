"""/my/<token>/erasure/: afterwards, the address, the name and the words stand in no table and no column."""

import datetime
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db.models import F
from django.test import Client
from django.utils import timezone

from blog.models import Post
from mail.models import Delivery, Mailout, SoftBounce, Suppression
from moderation import appeals, digests, editing, spam
from moderation import tasks as moderation_tasks
from moderation.models import Comment, Decision, Moderator
from moderation.notes import Note
from moderation.reports import Report
from moderation.teams import Team
from sharing.models import Alert, Subscription
from tests.at_once import at_once
from tests.database import where_in_database, whole_database
from tests.factories import make_comment, make_moderator, make_post, make_reason, make_subscription
from tests.moderation.reader import link, send_comment

pytestmark = pytest.mark.django_db
ADDRESS = "ann.abel@example.org"
NAME, WORDS = "Annabel Unlikely", "Quuxwords"
TRACES = ["ann.abel", "unlikely", "quuxwords", "dear annabel"]
APPROVED, REJECTED = Decision.Outcome.APPROVED, Decision.Outcome.REJECTED


@dataclass
class Life:
    """Writes Ann's history through the pages and verbs that anybody uses."""

    send_mail: Callable[[], list[Any]]
    mo: User
    written: int = 0

    def comment(self, post: Post, **changed: Any) -> Comment:
        """A confirmed comment of Ann's."""
        self.written += 1
        text = f"{WORDS} number {self.written}: write to {ADDRESS} about it"
        fields = {"name": NAME, "email": ADDRESS, "comment": text, "accepted": "email", **changed}
        host, browser = {"Host": post.blog.host}, Client()  # a new one each time: it remembers no proof
        answer = send_comment(browser, post, headers=host, **fields)
        assert answer.status_code == 302, answer.text
        comment = Comment.objects.latest("pk")
        browser.post(link(self.send_mail()[-1], "confirm"), headers=host)
        comment.refresh_from_db()
        assert comment.state == "pending"
        return comment

    def decide(self, comment: Comment, *outcomes: Decision.Outcome) -> Comment:
        """Decisions, one after the other, each with words to Ann."""
        for outcome in outcomes:
            comment.refresh_from_db()
            reason = make_reason(comment.post.blog) if outcome == REJECTED else None
            comment.decide(outcome, by=self.mo, version=comment.version, reason=reason, note=f"Dear Annabel, {outcome}")
        self.send_mail()
        return comment


@pytest.fixture
def life(post: Post, send_mail, settings) -> Life:
    settings.UNDO_SECONDS = settings.REPLY_DELAY_SECONDS = 0
    settings.MAIL_PER_MAILBOX, settings.CONFIRMATIONS = (99, 99), (99, 99)
    return Life(send_mail, make_moderator(post.blog))


def bob(post: Post, **fields: Any) -> Comment:
    """What Bob wrote, on the page."""
    return make_comment(post, "approved", name="Bob", address="bob@example.org", text="Bob’s words.", **fields)


def live(life: Life, post: Post, far: Post) -> Comment:
    """All that can happen to a person here. Returns the comment of hers that Bob has answered."""
    answered = life.decide(life.comment(post, wants_replies="on"), REJECTED, Decision.Outcome.UNDONE, APPROVED)
    waiting = bob(post, parent=answered, root=answered)
    to_bob = bob(post, wants_replies=True, digest="b")
    life.decide(life.comment(post, parent=str(to_bob.pk)), APPROVED)
    make_comment(post, parent=answered, root=answered, name="Cat", address="cat@example.org").decide(
        APPROVED, by=life.mo, version=1
    )
    moderation_tasks.raise_reply_notices()
    life.send_mail()
    assert Mailout.objects.filter(kind="comment-replies", text__contains=NAME).exists(), "Bob was told of Ann"

    refused = life.decide(life.comment(post), REJECTED)
    appeals.appeal(refused, f"{WORDS} in an appeal")
    edited = life.decide(life.comment(post), APPROVED)
    edited.refresh_from_db()
    editing.edit(edited, editing.way_of(edited), f"{WORDS} in an edit")
    life.decide(life.comment(post), Decision.Outcome.SPAM)
    passed, team = life.comment(post), Team.objects.create(blog=post.blog, name="Desk", address="desk@example.com")
    passed.decide(Decision.Outcome.PASSED, by=life.mo, version=passed.version, team=team)
    User.objects.filter(pk=life.mo.pk).update(email="mo@example.com")
    Moderator.objects.filter(user=life.mo).update(mail_every="hour", mail_words=True, mailed_at=None)
    life.comment(post)
    assert digests.owe_due() == 1
    life.send_mail()
    assert Mailout.objects.filter(kind__in=["comment-for-team", "moderator-digest"], text__contains=WORDS).count() == 2
    life.comment(far).withdraw()
    life.comment(far)
    send_comment(Client(), post, name=NAME, email="Ann.Abel@EXAMPLE.org", comment=f"{WORDS} never confirmed")

    Note.objects.add(refused, life.mo, f"{NAME} again", about_writer=True)
    Note.objects.add(answered, life.mo, f"{WORDS} is odd")
    Report.objects.make(answered, "192.0.2.0/24", "abuse", f"{NAME} is rude")
    spam.learn(Decision.objects.order_by("pk"))

    for blog in [post.blog, far.blog]:
        make_subscription(blog, ADDRESS)
    make_subscription(post.blog, "Ann.Abel@example.org", state="unconfirmed")
    Alert.objects.raise_for(make_post(far.blog, title="News"))
    life.send_mail()
    Delivery.objects.filter(address__iexact=ADDRESS).update(code=f"550 5.1.1 <{ADDRESS}>: unknown")
    SoftBounce.objects.create(mailbox=answered.mailbox, day=timezone.now().date())
    Alert.objects.raise_for(held := make_post(post.blog, title="News that has not left"))
    Alert.objects.get(post=held).mailout.pause()
    assert waiting.parent == answered
    return answered


def traces() -> dict[str, list[str]]:
    """Where in the whole database each of her traces stands."""
    return {words: found for words in TRACES if (found := where_in_database(words))}


def erase(client: Client, ask: Callable[..., str]) -> Any:
    """By the mailed link and its button."""
    url = f"{ask(ADDRESS)}erasure/"
    assert "Erase everything that we hold about you?" in client.get(url).text
    return client.post(url)


def test_nothing_of_her_is_left_in_any_column_of_any_table(client: Client, life: Life, post: Post, far, ask) -> None:
    mailbox = live(life, post, far).mailbox
    before = traces()
    assert set(before) == set(TRACES) and {"mail_delivery", "moderation_comment"} <= set(before["ann.abel"])
    page = erase(client, ask)
    assert "We have erased what we held about you" in page.text
    assert traces() == {}
    assert where_in_database(mailbox) == [], "nor the hash that stands for her mailbox"


def test_the_threads_keep_their_shape(client: Client, life: Life, post: Post, far: Post, ask) -> None:
    answered = live(life, post, far)
    shape = list(Comment.objects.filter(name__in=["Bob", "Cat"]).order_by("pk").values_list("pk", "parent", "root"))
    erase(client, ask)
    left = Comment.objects.get(name="")
    assert (left.pk, left.state, left.text, left.html, left.digest, left.held) == (
        answered.pk,
        "withdrawn",
        "",
        "",
        None,
        [],
    )
    now = Comment.objects.filter(name__in=["Bob", "Cat"]).order_by("pk").values_list("pk", "parent", "root")
    assert list(now) == shape
    page = client.get(post.get_absolute_url()).text
    assert page.count("Bob’s words.") >= 2 and NAME not in page and WORDS not in page


def test_decisions_stay_as_figures_without_words(client: Client, life: Life, post: Post, far: Post, ask) -> None:
    answered = live(life, post, far)
    erase(client, ask)
    assert set(answered.decisions.values_list("outcome", "note")) == {
        ("rejected", ""),
        ("undone", ""),
        ("approved", ""),
    }


def test_others_lose_nothing(client: Client, life: Life, post: Post, far: Post, ask) -> None:
    live(life, post, far)
    make_subscription(far.blog, "bob@example.org")
    theirs = Delivery.objects.filter(address="bob@example.org").count()
    erase(client, ask)
    assert Comment.objects.filter(address="bob@example.org").count() == 2
    assert Subscription.objects.get(address="bob@example.org").state == "confirmed"
    assert Delivery.objects.filter(address="bob@example.org").count() == theirs > 0


def test_no_mail_leaves_afterwards(client: Client, life: Life, post: Post, far: Post, ask, send_mail) -> None:
    live(life, post, far)
    erase(client, ask)
    sent = len(send_mail())
    moderation_tasks.raise_reply_notices()
    Delivery.objects.update(due_at=timezone.now())
    assert all(mail.to != [ADDRESS] for mail in send_mail()[sent:])


def test_the_wish_for_no_mail_stays_as_a_hash(client: Client, life: Life, post: Post, far: Post, ask) -> None:
    comment = life.comment(post)
    url = ask(ADDRESS)
    Suppression.objects.add_mailbox(comment.mailbox, "asked")
    client.post(f"{url}erasure/")
    assert where_in_database(comment.mailbox) == ["mail_suppression"] and traces() == {}


def test_the_link_ends_with_what_it_led_to(client: Client, life: Life, post: Post, ask) -> None:
    life.comment(post)
    url = ask(ADDRESS)
    client.post(f"{url}erasure/")
    before = whole_database()
    for path in ["", "data.json", "data.csv", "erasure/"]:
        assert client.get(url + path).status_code == 410
    assert client.post(f"{url}erasure/").status_code == 410 and whole_database() == before


def test_the_ledger_still_adds_up(client: Client, life: Life, post: Post, far: Post, ask) -> None:
    live(life, post, far)
    erase(client, ask)
    assert Mailout.objects.unbalanced() == []


def test_the_command_does_the_same_for_all_spellings(life: Life, post: Post, far: Post) -> None:
    live(life, post, far)
    make_subscription(far.blog, "ann.abel+news@example.org")
    call_command("erase_person", "ANN.ABEL@example.org")
    assert traces() == {}


def test_her_own_answers_to_herself_go_with_her(client: Client, life: Life, post: Post, ask) -> None:
    first = life.decide(life.comment(post), APPROVED)
    second = life.decide(life.comment(post, parent=str(first.pk)), APPROVED)
    life.decide(life.comment(post, parent=str(second.pk)), APPROVED)
    erase(client, ask)
    assert not Comment.objects.exists()


def test_an_answer_that_awaits_a_decision_keeps_its_place(client: Client, life: Life, post: Post, ask) -> None:
    first = life.decide(life.comment(post), APPROVED)
    reply = make_comment(post, parent=first, root=first, address="bob@example.org", name="Bob")
    erase(client, ask)
    reply.refresh_from_db()
    assert reply.parent == first and traces() == {}


@pytest.mark.django_db(transaction=True)
def test_pressing_twice_at_once_erases_once(client: Client, life: Life, post: Post, ask) -> None:
    for _ in range(3):
        life.comment(post)
    url = f"{ask(ADDRESS)}erasure/"
    statuses: list[int] = []
    at_once([lambda: statuses.append(Client().post(url).status_code) for _ in range(4)])
    assert traces() == {} and set(statuses) <= {200, 410} and 200 in statuses


def test_withdrawn_words_go_by_the_clock_and_leave_the_place(life: Life, post: Post) -> None:
    answered = life.decide(life.comment(post), APPROVED)
    reply = bob(post, parent=answered, root=answered)
    life.comment(post).withdraw()
    answered.withdraw()
    Comment.objects.update(decided_at=F("decided_at") - datetime.timedelta(days=29))
    moderation_tasks.forget()
    assert "quuxwords" in traces()
    Comment.objects.update(decided_at=F("decided_at") - datetime.timedelta(days=2))
    moderation_tasks.forget()
    assert not _in_comments(["quuxwords", "unlikely", "ann.abel"])
    reply.refresh_from_db()
    assert reply.parent == answered and Comment.objects.count() == 2


def _in_comments(words: Iterable[str]) -> list[str]:
    return [word for word in words if "moderation_comment" in where_in_database(word)]
