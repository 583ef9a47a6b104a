"""A person sees what we hold, takes it away, takes a comment back and erases the rest; and comments that are closed."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.conftest import Meet
from tests.browser.instance import Instance
from tests.browser.people import POST, Reader, has_commented

SUBJECT = "Your comments and email alerts"
WINDOW = """
from datetime import timedelta
from django.utils import timezone
from blog.closures import Closure
now = timezone.now()
Closure.objects.create(starts_at=now, ends_at=now + timedelta(days=40), notice="There is an election.\\n\\nUntil then.")
"""
OPEN = "from blog.closures import Closure; Closure.objects.all().delete()"
PICTURES = os.environ.get("POSTBAG_PICTURES")  # a folder: for whoever wants to look, too


def photograph(reader: Reader, name: str) -> None:
    if PICTURES:
        width = reader.page.viewport_size["width"]
        reader.page.screenshot(path=Path(PICTURES) / f"{name}-{width}.png", full_page=True)


def download(reader: Reader, link: str) -> str:
    """What a link gives to keep."""
    with reader.page.expect_download() as downloaded:
        reader.page.get_by_role("link", name=link).click()
    return downloaded.value.path().read_text()


def test_all_that_we_hold_is_shown_handed_over_and_erased(meet: Meet, instance: Instance) -> None:
    una = meet(Reader, "Una")
    una.address = has_commented(instance, una.name, "First words")["address"]
    una.goes_to("/privacy/")
    una.sees("What we keep, and for how long")
    photograph(una, "privacy")
    una.follows("See, download or erase what we hold about you", within="main")
    una.sees_heading("See, download or erase what we hold about you")
    una.presses("Send me the link")
    una.sees("There is a problem", "Enter your email address")
    photograph(una, "ask")
    una.writes("Email", una.address)
    una.presses("Send me the link")
    una.sees_heading("Check your email")
    photograph(una, "sent")

    una.inbox.opens(SUBJECT)
    una.inbox.follows("See, download or erase it")
    una.sees_heading("What we hold about you")
    una.sees("First words", "Awaiting moderation", "You have no email alerts.")
    photograph(una, "overview")
    assert json.loads(download(una, "For programs (JSON)"))["comments"][0]["text"] == "First words"
    assert "First words" in download(una, "For spreadsheets (CSV)")

    una.page.locator(".govuk-summary-card").get_by_role("link", name="Withdraw").click()
    una.sees_heading("Withdraw this comment?")
    una.look()
    photograph(una, "withdraw")
    una.presses("Withdraw comment")
    una.sees("You have withdrawn your comment", "Withdrawn")
    photograph(una, "withdrawn")
    una.follows("Erase everything that we hold about you")
    una.sees_heading("Erase everything that we hold about you?")
    photograph(una, "erase")
    una.presses("Erase everything")
    una.sees_heading("We have erased what we held about you")
    photograph(una, "erased")
    una.reloads()


@pytest.fixture
def closed(instance: Instance) -> Iterator[None]:
    """In a window without comments."""
    instance.does(WINDOW)
    yield
    instance.does(OPEN)


def test_a_closed_post_says_why_and_until_when(meet: Meet, closed: None) -> None:
    val = meet(Reader, "Val")
    val.goes_to(POST)
    val.sees("There is an election.", "Comments closed on", "Comments open again on")
    val.sees_no("Submit comment")
    val.page.locator("#respond").scroll_into_view_if_needed()
    photograph(val, "closed")
