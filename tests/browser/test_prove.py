"""A reader proves an address: a typo corrected, a code typed; and is remembered, until they want to be forgotten."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import Meet
from tests.browser.people import BLOG, POST, Reader, wait_for_mail

CONFIRM = f"Confirm your comment on {BLOG}"


def test_a_typo_corrected_and_a_code_typed(meet: Meet) -> None:
    ann = meet(Reader, "Ann")
    right, ann.address = ann.address, ann.address.replace("example", "exmaple")
    ann.goes_to(POST)
    ann.comments("I mistyped my address.")
    ann.sees_heading("Check your email")
    ann.sees(ann.address)

    ann.writes("Is the address wrong?", "ann@nowhere")
    ann.presses("Change the address")
    ann.sees("There is a problem")
    expect(ann.field("Is the address wrong?")).to_have_accessible_description(re.compile("in the correct format"))
    ann.address = right
    ann.writes("Is the address wrong?", right)
    ann.presses("Change the address")
    ann.sees_heading("Check your email")
    ann.sees(right)
    ann.presses("Send the email again")
    ann.sees("Only the link and the code in the newest one work")

    code = code_in(wait_for_mail(ann.instance, right, CONFIRM))
    ann.writes("Enter the code from the email", f"{(int(code) + 1) % 1_000_000:06d}")
    ann.presses("Confirm comment")
    ann.sees("There is a problem", "Enter the code from the newest email")
    ann.writes("Enter the code from the email", f"{code[:3]} {code[3:]}")
    ann.presses("Confirm comment")
    ann.sees_heading("Your comment")
    ann.sees("Awaiting moderation", "I mistyped my address.")
    is_remembered_and_forgotten(ann)


def is_remembered_and_forgotten(ann: Reader) -> None:
    ann.goes_to(POST)
    ann.comments("And a second thought.")
    ann.sees_heading("Your comment")
    ann.sees("Awaiting moderation", "And a second thought.")

    ann.goes_to("/cookies/")
    ann.follows("Forget me in this browser", within="main")
    ann.presses("Forget me in this browser")
    ann.sees_heading("This browser has forgotten you")
    ann.goes_to(POST)
    ann.comments("And a third.")
    ann.sees_heading("Check your email")


def test_on_a_shared_computer(meet: Meet) -> None:
    bea = meet(Reader, "Bea")
    bea.goes_to(POST)
    bea.comments("From the library.")
    bea.inbox.opens(CONFIRM)
    bea.inbox.follows("Confirm your comment")
    box = bea.page.get_by_role("checkbox", name="Do not remember me in this browser")
    expect(box).to_have_accessible_description(re.compile("a computer that you share"))
    bea.page.get_by_text("Do not remember me in this browser", exact=True).click()
    expect(box).to_be_checked()
    bea.presses("Confirm comment")
    bea.sees_heading("Your comment")
    assert not bea.context.cookies()


def code_in(mail: dict) -> str:
    found = re.search(r"\b\d{6}\b", mail["text"])
    assert found, mail
    return found[0]
