"""A reader writes a comment, proves their address, and sees where it stands."""

import re

from playwright.sync_api import Locator, expect

from tests.browser.conftest import Meet
from tests.browser.instance import Instance
from tests.browser.people import BLOG, POST, POST_TITLE, Moderator, Reader, full_name, has_commented, published_at

MANY_STOPS = 400  # as many comments stand before the form as other tests have left there
WORDS = "We tried this.\n\nIt works, see http://example.org/how."


def test_a_comment_from_the_form_to_the_page(meet: Meet) -> None:
    ann = meet(Reader, "Annabel")
    ann.goes_to("/")
    ann.follows(POST_TITLE, within="main")
    ann.sees_heading(POST_TITLE)
    ann.comments(WORDS)
    ann.sees_heading("Check your email")
    ann.sees("We have sent an email to")

    ann.inbox.opens(f"Confirm your comment on {BLOG}")
    ann.inbox.reads_text("open this page and press the button", "work for 48 hours")
    ann.inbox.follows("Confirm your comment")
    ann.sees_heading("Confirm your comment")
    ann.presses("Confirm comment")
    ann.sees_heading("Your comment")
    ann.sees("Awaiting moderation", "It works")
    status = ann.page.url

    mo = meet(Moderator, "Mo")
    mo.signs_in()
    mo.decides("Approve", writer=ann.name)
    mo.sees(f"Approved: the comment by {ann.name}")

    ann.goes_to(status)
    ann.sees("Published")
    ann.follows("Read your comment on the page")
    comment = ann.page.locator(".comment", has_text=ann.name)
    link = comment.get_by_role("link", name="http://example.org/how")
    expect(link).to_have_attribute("rel", re.compile("nofollow"))
    ann.inbox.opens(f"Your comment on “{POST_TITLE}” is published")
    ann.inbox.follows("Read your comment")
    assert "#comment-" in ann.page.url


def test_wrong_input_is_kept_and_explained(meet: Meet, script: bool) -> None:
    bea = meet(Reader, "Bea")
    bea.goes_to(POST)
    bea.presses("Submit comment")
    bea.sees("There is a problem")
    assert bea.page.title() == f"Error: {POST_TITLE} - {BLOG}"
    summary = bea.page.locator(".govuk-error-summary")
    if script:
        expect(summary).to_be_focused()
    for message, label in [
        ("Enter your comment", "Enter your comment"),
        ("Enter your name", "Name"),
        ("Enter your email address", "Email"),
    ]:
        summary.get_by_role("link", name=message, exact=True).click()
        expect(bea.field(label)).to_be_focused()
        expect(bea.field(label)).to_have_accessible_description(re.compile(message))

    bea.writes("Enter your comment", "\nTwo lines,\n<b>not bold</b>")
    bea.writes("Name", "Bea & Co")
    bea.writes("Email", "bea@nowhere")
    bea.presses("Submit comment")
    expect(summary.get_by_role("listitem")).to_have_count(1)
    expect(bea.field("Enter your comment")).to_have_value("\nTwo lines,\n<b>not bold</b>")
    expect(bea.field("Name")).to_have_value("Bea & Co")
    expect(bea.field("Email")).to_have_value("bea@nowhere")
    bea.writes("Email", bea.address)
    bea.presses("Submit comment")
    bea.sees_heading("Check your email")


def test_a_reply_to_a_comment(meet: Meet, instance: Instance, script: bool) -> None:
    cy, dee, mo = full_name("Cy", script), meet(Reader, "Dee"), meet(Moderator, "Mo")
    where = has_commented(instance, cy, "Who reads these?")
    mo.signs_in()
    mo.decides("Approve", writer=cy)

    dee.begins_a_reply(to=where)
    dee.sees_heading(f"Leave a reply to {cy}")
    dee.sees("Who reads these?")
    dee.presses("Submit comment")
    dee.sees("There is a problem", "Who reads these?")
    dee.comments("I do.")
    dee.inbox.opens(f"Confirm your comment on {BLOG}")
    dee.inbox.follows("Confirm your comment")
    dee.presses("Confirm comment")

    mo.goes_to("/desk/")
    mo.decides("Approve", writer=dee.name)
    dee.goes_to(published_at(where["status"]))
    answered = dee.page.locator(".comment", has_text=cy)
    expect(answered.locator(".comments__list--replies .comment", has_text=dee.name)).to_be_visible()


def test_by_keyboard_alone(meet: Meet) -> None:
    kim = meet(Reader, "Kim")
    kim.goes_to(POST)
    kim.page.keyboard.press("Tab")
    expect(focused(kim)).to_have_text("Skip to main content")
    kim.page.keyboard.press("Enter")
    for label, words in [("Enter your comment", "No mouse needed."), ("Name", "Kim"), ("Email", kim.address)]:
        tab_to(kim, kim.field(label))
        kim.page.keyboard.type(words)
    press_by_keyboard(kim, "Submit comment", "Enter")
    kim.sees_heading("Check your email")
    kim.inbox.opens(f"Confirm your comment on {BLOG}")
    kim.inbox.follows("Confirm your comment")
    press_by_keyboard(kim, "Confirm comment", "Space")
    kim.sees("Awaiting moderation")


def press_by_keyboard(reader: Reader, button: str, key: str) -> None:
    tab_to(reader, reader.page.get_by_role("button", name=button, exact=True))
    with reader.page.expect_navigation():
        reader.page.keyboard.press(key)
    reader.look()


def tab_to(reader: Reader, target: Locator) -> None:
    """Press Tab until `target` has the focus, past nothing that cannot be seen."""
    target.wait_for()
    for _ in range(MANY_STOPS):
        reader.page.keyboard.press("Tab")
        if target.evaluate("element => element === document.activeElement"):
            return
        box = focused(reader).bounding_box()
        assert box and box["x"] >= 0, focused(reader).evaluate("element => element.outerHTML")
    raise AssertionError(f"{target} is not reached by keyboard")


def focused(reader: Reader) -> Locator:
    return reader.page.locator(":focus")
