"""A reader passes a post on."""

from urllib.parse import quote

from playwright.sync_api import expect

from tests.browser.conftest import Meet
from tests.browser.people import POST, POST_TITLE, Reader

TARGETS = {
    "X (formerly Twitter)": "https://twitter.com/intent/tweet?url={url}&text={title}",
    "Facebook": "https://www.facebook.com/sharer/sharer.php?u={url}",
    "LinkedIn": "https://www.linkedin.com/shareArticle?url={url}",
    "WhatsApp": "https://wa.me/?text={title}%20{url}",
    "Bluesky": "https://bsky.app/intent/compose?text={title}%20{url}",
    "Mastodon": "https://share.joinmastodon.org/#text={title}%20{url}",
}


def test_share_links_are_plain_links(meet: Meet) -> None:
    """That none of these sites was asked for anything, the browser of every reader watches itself."""
    gil = meet(Reader, "Gil")
    gil.goes_to(POST)
    url, title = quote(f"{gil.instance.url}{POST}", safe=""), quote(POST_TITLE)
    for label, address in TARGETS.items():
        link = gil.page.get_by_role("link", name=f"{label} (opens in new tab)", exact=True)
        expect(link).to_have_attribute("href", address.format(url=url, title=title))
        expect(link).to_have_attribute("target", "_blank")
        expect(link).to_have_attribute("rel", "noopener noreferrer")
    email = gil.page.locator(".share-links").get_by_role("link", name="Email", exact=True)
    subject = "I wanted to share this post with you from Digital Parks and Rivers"
    expect(email).to_have_attribute(
        "href", f"mailto:?subject={quote(subject)}&body={quote(POST_TITLE)}%0D%0A%0D%0A{url}"
    )


def test_copy_link_where_script_runs(meet: Meet, script: bool) -> None:
    hal = meet(Reader, "Hal")
    hal.goes_to(POST)
    button = hal.page.get_by_role("button", name="Copy link")
    if not script:
        expect(button).to_be_hidden()
        return
    hal.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=hal.instance.url)
    button.click()
    expect(hal.page.locator(".share-links").get_by_role("status")).to_have_text("Link copied")
    assert hal.page.evaluate("navigator.clipboard.readText()") == f"{hal.instance.url}{POST}"
    hal.look()
