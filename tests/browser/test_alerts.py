"""Readers are told of each new post, until they press once."""

from pathlib import Path

from playwright.sync_api import expect

from tests.browser.conftest import Meet
from tests.browser.instance import Instance
from tests.browser.people import BLOG, Moderator, Reader, sideways, wait_for_mail

FIRST, SECOND = "The ducks are back", "A bridge & its toll"
CONFIRM = f"Confirm that you want emails from {BLOG}"


def test_alerts_come_until_they_are_ended(meet_at: Meet, instance: Instance, tmp_path: Path) -> None:
    """One journey for all: each alert waits for the clock. Sue has script, Sid has none."""
    sue, sid, mo = meet_at(True, Reader, "Sue"), meet_at(False, Reader, "Sid"), meet_at(True, Moderator, "Mo")
    for reader in [sue, sid]:
        sign_up(reader)

    file = tmp_path / "ducks.md"
    file.write_text(f"---\ntitle: {FIRST}\n---\nThey came back *this morning*.\n")
    instance.manage("publish_post", str(file))
    for reader in [sue, sid]:
        mail = wait_for_mail(instance, reader.address, FIRST)
        assert mail["headers"]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert mail["text"].count(mail["headers"]["List-Unsubscribe"].strip("<>")) == 1
    sue.inbox.opens(FIRST)
    sue.inbox.reads_text("They came back this morning.")
    sue.inbox.follows("Unsubscribe")
    sue.presses("Unsubscribe")
    sue.sees_heading("You have unsubscribed")

    publish_in_admin(mo, SECOND)
    sid.inbox.opens(SECOND)
    sid.inbox.follows("Read the post")
    sid.sees_heading(SECOND)
    assert sid.inbox.subjects() == [SECOND, FIRST, CONFIRM]
    assert sue.inbox.subjects() == [FIRST, CONFIRM]
    sid.page.go_back()
    sid.inbox.follows("Unsubscribe")
    sid.presses("Unsubscribe")
    sid.sees_heading("You have unsubscribed")


def sign_up(reader: Reader) -> None:
    """From the blog's front page, by way of a typing error."""
    reader.goes_to("/")
    reader.follows("Email: sign up and manage updates by email", within="aside")
    reader.sees_heading("Sign up for email alerts")
    reader.writes("Email", reader.name)
    reader.presses("Sign up")
    reader.sees("There is a problem")
    expect(reader.field("Email")).to_have_value(reader.name)
    reader.writes("Email", reader.address)
    reader.presses("Sign up")
    reader.sees_heading("Check your email")
    reader.inbox.opens(CONFIRM)
    reader.inbox.follows("Yes, I want these emails")
    reader.sees_heading("Confirm your email alerts")
    reader.presses("Yes, I want these emails")
    reader.sees_heading("You get email alerts from us")


def publish_in_admin(mo: Moderator, title: str) -> None:
    """Django's own pages: they are not ours to look at closely."""
    mo.signs_in()
    page = mo.page
    page.goto("/admin/blog/post/add/")
    page.get_by_label("Blog:").select_option(BLOG)
    page.get_by_label("Title:").fill(title)
    page.get_by_label("Body:").fill("Everybody *pays*.")
    page.get_by_label("State:").select_option("Published")
    expect(page.get_by_label("Slug:")).to_have_value("a-bridge-its-toll")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".messagelist .success")).to_contain_text(title)
    assert not sideways(page)
