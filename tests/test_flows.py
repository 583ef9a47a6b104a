"""The promises, from end to end: only addresses of pages, and the mails."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client

from blog.models import Blog, Post
from moderation.models import Reason
from sharing.models import Alert
from tests.factories import make_post
from tests.moderation.reader import Fields

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fast_hands(settings) -> None:
    """Tests fill in a form faster than people can."""
    settings.COMMENT_SECONDS = 0


def links(mail: object, part: str) -> str:
    """The path of the link in a mail's text that has `part` in it."""
    found = re.search(rf"https?://[^/\s]+(/\S*{part}\S*)", mail.body)
    assert found, mail.body
    return found[1]


def write_comment(client: Client, post: Post, **changed: str) -> object:
    """Fill in the form as it stands on the post's page, and send it."""
    page = client.get(post.get_absolute_url()).text
    goes_to = re.search(r'action="(/comments/new/\d+/)', page)[1]
    written = {"comment": "Well said.", "name": "Ann", "email": "ann@example.org", **changed}
    return client.post(goes_to, {**Fields(page).values, **written})


def sign_in(client: Client) -> None:
    User.objects.create_superuser("mo", password="correct horse battery")
    client.force_login(User.objects.get(username="mo"))


def test_ann_comments_and_mo_approves(blog: Blog, client: Client, send_mail) -> None:
    post = make_post(blog)
    assert "Check your email" in client.get(write_comment(client, post).url).text
    confirm = links(send_mail()[0], "confirm")
    assert "Well said." not in client.get(post.get_absolute_url()).text
    status = client.post(confirm).url
    assert "Awaiting moderation" in client.get(status).text

    desk = Client()
    sign_in(desk)
    queue = desk.get("/desk/").text
    assert "Well said." in queue
    decision = re.search(r'action="(/desk/comments/\d+/decision/)"', queue)[1]
    version = re.search(r'name="version" value="(\d+)"', queue)[1]
    desk.post(decision, {"outcome": "approved", "version": version})
    assert "Well said." in client.get(post.get_absolute_url()).text
    assert "Published" in client.get(status).text


def test_a_refused_comment_is_explained(blog: Blog, client: Client, send_mail, settings) -> None:
    settings.UNDO_SECONDS = 0
    reason = Reason.objects.create(blog=blog, title="Stay on topic", explanation="It is about boats.")
    write_comment(client, make_post(blog))
    status = client.post(links(send_mail()[0], "confirm")).url
    desk = Client()
    sign_in(desk)
    number = re.search(r"/desk/comments/(\d+)/", desk.get("/desk/").text)[1]
    desk.post(f"/desk/comments/{number}/decision/", {"outcome": "rejected", "version": 2, "reason": reason.pk})
    told = send_mail()[-1]
    assert "It is about boats." in told.body
    assert "It is about boats." in client.get(status).text


def test_sue_gets_one_alert_and_ends_them_in_one_press(blog: Blog, client: Client, send_mail) -> None:
    page = client.get("/subscribe/").text
    notice = re.search(r'name="notice" value="(\d+)"', page)[1]
    client.post("/subscribe/", {"email": "sue@example.org", "notice": notice})
    client.post(links(send_mail()[0], "confirm"))
    make_post(blog, title="A new bridge")
    for _ in range(2):
        Alert.objects.raise_due()
        mails = send_mail()
    assert [mail.subject for mail in mails[1:]] == ["A new bridge"]
    alert = mails[1]
    one_click = alert.extra_headers["List-Unsubscribe"].strip("<>").removeprefix("http://testserver")
    assert Client(enforce_csrf_checks=True).post(one_click, {"List-Unsubscribe": "One-Click"}).status_code == 200
    make_post(blog, title="Another bridge")
    Alert.objects.raise_due()
    assert len(send_mail()) == 2


def test_mo_signs_in_as_a_browser_does(blog: Blog) -> None:
    User.objects.create_superuser("mo", password="correct horse battery")
    desk = Client(enforce_csrf_checks=True)
    page = desk.get("/desk/sign-in/")
    assert page["Referrer-Policy"] == "same-origin"  # else browsers send Origin: null, and CSRF fails
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)[1]
    written = {"login": "mo", "password": "correct horse battery", "csrfmiddlewaretoken": token}
    assert desk.post("/desk/sign-in/", written, headers={"Origin": "http://testserver"}).url == "/desk/"


def test_mo_sees_the_decision_and_undoes_it(blog: Blog, client: Client, send_mail) -> None:
    write_comment(client, make_post(blog))
    client.post(links(send_mail()[0], "confirm"))
    desk = Client()
    sign_in(desk)
    number = re.search(r"/desk/comments/(\d+)/", desk.get("/desk/").text)[1]
    decided = desk.post(f"/desk/comments/{number}/decision/", {"outcome": "approved", "version": 2}, follow=True).text
    assert "Approved: the comment by Ann" in " ".join(decided.split())
    undone = desk.post(f"/desk/comments/{number}/decision/", {"outcome": "undone", "version": 3}, follow=True).text
    assert "Well said." in undone
    assert "Put back in the queue" in desk.get(f"/desk/comments/{number}/").text
