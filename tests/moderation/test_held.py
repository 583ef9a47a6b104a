"""What the desk is told of a comment: by the rules, when it is sent and again when its address is proved."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from blog.models import Post
from moderation import compared, rules
from moderation.compared import Compared
from moderation.models import Comment, Moderator
from moderation.repeats import fingerprint
from tests.factories import make_author, make_blog, make_comment, make_notice, make_post
from tests.moderation.reader import send_comment

pytestmark = pytest.mark.django_db
TEXT = "We tried this in our office last year and it works well, see the notes that my colleagues wrote about it."


def kinds(comment: Comment | None = None) -> list[str]:
    """What is held against it, or against the newest."""
    comment = comment or Comment.objects.latest("pk")
    comment.refresh_from_db()
    return [entry["kind"] for entry in comment.held]


def test_an_honest_comment_is_held_for_nothing(client: Client, post: Post) -> None:
    make_author(post.blog)
    assert send_comment(client, post, comment=TEXT).status_code == 302
    assert kinds() == []


def test_a_name_like_an_authors_is_held_with_that_name(client: Client, post: Post) -> None:
    make_author(post.blog, "Priya Nair")
    send_comment(client, post, name="Рrіуа Nаіr")
    assert Comment.objects.get().held == [{"kind": "lookalike-name", "about": "Priya Nair"}]


def test_a_name_like_a_moderators_the_blogs_or_an_office_is_held(client: Client, post: Post, mo: User) -> None:
    Moderator.objects.filter(user=mo).update(name="Mo Farah-Jones")
    post.blog.organisation = "Department for Parks"
    post.blog.save()
    for name in ["MO FARAH JONES", "D\u200bigital blog", "Department for Pаrks", "Аdmin", "GOV.UK", "M0derator"]:
        send_comment(client, post, name=name)
        assert kinds() == ["lookalike-name"], name


def test_so_is_the_full_name_by_which_readers_know_a_moderator(client: Client, post: Post, mo: User) -> None:
    User.objects.filter(pk=mo.pk).update(first_name="Mo", last_name="Farah-Jones")
    send_comment(client, post, name="Mo Fаrah Jones")
    assert Comment.objects.get().held == [{"kind": "lookalike-name", "about": "Mo Farah-Jones"}]
    Moderator.objects.update(name="Another")
    send_comment(client, post, name="Mo Farah-Jones", email="b@example.org")
    assert kinds() == [], "nobody knows that one"


def test_the_staff_of_another_blog_do_not_count(client: Client, post: Post) -> None:
    make_author(make_blog(address="http://other.example"), "Priya Nair")
    send_comment(client, post, name="Priya Nair")
    assert kinds() == []


def test_nearly_the_same_words_under_two_posts_are_held(client: Client, post: Post) -> None:
    send_comment(client, make_post(post.blog, title="Another"), comment=TEXT, email="x@example.org")
    assert kinds() == []
    send_comment(client, post, comment=TEXT.replace("well", "fine"), email="y@example.org")
    assert Comment.objects.latest("pk").held == [{"kind": "repeated-text", "about": "1"}]


def test_the_same_form_twice_is_no_repetition(client: Client, post: Post) -> None:
    for _ in range(2):
        send_comment(client, post, comment=TEXT)
    comment = Comment.objects.get()
    comment.confirm()
    assert kinds(comment) == ["first-time"]


def test_the_desk_is_told_of_a_writer_s_first_comment_which_holds_nothing(
    client: Client, desk: Client, post: Post
) -> None:
    first, second = make_comment(post, "unconfirmed"), make_comment(post, "unconfirmed", name="Ann again", text=TEXT)
    for comment in [first, second]:
        comment.confirm()
    assert (kinds(first), kinds(second), first.is_held) == (["first-time"], [], False)
    queue, told = desk.get("/desk/").text, desk.get("/desk/?kind=first-time").text
    assert queue.count("First comment here</strong>") == told.count("First comment here</strong>") == 1
    assert "Ann again" in queue and "Ann again" not in told and "<article" not in desk.get("/desk/held/").text


def test_elsewhere_and_unconfirmed_ones_are_no_first_comment(post: Post) -> None:
    other = make_blog(address="http://other.example")
    make_notice(other)
    make_comment(make_post(other))
    make_comment(post, "unconfirmed", text="Never confirmed.")
    comment = make_comment(post, "unconfirmed", text=TEXT)
    comment.confirm()
    assert kinds(comment) == ["first-time"]


def test_what_was_stored_up_is_known_when_it_is_confirmed(client: Client, post: Post) -> None:
    for number in range(3):
        send_comment(client, post, comment=TEXT, email=f"a{number}@example.org", name=f"Ann {number}a")
    first = Comment.objects.earliest("pk")
    assert kinds(first) == []
    first.confirm()
    assert first.held == [{"kind": "repeated-text", "about": "2"}, {"kind": "first-time"}]


def test_only_comments_of_late_are_compared(client: Client, post: Post, monkeypatch) -> None:
    monkeypatch.setattr(compared, "RECENT", 2)
    make_comment(post, text=TEXT, fingerprint=fingerprint(TEXT))
    for name in ["Bob", "Cy"]:
        make_comment(post, name=name)
    send_comment(client, post, comment=TEXT)
    assert kinds() == []


@pytest.mark.parametrize(("links", "found"), [(0, []), (2, []), (3, ["link-count"])])
def test_many_links_are_held(client: Client, post: Post, links: int, found: list[str]) -> None:
    send_comment(client, post, comment="See " + " and ".join(f"https://example.org/{n}" for n in range(links)))
    assert kinds() == found


def test_a_rule_that_fails_holds_and_refuses_nothing(client: Client, post: Post, monkeypatch, caplog) -> None:
    def broken(comment: Comment, others: Compared) -> list[rules.Finding]:
        raise RuntimeError(comment.text)

    monkeypatch.setattr(rules, "PHASES", [broken, rules.link_count])
    assert send_comment(client, post, comment="secret words").status_code == 302
    assert Comment.objects.get().held == [{"kind": "rule-failed", "about": "broken"}]
    assert "broken" in caplog.text and "secret" not in caplog.text


def test_a_rule_that_breaks_the_database_breaks_nothing_else(client: Client, post: Post, monkeypatch) -> None:
    def broken(comment: Comment, others: Compared) -> list[rules.Finding]:
        return list(Comment.objects.raw("SELECT nothing FROM nowhere"))

    monkeypatch.setattr(rules, "PHASES", [broken])
    send_comment(client, post)
    comment = Comment.objects.get()
    comment.confirm()
    assert comment.state == Comment.State.PENDING and kinds(comment) == ["rule-failed", "first-time"]


def test_what_is_held_shows_on_the_desk_alone(client: Client, desk: Client, post: Post) -> None:
    send_comment(client, post, name="Admin <b>")
    comment = Comment.objects.get()
    comment.confirm()
    page = desk.get("/desk/").text
    assert "Name like one of ours" in page and "<bdi>admin</bdi>" in page
    Comment.objects.update(state=Comment.State.APPROVED)
    post.blog.raise_page_version()
    assert "like one of ours" not in client.get(post.get_absolute_url()).text
    assert "held" not in client.get(f"/api/v1/posts/{post.pk}/comments/").json()["results"][0]


def test_what_it_is_compared_with_takes_one_query(post: Post, django_assert_num_queries) -> None:
    comment = make_comment(post, text=TEXT, fingerprint=fingerprint(TEXT))
    rules.held(comment)  # the lists are kept from here on
    others = Compared(comment)
    with django_assert_num_queries(1):
        for phase in rules.PHASES:
            phase(comment, others)
