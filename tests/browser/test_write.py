"""A comment from the first word to the button: counted, kept, previewed, questioned; with script and without."""

import re
import unicodedata

import pytest
from playwright.sync_api import Page, expect

from moderation import graphemes
from tests.browser.conftest import Meet
from tests.browser.instance import Instance
from tests.browser.people import BLOG, POST, POST_TITLE, Reader

DRAFTS = "Object.entries(localStorage).filter(([key]) => key.startsWith('postbag-draft:'))"


def assigned(first: int, last: int, step: int = 1) -> str:
    """Characters that have long been in Unicode: of its newest, two libraries need not know the same."""
    return "".join(chr(point) for point in range(first, last, step) if unicodedata.category(chr(point)) != "Cn")


HOSTILE = [
    "",
    "a",
    "a\nb\n",
    "e\u0301" * 40,
    "👩‍👩‍👧‍👦🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f👍🏽❤️🇬🇧🇬",
    "क्षि ক্ষ ക്ഷ ක්‍ෂ ကျွန်ုပ် தமிழ் ภาษาไทย ខ្មែរ",
    "각ᄀᆨᄀᄀ가ힰ",
    "שלום \u2067עולם\u2069 \u202eevil\u202c مرحبا",
    "\u200b\u200d\u200c\ufeff\u2060 \u00ad",
    "Z" + "\u0334" * 3000,
    "👩" + "\u200d👩" * 2000,
    "\u1100" * 4000,
    "\u0600" * 100 + "1",
    "\u0e33\u0d4e\U000110bda",
    "𝒳𐍈🀄\U0001f9d1\u200d\U0001f9b0",
    "<b>&amp;</b>\t\u2028\u2029\x0b\x0c\x85",
    assigned(0x20, 0x1CD0),
    assigned(0x2000, 0xD7FF, 7),
    assigned(0x10000, 0x1FAFF, 11),
]


@pytest.fixture
def wide(meet_at) -> Reader:
    return meet_at(True, Reader, "Gus")


@pytest.fixture
def narrow_with_script(wide: Reader) -> Reader:
    wide.page.set_viewport_size({"width": 320, "height": 640})
    return wide


def test_script_and_server_count_alike(wide: Reader) -> None:
    wide.goes_to(POST)
    for text in HOSTILE:
        wide.writes("Enter your comment", text)
        value = wide.field("Enter your comment").input_value()
        left = 5000 - graphemes.count(value)
        words = f"{abs(left):,} character{'s' if abs(left) != 1 else ''} {'remaining' if left >= 0 else 'too many'}"
        expect(wide.page.locator(".govuk-character-count__status")).to_have_text(f"You have {words}")


def test_the_limit_holds_to_the_character(meet: Meet) -> None:
    hal = meet(Reader, "Hal")
    for length, heading in [(5001, "Working at BIS"), (5000, "Check your email")]:
        hal.goes_to(POST)
        hal.comments("👩‍👩‍👧‍👦" * length)
        expect(hal.page.get_by_role("heading", level=1)).to_contain_text(heading)


def test_the_count_is_announced_politely(wide: Reader) -> None:
    wide.goes_to(POST)
    wide.field("Enter your comment").press_sequentially("Hello")
    status = wide.page.locator(".govuk-character-count__sr-status[aria-live=polite]")
    expect(status).to_have_text("You have 4,995 characters remaining", timeout=5000)


def test_without_a_segmenter_there_is_the_limit_in_words(wide: Reader) -> None:
    wide.page.add_init_script("delete Intl.Segmenter")
    wide.goes_to(POST)
    wide.writes("Enter your comment", "Hello")
    expect(wide.page.get_by_text("You can enter up to 5000 characters")).to_be_visible()
    expect(wide.page.locator(".govuk-character-count__status")).to_have_count(0)


def test_a_preview(meet: Meet) -> None:
    ida = meet(Reader, "Ida")
    ida.goes_to(POST)
    ida.writes("Enter your comment", "One\n\n<b>two</b>")
    ida.presses("Preview")
    preview = ida.page.locator("#preview")
    expect(preview).to_be_in_viewport()
    expect(preview.locator("p[dir=auto]")).to_have_text(["One", "<b>two</b>"])
    expect(ida.field("Enter your comment")).to_have_value("One\n\n<b>two</b>")
    ida.writes("Name", ida.name)
    ida.writes("Email", ida.address)
    ida.field("Email me if someone replies to my comment").check()
    ida.presses("Preview")
    expect(ida.page.locator("#preview .comment__name")).to_have_text(ida.name)
    expect(ida.field("Email me if someone replies to my comment")).to_be_checked()
    ida.presses("Submit comment")
    ida.sees_heading("Check your email")


def test_a_question_about_personal_details(meet: Meet, script: bool) -> None:
    jo = meet(Reader, "Jo")
    jo.goes_to(POST)
    jo.comments("Call me: 07700 900123, or come to SW1A 1AA.")
    assert jo.page.title() == f"Important: {POST_TITLE} - {BLOG}"
    banner = jo.page.get_by_role("alert")
    expect(banner).to_contain_text("a phone number: 07700 900123")
    expect(banner).to_contain_text("a postcode: SW1A 1AA")
    if script:
        expect(banner).to_be_focused()
    banner.get_by_role("link", name="Change your comment").click()
    expect(jo.field("Enter your comment")).to_be_focused()
    jo.writes("Enter your comment", "Call me: 07700 900123.")
    jo.presses("Submit comment")
    expect(jo.page.get_by_role("alert")).not_to_contain_text("SW1A")
    jo.presses("Submit it as it is")
    jo.sees_heading("Check your email")


def drafts(page: Page) -> list[list[str]]:
    return page.evaluate(DRAFTS)


def test_a_draft_outlives_the_page(narrow_with_script: Reader) -> None:
    kit = narrow_with_script
    kit.goes_to(POST)
    kit.writes("Enter your comment", "Half a tho")
    kit.writes("Name", kit.name)
    kit.writes("Email", kit.address)
    kit.goes_to("/")
    assert "Half a tho" in str(drafts(kit.page)) and kit.address not in str(drafts(kit.page))
    kit.goes_to(POST)
    expect(kit.field("Enter your comment")).to_have_value("Half a tho")
    expect(kit.page.get_by_role("status").filter(has_text="We have put back the draft")).to_be_visible()
    expect(kit.page.locator(".govuk-character-count__status")).to_contain_text("4,990")
    kit.look()
    kit.page.get_by_role("button", name="Delete draft").click()
    expect(kit.field("Enter your comment")).to_have_value("")
    expect(kit.field("Enter your comment")).to_be_focused()
    assert drafts(kit.page) == []
    kit.goes_to(POST)
    expect(kit.page.get_by_role("button", name="Delete draft")).to_be_hidden()


def test_a_draft_goes_when_the_comment_is_taken(wide: Reader) -> None:
    wide.goes_to(POST)
    wide.comments("Said and done.")
    wide.sees_heading("Check your email")
    wide.page.wait_for_function(f"{DRAFTS}.length === 0")


def test_a_draft_stays_while_the_comment_is_not_taken(wide: Reader) -> None:
    wide.goes_to(POST)
    wide.writes("Enter your comment", "Not yet.")
    wide.presses("Submit comment")
    wide.sees("There is a problem")
    wide.goes_to("/")
    wide.goes_to(POST)
    expect(wide.field("Enter your comment")).to_have_value("Not yet.")


def test_a_lost_network_loses_no_words(wide: Reader) -> None:
    wide.goes_to(POST)
    wide.writes("Enter your comment", "Into the void.")
    wide.context.set_offline(True)
    wide.page.get_by_role("button", name="Submit comment").click()
    wide.page.wait_for_url("chrome-error://**")
    wide.context.set_offline(False)
    wide.complaints.clear()  # of the lost network
    wide.goes_to(POST)
    expect(wide.field("Enter your comment")).to_have_value("Into the void.")


def test_a_draft_of_a_month_ago_is_gone(wide: Reader) -> None:
    wide.goes_to(POST)
    old = "JSON.stringify({comment: 'Old.', at: Date.now() - 31 * 86400000})"
    wide.page.evaluate(
        f"localStorage.setItem('postbag-draft:1:', {old}); localStorage.setItem('postbag-draft:2:', 'x')"
    )
    wide.goes_to(POST)
    expect(wide.field("Enter your comment")).to_have_value("")
    assert drafts(wide.page) == []


@pytest.mark.parametrize("why", ["forbidden", "full"])
def test_without_storage_all_else_works(wide: Reader, why: str) -> None:
    broken = {
        "forbidden": "Object.defineProperty(window, 'localStorage', {get () { throw new DOMException() }})",
        "full": "Storage.prototype.setItem = () => { throw new DOMException('', 'QuotaExceededError') }",
    }
    wide.page.add_init_script(broken[why])
    wide.goes_to(POST)
    wide.comments(f"No drafts here: {why}.")
    wide.sees_heading("Check your email")


def test_at_a_busy_time_the_browser_works(wide: Reader, instance: Instance) -> None:
    imports = "from mail import budgets; from moderation import heat; from blog.models import Blog"
    act = "budgets.take(*heat.of(Blog.objects.earliest('pk')))"
    instance.does(f"{imports}; [{act} for _ in range(1000)]")
    try:
        wide.goes_to(POST)
        wide.writes("Enter your comment", "Busy?")
        said = wide.page.get_by_role("status").filter(has_text="proof that you are no machine")
        expect(said).to_have_text("Your browser has worked out a proof that you are no machine.", timeout=30_000)
        wide.look()
        wide.comments("Busy!")
        wide.sees_heading("Check your email")
        wide.inbox.opens(f"Confirm your comment on {BLOG}")  # at once
    finally:
        instance.does("from mail.budgets import Spent; Spent.objects.all().delete()")


def test_the_hint_is_tied_to_its_field_and_all_is_visible(meet: Meet) -> None:
    lou = meet(Reader, "Lou")
    lou.goes_to(POST)
    for label in ["Enter your comment", "Name", "Email", "Email me if someone replies to my comment"]:
        expect(lou.field(label)).to_be_visible()
    expect(lou.field("Email")).to_have_accessible_description(re.compile("so we know you’re a real person"))
    expect(lou.field("Enter your comment")).to_have_accessible_description(re.compile("up to 5000 characters"))
    expect(lou.field("Email me if someone replies to my comment")).not_to_be_checked()
