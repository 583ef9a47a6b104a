"""What is listed as abuse is read by nobody at the desk who has not chosen to."""

import html
import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from blog.models import Post
from mail.models import Mailout
from moderation import digests, editing
from moderation.models import Comment, Moderator, Revision
from moderation.reports import Report
from tests.factories import make_comment
from tests.moderation.writer import now

pytestmark = pytest.mark.django_db
BLURRED: dict[str, Any] = {"held": [{"kind": "listed-words", "start": 0, "end": 6, "blur": True}], "is_held": True}


def in_clear(desk: Client, url: str) -> str:
    """The page's main part, without what is closed."""
    return without_closed(desk.get(url).text)


def without_closed(page: str) -> str:
    return html.unescape(re.sub(r"<details.*?</details>", "", page[page.index("<main") :], flags=re.DOTALL))


def page_of(comment: Comment) -> str:
    return reverse("desk-comment", args=[comment.pk])


def test_in_a_mail_with_words_it_is_not_quoted(post: Post, mo: User) -> None:
    User.objects.update(email="mo@example.org")
    Moderator.objects.update(mail_every="hour", mail_words=True)
    make_comment(post, text="FILTHY abuse", **BLURRED)
    make_comment(post, text="Kind words")
    digests.owe_due()
    mail = Mailout.objects.get()
    for part in [mail.text, mail.html]:
        assert "FILTHY" not in part and "it may be abusive" in part and "Kind words" in part


def test_what_a_comment_replies_to_is_closed(desk: Client, post: Post) -> None:
    parent = make_comment(post, "approved", text="FILTHY abuse", **BLURRED)
    reply = make_comment(post, parent=parent, text="So there.")
    for url in [page_of(reply), "/desk/"]:
        assert "FILTHY" not in in_clear(desk, url) and "So there." in in_clear(desk, url)
        assert "FILTHY" in desk.get(url).text
    assert desk.get("/desk/").text.count("which may be abusive") == 1, "to open the reply's context is no choice yet"


def test_what_a_report_quotes_of_it_is_closed(desk: Client, post: Post) -> None:
    comment = make_comment(post, "approved", text="FILTHY abuse", **BLURRED)
    Report.objects.create(comment=comment, reporter="r", kind="abuse", words="They wrote FILTHY", weight=50)
    for url in [page_of(comment), "/desk/reported/"]:
        assert "They wrote" not in in_clear(desk, url) and "They wrote FILTHY" in desk.get(url).text


def test_what_an_official_reply_answers_is_closed(desk: Client, post: Post) -> None:
    Moderator.objects.update(name="Mo")
    url = reverse("desk-official-reply", args=[make_comment(post, text="FILTHY abuse", **BLURRED).pk])
    assert "FILTHY" not in in_clear(desk, url) and "FILTHY" in desk.get(url).text


@pytest.mark.parametrize("abuse_is_new", [True, False])
def test_an_edit_is_closed_when_either_text_is_abuse(desk: Client, post: Post, abuse_is_new: bool) -> None:
    old, new = ("Kind words", "FILTHY abuse") if abuse_is_new else ("FILTHY abuse", "Kind words")
    comment = make_comment(post, "approved", text=old, **({} if abuse_is_new else BLURRED))
    revision = editing.edit(comment, Revision.Way.PUBLISHED, new)
    Revision.objects.filter(pk=revision.pk).update(held=BLURRED["held"] if abuse_is_new else [])
    for url in [page_of(comment), "/desk/edits/"]:
        assert "FILTHY" not in in_clear(desk, url) and "FILTHY" in desk.get(url).text


def test_what_an_overtaken_moderator_read_is_closed(desk: Client, post: Post) -> None:
    """Of words that have gone nobody knows what held them, so they are closed like the history's."""
    comment = make_comment(post, text="FILTHY abuse", **BLURRED)
    editing.edit(now(comment), Revision.Way.IN_PLACE, "Kind words")
    url = reverse("desk-decision", args=[comment.pk])
    page = desk.post(url, {"outcome": "approved", "version": comment.version}).text
    assert "What you read" in page and "FILTHY" in page and "FILTHY" not in without_closed(page)


def test_the_history_of_its_words_is_closed(desk: Client, post: Post) -> None:
    comment = make_comment(post, text="FILTHY abuse", **BLURRED)
    editing.edit(now(comment), Revision.Way.IN_PLACE, "Kind words")
    assert "FILTHY" not in in_clear(desk, page_of(comment)) and "FILTHY" in desk.get(page_of(comment)).text
