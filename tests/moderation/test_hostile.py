"""Whatever a reader types in whichever field: every page, mail and feed has the elements that plain words give."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

import pytest
from django.contrib.auth.models import User
from django.core.mail import EmailMultiAlternatives
from django.test import Client

from blog.models import Post
from moderation.models import Comment, Decision
from tests.moderation.reader import link, send_again, send_comment

pytestmark = pytest.mark.django_db

MARKUP = [
    "<script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "</title></style></script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)><math><mi//xlink:href='data:x,<script>alert(4)</script>'>",
    "\"><b onmouseover='alert(1)'>x</b>",
    "'><iframe srcdoc='<script>alert(1)</script>'>",
    "<a href='javascript:alert(1)'>x</a> javascript:alert(1)",
    "</p></div></li></ol></section></main></body></html><h1>x",
    "<!--<script>",
    "<![CDATA[<script>]]>",
    "]]></content></entry><entry>",
    "<?xml version='1.0'?><!DOCTYPE x>",
    "&lt;script&gt; &#60;script&#62; &amp;lt;b&amp;gt;",
    "<scr\0ipt>alert(1)</scr\0ipt>",
    "\ufe64script\ufe65 ＜script＞alert(1)＜/script＞",
    "<plaintext><xmp><noscript><template><form action=//evil.example><input name=x>",
    "<base href=//evil.example><meta http-equiv=refresh content=0;url=//evil.example><link rel=stylesheet href=x>",
    "{{ 7*7 }}{% debug %}{% load i18n %}${7*7}#{7*7}{0}{name}{pk!r}%(name)s%s",
    "https://example.org/\"onmouseover='alert(1)'",
    "https://example.org/'><img src=x onerror=alert(1)>",
    "https://example.org/&quot;onclick=&quot;alert(1)",
    "http://ex\u202eample.org/<b>",
    "https://аррӏе.com/?<script>",
]
HEADERS = [
    "Ann\r\nBcc: eve@example.org\r\n\r\n<b>x</b>",
    "Ann\nSubject: x",
    "Ann\rX: y",
    "Ann\0Bcc: x",
    "Ann\u2028Bcc: x\u2029y\x85z\x0bq\x0cr",
    "=?utf-8?q?=3Cscript=3E?= =?utf-8?b?PGI+?=",
    "%0d%0aBcc:%20eve@example.org",
    'eve@example.org, "Eve" <eve@example.org>;',
    "x" * 2000,
]
UNICODE = [
    "a\0b\x01\x1b[31m\x7f\x9f",
    "\u202eevil\u202c \u202dx \u202a\u202b",
    "\u2067\u2067\u2066never closed",
    "\u2069\u2069stray\u2069",
    "\u200f\u200e\u061cאבג 123",
    "Z\u0334" * 3 + "a" + "\u0301" * 500 + "\u20dd" * 50,
    "👩‍👩‍👧‍👦" * 20 + "\U0001f3f4\U000e0067\U000e0062\U000e007f" + "👩" + "\u200d👩" * 100,
    "𝕳𝖊𝖑𝖑𝖔 🄷 \U0010ffff \U000e0041\U000e0042",
    "\ufb2c ﷺ Å \u212b e\u0301 \u0344",
    "Аdmin GОV.UK Priyа",
    "a\u200bb\u200cc\u200dd\u2060e\ufefff\u00adg\u3164h\u115fi" + "\u200b" * 300,
    "\ufffe\uffff\ufdd0\ufff9x\ufffay\ufffb",
]
PAYLOADS = MARKUP + HEADERS + UNICODE

VOID = {"br", "img", "input", "link", "meta", "hr", "area", "base", "col", "embed", "source", "track", "wbr"}
WORDS = {"comment__text", "desk-card__text", "quoted"}  # where text may have paragraphs, breaks, links and marks
PLAIN = {"p": {"dir"}, "br": set(), "mark": set(), "a": {"class", "rel", "dir", "href"}}


class Elements(HTMLParser):
    """A page's elements with the names of their attributes, and where they lead, without those that text may have."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[Any] = []
        self._open: list[str] = []
        self._inside, self._depth = "", 0  # of a reader's words, or of what the rules found, and how deep that stands
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        names, values = {name for name, _ in attributes}, dict(attributes)
        classes = (values.get("class") or "").split()
        if self._inside == "words":
            assert tag in PLAIN and names <= PLAIN[tag], f"<{tag} {attributes}> among a reader's words"
            assert tag != "a" or re.match(r"https?://", values["href"] or ""), values
        elif not self._inside and "desk-held" not in classes:
            self.found.append((tag, *sorted(names), *classes))
            assert not re.match(r"\s*(javascript|data|vbscript):", values.get("href") or values.get("src") or "", re.I)
        if tag not in VOID:
            self._open.append(tag)
            self._enter(set(classes))

    def _enter(self, classes: set[str]) -> None:
        if not self._inside and classes & (WORDS | {"desk-held"}):
            self._inside, self._depth = "words" if classes & WORDS else "held", len(self._open)

    def handle_endtag(self, tag: str) -> None:
        assert tag in VOID or self._open.pop() == tag, f"</{tag}> ends nothing"
        if len(self._open) < self._depth:
            self._inside, self._depth = "", 0

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment in the markup: {data}")

    unknown_decl = handle_pi = handle_comment  # type: ignore[assignment]


def elements(page: str) -> list[Any]:
    return Elements(page).found


@pytest.fixture(autouse=True)
def open_house(settings) -> None:
    """One network may send all of it."""
    settings.MAIL_PER_NETWORK = settings.MAIL_PER_MAILBOX = settings.CONFIRMATIONS = (10_000, 10_000)
    settings.BLOG_HEAT, settings.UNDO_SECONDS = 10_000, 0


class Journey:
    """What shows a comment, from its form to the mail about its approval. Each page's name with its elements."""

    def __init__(self, client: Client, desk: Client, mo: User, post: Post, send_mail: Any) -> None:
        self.client, self.desk, self.mo, self.post, self.send_mail = client, desk, mo, post, send_mail

    def shows(self, **typed: str) -> dict[str, Any]:
        accepted = "phone email address postcode ni-number card"
        Comment.objects.all().delete()
        fields = {"comment": "Plain words.", "name": "Ann", **typed, "accepted": accepted}
        seen = {"preview": send_comment(self.client, self.post, **fields, preview="1").text}
        answer = send_comment(self.client, self.post, **fields)
        assert answer.status_code == 302, answer.text
        seen["sent"] = self.client.get(answer.url).text
        return {name: elements(page) for name, page in {**seen, **dict(self._later())}.items()}

    def _later(self) -> Iterator[tuple[str, str]]:
        confirm = next(link(mail, "confirm") for mail in reversed(self._mails()) if "Confirm" in str(mail.subject))
        yield "confirm", self.client.get(confirm).text
        status = self.client.post(confirm, {"shared": "1"}).url
        yield "status", self.client.get(status).text
        comment = Comment.objects.get()
        yield "queue", self.desk.get("/desk/").text
        yield "desk", self.desk.get(f"/desk/comments/{comment.pk}/").text
        comment.decide(Decision.Outcome.APPROVED, by=self.mo, version=comment.version)
        self._mails()
        yield "page", self.client.get(self.post.get_absolute_url()).text
        yield "reply", self.client.get(f"{self.post.get_absolute_url()}comments/{comment.pk}/reply/").text
        yield "decided", self.desk.get("/desk/decided/").text
        self._feed()

    def _mails(self) -> list[EmailMultiAlternatives]:
        """They have one recipient, one line of subject, and no element that plain words do not give."""
        mails = self.send_mail()
        for mail in mails:
            assert mail.to == ["ann@example.org"] and not mail.cc and not mail.bcc
            assert len(str(mail.subject).splitlines()) == 1
            headers = mail.message().items()
            assert len({name for name, _ in headers}) == len(headers) and "Bcc" not in dict(headers)
            elements(mail.alternatives[0][0])
        return mails

    def _feed(self) -> None:
        text = self.client.get(f"{self.post.get_absolute_url()}comments/feed/").content
        tree = ElementTree.fromstring(text)  # noqa: S314 - our own
        names = [node.tag.partition("}")[2] for node in tree.iter()]
        assert names.count("entry") == 1 and set(names) <= FEED, set(names) - FEED
        api = self.client.get(f"/api/v1/posts/{self.post.pk}/comments/").json()["results"]
        assert len(api) == 1


FEED = {
    "feed",
    "id",
    "title",
    "updated",
    "published",
    "link",
    "entry",
    "author",
    "name",
    "summary",
    "content",
    "subtitle",
}


@pytest.fixture
def journey(client: Client, desk: Client, mo: User, post: Post, send_mail) -> Journey:
    return Journey(client, desk, mo, post, send_mail)


def assert_same(hostile: dict[str, Any], plain: dict[str, Any]) -> None:
    for page, found in hostile.items():
        if page in plain:
            assert found == plain[page], page


@pytest.mark.parametrize("group", [MARKUP, HEADERS, UNICODE], ids=["markup", "headers", "unicode"])
def test_hostile_words_are_words(journey: Journey, group: list[str]) -> None:
    """All of a class in one comment: what one of them opens, none of the others may close unseen."""
    assert_same(journey.shows(comment="\n\n".join(group)), journey.shows())


def test_hostile_names_are_names(journey: Journey) -> None:
    names = [
        "</title></textarea></script><script>alert(1)</script>",
        "\"'><img src=x onerror=alert(1)>",
        "<!--<b>&lt;b&gt;",
    ]
    names += ["{{ 7*7 }}{% debug %}{0}{pk!r}%(name)s%s", "=?utf-8?b?PGI+?= %0d%0aBcc:", "Z" + "\u0334" * 90]
    plain = journey.shows()
    for name in [*names, "Аdmin 👩\u200d👩 \u200b\ufeffA\u200d\U000e0041"]:
        assert_same(journey.shows(name=name), plain)


@pytest.mark.parametrize(
    "field", ["comment", "name", "email", "parent", "notice", "stamp", "work", "accepted", "homepage"]
)
def test_what_comes_back_is_what_was_typed(client: Client, post: Post, field: str) -> None:
    """An error in another field: the form has its elements and no more, whatever stands in this one."""
    other = {"name": ""} if field != "name" else {"comment": ""}
    plain = {element[0] for element in elements(send_comment(client, post, **other, **{field: "x"}).text)}
    for group in [MARKUP, HEADERS, UNICODE]:
        page = send_comment(client, post, **other, **{field: " ".join(group)})
        assert page.status_code == 422 and not Comment.objects.exists()
        assert {element[0] for element in elements(page.text)} <= plain | {"mark", "bdi", "br"}, group
        assert send_again(client, post, page).status_code == 422  # the other field is empty still


def test_a_link_in_words_leads_where_it_says(journey: Journey) -> None:
    journey.shows(comment="https://example.org/ and https://аррӏе.com/ and https://gov.uk@evil.example/")
    page = journey.client.get(journey.post.get_absolute_url()).text
    links = re.findall(r'href="(https?://[^"]*)"[^>]*>([^<]*)<', page[page.index("comment__text") :])
    assert ("https://example.org/", "https://example.org/") in links
    assert ("https://xn--80ak6aa92e.com/", "https://аррӏе.com/ (xn--80ak6aa92e.com)") in links
    assert not any("evil" in address for address, _ in links)
