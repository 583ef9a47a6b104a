"""Who walks through the journeys: each with a browser of their own, and an eye on everything that it does."""

import json
import os
import re
import time
import urllib.parse
import urllib.request
from typing import Any
from uuid import uuid4

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page, Request, Response, expect

from tests.browser.instance import PASSWORD, Instance

BLOG = "Digital Parks and Rivers"
POST_TITLE = "Working at BIS and using Twitter"
POST = "/2014/06/20/working-at-bis-using-twitter/"
MAIL_IN = 60  # seconds
PAINTED_IN = 10_000  # milliseconds
PATIENCE = 30_000  # milliseconds; others may be at work on this machine
JUDGES = "DATABASE_URL" not in os.environ  # a page is as accessible on all stores: axe takes longer than the rest
SEEN: set[int] = set()  # what axe has looked at already: pages of one make
TOKEN, WORDS = re.compile(r"(?=[\w.-]*\d)[\w.-]{16,}"), re.compile(r">\s*[^<\s][^<]*<")
expect.set_options(timeout=PATIENCE)
STATUS_OF_THE_PAGE = "Failed to load resource: the server responded with a status of"


class Person:
    """Somebody at a browser. Every page that they come to is looked at: `look`."""

    def __init__(self, name: str, context: BrowserContext, instance: Instance, script: bool) -> None:
        self.name = full_name(name, script)
        self.context, self.instance, self.script = context, instance, script
        self.address = f"{name.lower()}-{uuid4().hex[:8]}@example.org"
        self.complaints: list[str] = []
        context.set_default_timeout(PATIENCE)
        self.page = context.new_page()
        self._listen(self.page)
        self._debugger = context.new_cdp_session(self.page)
        self._runs_script(script)

    # What they do

    def goes_to(self, address: str) -> Response:
        """Type an address. Returns the answer."""
        answer = self.page.goto(address)
        assert answer
        self.look()
        return answer

    def follows(self, link: str | re.Pattern[str], within: str = "body") -> None:
        """Click the link with these words, which leads to another page."""
        self._away(self.page.locator(within).get_by_role("link", name=link, exact=True).first)

    def presses(self, button: str | re.Pattern[str], within: str = "body") -> None:
        """Press the button with these words, which sends a form."""
        self._away(self.page.locator(within).get_by_role("button", name=button, exact=True).first)

    def writes(self, label: str, words: str) -> None:
        self.page.get_by_label(label, exact=True).fill(words)

    def reloads(self) -> None:
        self.page.reload()
        self.look()

    def leaves(self) -> None:
        """Close the browser. It must have been content to the end."""
        self.context.close()
        assert not self.complaints, self.complaints

    # What they see

    def sees(self, *words: str) -> None:
        """Whether all these words are in the page's main part."""
        for some in words:
            expect(self.main).to_contain_text(some)

    def sees_heading(self, words: str) -> None:
        expect(self.page.get_by_role("heading", level=1)).to_have_text(words)

    def sees_no(self, words: str) -> None:
        expect(self.main).not_to_contain_text(words)

    @property
    def main(self) -> Locator:
        return self.page.locator("main")

    def field(self, label: str) -> Locator:
        return self.page.get_by_label(label, exact=True)

    def look(self) -> None:
        """What must hold of every page: its title, no sideways scrolling, nothing that axe finds, no complaint."""
        assert self.page.locator("body.js-enabled").count() == self.script
        assert self.page.title().endswith(BLOG), self.page.title()
        assert not sideways(self.page), f"{self.page.url} scrolls sideways"
        assert not self.complaints, self.complaints
        if JUDGES and (make := hash((self.script, make_of(self.page.content())))) not in SEEN:
            problems = self._axe()
            assert not problems, f"{self.page.url}\n{problems}"
            SEEN.add(make)

    def _axe(self) -> str:
        """axe is script: where none runs, it may for a moment, when it is too late for the page's own."""
        self._runs_script(True)
        try:
            return axe_problems(self.page)
        finally:
            self._runs_script(self.script)

    def _runs_script(self, runs: bool) -> None:
        self._debugger.send("Emulation.setScriptExecutionDisabled", {"value": not runs})

    def _away(self, what: Locator) -> None:
        with self.page.expect_navigation():
            what.click()
        self.look()

    # What they cannot see

    def _listen(self, page: Page) -> None:
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        page.on("request", self._asked)
        page.on("requestfailed", self._failed)
        page.on("response", self._answered)

    def _heard(self, message: ConsoleMessage) -> None:
        """Whatever the browser grumbles about: violations of the Content-Security-Policy above all."""
        if message.type in {"error", "warning"} and not message.text.startswith(STATUS_OF_THE_PAGE):
            self.complaints.append(f"console of {self.page.url}: {message.text}")

    def _failed(self, request: Request) -> None:
        """What a page was still asking for when its reader left it is aborted, and nothing is wrong."""
        if request.failure != "net::ERR_ABORTED":
            self.complaints.append(f"{request.url}: {request.failure}")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((f"{self.instance.url}/", "data:")):
            self.complaints.append(f"{self.page.url} fetches from a third party: {request.url}")

    def _answered(self, response: Response) -> None:
        expected = response.request.resource_type == "document" and response.status < 500
        if response.status >= 400 and not expected:
            self.complaints.append(f"{response.url}: {response.status}")


class Reader(Person):
    """Somebody without an account, and without a cookie."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.inbox = Inbox(self)

    def comments(self, words: str) -> None:
        """Fill in the comment form of the page they are on, and send it."""
        self.writes("Enter your comment", words)
        self.writes("Name", self.name)
        self.writes("Email", self.address)
        self.presses("Submit comment")

    def begins_a_reply(self, to: dict[str, str]) -> None:
        """Go to a published comment, whichever page it is on and whoever else has its writer's name; answer it."""
        self.goes_to(published_at(to["status"]))
        self.follows(re.compile("^Reply to "), within=f"#{urllib.parse.urlsplit(self.page.url).fragment}")

    def leaves(self) -> None:
        """Nothing stays in the browser but the cookie of a proved address, and drafts: of words, not of who wrote."""
        kept = self.context.storage_state()
        assert {cookie["name"] for cookie in kept["cookies"]} <= {"proved"}, kept
        stored = [item for origin in kept["origins"] for item in origin["localStorage"]]
        assert all(item["name"].startswith("postbag-draft:") for item in stored), stored
        assert self.name not in str(stored) and self.address not in str(stored), stored
        super().leaves()


class Moderator(Person):
    """Somebody who works at the desk, and in the admin."""

    def signs_in(self, username: str = "moderator") -> None:
        self.goes_to("/desk/")
        self.sees_heading("Sign in to the desk")
        self.writes("Username", username)
        self.writes("Password", PASSWORD)
        self.presses("Sign in")
        self.sees_heading("Awaiting a decision")

    def card(self, writer: str) -> str:
        """Where on the desk one person's comment stands."""
        return f"article.desk-card:has(.desk-card__name bdi:text-is('{writer}'))"

    def decides(self, button: str, writer: str) -> None:
        """Press a button of one comment in the queue; where a script runs, the page stays."""
        words = f"{button} the comment by {writer}"
        if not self.script:
            self.presses(words, within=self.card(writer))
            return
        self.page.locator(self.card(writer)).get_by_role("button", name=words, exact=True).click()
        expect(self.done(writer)).to_be_visible()

    def done(self, writer: str) -> Locator:
        """What stands in the place of a comment that was decided in place."""
        return self.page.locator(".desk-card--done", has_text=f"the comment by {writer}")

    def undoes(self, writer: str) -> None:
        """Take back what was just decided, where it says so."""
        words = f"Undo the comment by {writer}"
        if not self.script:
            self.presses(words, within=".govuk-notification-banner")
            self.sees(f"Put back in the queue: the comment by {writer}")
            return
        self.done(writer).get_by_role("button", name=words, exact=True).click()
        expect(self.page.locator(self.card(writer))).to_be_visible()

    def opens(self, writer: str) -> None:
        self.follows(f"Open the comment by {writer}", within=self.card(writer))


class Inbox:
    """One reader's mail, in the inbox that the instance shows to everybody."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader

    def opens(self, subject: str) -> None:
        """Wait for a mail and open it, as HTML in its frame."""
        wait_for_mail(self.reader.instance, self.reader.address, subject)
        self.reader.goes_to("/inbox/")
        item = self.reader.page.locator(".app-mails__item", has_text=self.reader.address)
        self.reader._away(item.get_by_role("link", name=subject, exact=True).first)
        self.reader.sees_heading(subject)

    def reads_text(self, *words: str) -> None:
        """Look at the same mail as text, and come back."""
        self.reader.follows("Text", within="nav")
        self.reader.sees(*words)
        self.reader.follows("HTML", within="nav")

    def follows(self, link: str) -> None:
        """Follow a link in the frame, which opens in the place of the whole page."""
        page, inbox = self.reader.page, self.reader.page.url
        words = page.frame_locator("iframe").get_by_role("link", name=link, exact=True)
        words.click()
        try:
            expect(page).not_to_have_url(inbox, timeout=PAINTED_IN)
        except AssertionError:  # Chromium drops a click on a frame that it has not painted yet
            words.click()
            expect(page).not_to_have_url(inbox)
        page.wait_for_load_state()
        self.reader.look()

    def subjects(self) -> list[str]:
        """What has come so far, newest first."""
        return [mail["subject"] for mail in mails(self.reader.instance, self.reader.address)]


def full_name(name: str, script: bool) -> str:
    """The two runs of a journey meet on the same pages: the family name is the size of the window."""
    return f"{name} {'Wide' if script else 'Narrow'}"


# Without a browser: what a test needs before its journey starts


def mails(instance: Instance, to: str) -> list[dict[str, Any]]:
    """The mails to one address, newest first."""
    query = urllib.parse.urlencode({"to": to})
    with urllib.request.urlopen(f"{instance.url}/inbox/messages.json?{query}", timeout=10) as answer:
        return json.load(answer)


def wait_for_mail(instance: Instance, to: str, subject: str) -> dict[str, Any]:
    """The newest mail with this subject. Fails when none comes in MAIL_IN seconds."""
    deadline = time.monotonic() + MAIL_IN
    while True:
        found = mails(instance, to)
        for mail in found:
            if mail["subject"] == subject:
                return mail
        assert time.monotonic() < deadline, f"no “{subject}” for {to}, only {[mail['subject'] for mail in found]}"
        time.sleep(0.2)


def link_in(mail: dict[str, Any], part: str) -> str:
    """The first link of a mail that has `part` in it."""
    return next(link for link in mail["links"] if part in link)


def post_form(address: str, **fields: str) -> str:
    """Send a form as a browser does, and follow where it leads. Returns that address."""
    body = urllib.parse.urlencode(fields).encode()
    with urllib.request.urlopen(address, body, timeout=10) as answer:
        return answer.url


def notice_on(address: str) -> str:
    """The number of the privacy notice that the form on a page shows."""
    return hidden_on(address)["notice"]


def hidden_on(address: str) -> dict[str, str]:
    """What the form on a page brings along without being asked: the notice's number, and the form's stamp."""
    with urllib.request.urlopen(address, timeout=10) as answer:
        return dict(re.findall(r'name="(notice|stamp)" value="(\w+)"', answer.read().decode()))


def has_commented(instance: Instance, name: str, words: str) -> dict[str, str]:
    """Somebody wrote and confirmed a comment. Returns the addresses of the pages they came by."""
    address = f"passer-by-{uuid4().hex[:8]}@example.org"
    written = {"comment": words, "name": name, "email": address, **hidden_on(f"{instance.url}{POST}")}
    sent = post_form(f"{instance.url}{POST}comments/", **written)
    confirm = link_in(wait_for_mail(instance, address, f"Confirm your comment on {BLOG}"), "/confirm/")
    return {"address": address, "sent": sent, "confirm": confirm, "status": post_form(confirm)}


def published_at(status: str) -> str:
    """The permanent address of the published comment whose status page this is."""
    with urllib.request.urlopen(status, timeout=10) as answer:
        found = re.search(r'href="(/comments/\d+/)"', answer.read().decode())
    assert found, f"not published: {status}"
    return found[1]


# What must hold of a page


def sideways(page: Page) -> bool:
    """Whether the page is wider than its window."""
    return bool(page.evaluate("document.scrollingElement.scrollWidth > document.scrollingElement.clientWidth"))


def make_of(html: str) -> str:
    """A page without its words and tokens, its numbers by their first appearance: what axe judges it by."""
    numbers: dict[str, str] = {}
    html = WORDS.sub(">words<", TOKEN.sub("", html))
    return re.sub(r"\d+", lambda found: numbers.setdefault(found[0], str(len(numbers))), html)


def axe_problems(page: Page) -> str:
    """What axe finds, of any impact: the rule, and the elements."""
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return "\n".join(
        f"{rule['id']} ({rule['impact']}): {rule['help']}: {[node['html'] for node in rule['nodes']]}" for rule in found
    )
