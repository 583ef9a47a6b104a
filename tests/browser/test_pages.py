"""Every kind of page, in the narrowest and in a wide window: looked at once, then judged from all sides.

With POSTBAG_SCREENSHOTS=folder, pictures of all of them are kept there.
"""

import os
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.blog.test_html import VALIDATOR, validate
from tests.browser.conftest import somebody
from tests.browser.instance import Instance
from tests.browser.people import (
    BLOG,
    POST,
    POST_TITLE,
    Moderator,
    axe_problems,
    has_commented,
    link_in,
    notice_on,
    post_form,
    sideways,
    wait_for_mail,
)

pytestmark = [
    pytest.mark.may_skip,  # a page looks the same on all stores: once is enough
    pytest.mark.skipif("DATABASE_URL" in os.environ, reason="looks at pages on SQLite"),
]
WIDTHS = [320, 1280]
STATUS = {"not found": 404, "dead link": 410}
NOT_OURS = {"admin", "API docs"}  # Django's and Swagger's own: reported, not judged
SHOTS = os.environ.get("POSTBAG_SCREENSHOTS")
PUBLIC = {
    "home": "/",
    "post": POST,
    "category": "/category/capability/",
    "author": "/author/priya-nair/",
    "privacy": "/privacy/",
    "cookies": "/cookies/",
    "accessibility": "/accessibility/",
    "guidelines": "/guidelines/",
    "public figures": "/guidelines/figures/",
    "my comments": "/my/",
    "report": "/comments/9003/report/",
    "subscribe": "/subscribe/",
    "subscribe sent": "/subscribe/sent/",
    "not found": "/nothing/",
    "dead link": f"/comments/confirm/{'a' * 40}/",
    "API docs": "/api/v1/docs/",
    "inbox": "/inbox/",
    "sign in": "/desk/sign-in/",
}
LISTS = ["held", "likely-spam", "published", "reported", "edits", "appeals", "proposed", "escalated", "decided"]
STAFF = {
    "queue": "/desk/",
    **{name: f"/desk/{name}/" for name in [*LISTS, "lists", "records", "figures", "mail-to-me"]},
    "account": "/desk/account/",
    "narrowed": "/desk/?q=bridge&band=late",
    "mailouts": "/desk/mail/?letters=1",
    "admin": "/admin/",
    **{f"one {number}": f"/desk/comments/{number}/" for number in range(9001, 9007)},
}
# Beside what the journeys leave: a comment for each list of the desk.
SEED = """
from django.contrib.auth.models import User
from django.utils import timezone
from blog.models import Blog, Post
from moderation.models import Appeal, Comment, ListEntry, Note, Proposal, Report, Revision
from moderation.text import as_html
Blog.objects.update(shows_figures=True, claims="optional")
post, mo = Post.objects.filter(state="published").first(), User.objects.get(username="moderator")
ListEntry.objects.create(blog=post.blog, kind="words", entry="rotter", blur=True, shadow=False)
def make(pk, state="pending", text="You rotter of a bridge, call 020 7946 0018", **fields):
    now = {"confirmed_at": timezone.now(), "due_at": timezone.now()}
    made = Comment(pk=pk, post=post, notice=post.blog.notices.first(), name=f"Nan {pk}", mailbox="abc",
        address="nan@example.org", text=text, html=as_html(text), state=state, **now, **fields)
    for name, value in made.judged().items(): setattr(made, name, value)
    made.save(force_insert=True)
    return made
make(9001, parent=post.comments.first())
Note.objects.add(make(9002, escalated_at=timezone.now()), mo, "A threat?", False)
Report.objects.make(make(9003, "approved"), "192.0.2.0/24", "abuse", "It is rude")
words = {"before": "Old", "text": "New", "html": "<p>New</p>"}
Revision.objects.create(comment=make(9004, "approved"), way="published", state="waiting", version=1, **words)
refused = make(9005, text="Refused.")
refused.decide("rejected", by=mo, version=1, reason=post.blog.reasons.first())
Appeal.objects.create(comment=refused, words="I kept to the rules.")
answer, other = make(9006, parent=Comment.objects.get(pk=9002)), User.objects.get_or_create(username="mia")[0]
Proposal.objects.create(comment=answer, version=1, outcome="rejected", moderator=other, note="It is rude.")
"""


class Tourist(Moderator):
    """Somebody who takes notes instead of judging."""

    def look(self) -> None:
        pass


@dataclass
class Sight:
    """What a page was like."""

    name: str
    width: int
    title: str
    html: str
    problems: str
    sideways: bool
    complaints: list[str]

    def __str__(self) -> str:
        return f"{self.name} at {self.width} px"


@pytest.fixture(scope="package")
def sights(chromium: Browser, instance: Instance) -> list[Sight]:
    """Every page at every width."""
    guests, staff = prepare(chromium, instance)
    seen = []
    for width in WIDTHS:
        tourist = somebody(Tourist, "Uma", chromium, instance, True, {"width": width, "height": 800})
        seen += [see(tourist, name, address, width) for name, address in guests.items()]
        tourist.signs_in()
        seen += [see(tourist, name, address, width) for name, address in staff.items()]
        tourist.context.close()
    return seen


def prepare(chromium: Browser, instance: Instance) -> tuple[dict[str, str], dict[str, str]]:
    """Addresses of all pages for guests and for staff: first there must be a bit of everything."""
    instance.does(SEED)
    vic = has_commented(instance, "Vic", "A comment that everybody can read.\n\nIt has two paragraphs.")
    ivy = has_commented(instance, "Ivy", "Fresh comment, https://example.org/a/rather/long/address/that/goes/on?and=on")
    notice = notice_on(f"{instance.url}{POST}")
    post_form(f"{instance.url}/subscribe/", email="wes@example.org", notice=notice)
    sign_up = wait_for_mail(instance, "wes@example.org", f"Confirm that you want emails from {BLOG}")
    mo = somebody(Tourist, "Mo", chromium, instance, True, {"width": 1280, "height": 800})
    mo.signs_in()
    mo.decides("Approve", writer="Vic")
    mo.goes_to("/desk/")
    mo.opens("Ivy")
    comment = mo.page.url
    mo.goes_to("/desk/mail/?letters=1")
    mailout = mo.page.get_by_role("link", name="Confirm that you want emails").first.get_attribute("href") or ""
    mo.goes_to(POST)
    reply = mo.page.get_by_role("link", name="Reply to Vic").get_attribute("href") or ""
    mo.context.close()
    published = wait_for_mail(instance, vic["address"], f"Your comment on “{POST_TITLE}” is published")
    mail = f"/inbox/{published['key']}/"
    guests = {
        **PUBLIC,
        "comment sent": ivy["sent"],
        "comment confirmed": ivy["confirm"],
        "status": vic["status"],
        "reply": reply,
        "confirm subscription": link_in(sign_up, "/confirm/"),
        "stop": link_in(sign_up, "/mail/stop/"),
        "mail": mail,
        "mail as text": f"{mail}?part=text",
        "mail headers": f"{mail}?part=headers",
    }
    staff = {
        **STAFF,
        "comment at the desk": comment,
        "mailout": mailout,
        "recipients": f"{mailout}recipients/?state=accepted",
    }
    return guests, staff


def see(tourist: Tourist, name: str, address: str, width: int) -> Sight:
    answer = tourist.goes_to(address)
    assert answer.status == STATUS.get(name, 200), f"{name}: {answer.status}"
    page, complaints = tourist.page, list(tourist.complaints)
    tourist.complaints.clear()
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name.replace(' ', '-')}-{width}.png", full_page=True)
    return Sight(name, width, page.title(), answer.text(), axe_problems(page), sideways(page), complaints)


def ours(sights: list[Sight]) -> Iterator[Sight]:
    return (sight for sight in sights if sight.name not in NOT_OURS)


def test_axe_finds_nothing(sights: list[Sight]) -> None:
    for sight in sights:
        if sight.problems and sight.name in NOT_OURS:
            warnings.warn(f"{sight}: {sight.problems}", stacklevel=1)
    assert not {str(sight): sight.problems for sight in ours(sights) if sight.problems}


def test_nothing_is_wider_than_the_window(sights: list[Sight]) -> None:
    assert not [str(sight) for sight in ours(sights) if sight.sideways]


def test_the_browser_has_nothing_to_complain_of(sights: list[Sight]) -> None:
    assert not {str(sight): sight.complaints for sight in sights if sight.complaints}


def test_each_title_is_its_own_and_names_the_blog(sights: list[Sight]) -> None:
    titles = {sight.name: sight.title for sight in ours(sights)}
    same = [name for name, title in titles.items() if list(titles.values()).count(title) > 1]
    assert set(same) <= {"mail", "mail as text", "mail headers", "queue", "narrowed"}
    assert not {name: title for name, title in titles.items() if not title.endswith(BLOG)}


@pytest.mark.skipif(not VALIDATOR.exists(), reason="html-validate is not installed: run make assets")
def test_the_pages_are_valid_html(sights: list[Sight], tmp_path: Path) -> None:
    validate({sight.name: sight.html for sight in ours(sights)}, tmp_path)
