"""What a reader of a post does: fill in the form as it stands there, open a mail's link, press its button."""

import re
from html.parser import HTMLParser
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from blog.models import Post
from postbag import tokens


def written(post: Post, /, **changed: Any) -> dict[str, Any]:
    """Ann's comment on `post`, as its form sends it."""
    ann = {"comment": "Well said.", "name": "Ann", "email": "ann@example.org", "parent": "", "homepage": ""}
    return {**ann, "notice": str(post.blog.notices.first().pk), "stamp": stamped(post), **changed}


def stamped(post: Post, seconds: int = 60) -> str:
    """The stamp in a form of `post` that was opened so long ago."""
    return tokens.make(f"form of post {post.pk}", int(timezone.now().timestamp()) - seconds)


def send_comment(client: Client, post: Post, /, headers: dict[str, str] | None = None, **changed: Any) -> HttpResponse:
    """Send the form of `post`."""
    return client.post(comments_url(post), written(post, **changed), headers=headers)


def comments_url(post: Post) -> str:
    """Where the form of `post` goes."""
    return f"/comments/new/{post.pk}/"


def link(mail: Any, part: str) -> str:
    """The path of the link in a mail's text that has `part` in it."""
    found = re.search(rf"https?://[^/\s]+(/\S*{part}\S*)", mail.body)
    assert found, mail.body
    return found[1]


def code_in(mail: Any) -> str:
    """The code in a mail's text, which stands on a line of its own."""
    found = re.search(r"^(\d{6})$", mail.body, re.MULTILINE)
    assert found, mail.body
    return found[1]


class Fields(HTMLParser):
    """What a browser would send of the fields on a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self.typing = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        name, found = "", dict(attributes)
        if tag in {"input", "textarea"}:
            name = found.get("name") or ""
            self.values[name] = found.get("value") or ""
        self.typing = name if tag == "textarea" else ""

    def handle_endtag(self, tag: str) -> None:
        self.typing = ""

    def handle_data(self, data: str) -> None:
        if self.typing:
            self.values[self.typing] += data if self.values[self.typing] else data.removeprefix("\n")


def send_again(client: Client, post: Post, page: HttpResponse) -> HttpResponse:
    """Send the form as it stands on the page that came back."""
    return client.post(comments_url(post), Fields(page.text).values)
