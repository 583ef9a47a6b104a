"""A reader reads what many people said: pages, orders, threads, and the link to one comment. Each page is looked at."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Meet
from tests.browser.instance import Instance
from tests.browser.people import Reader

TITLE = "What many people said"
FILL = f"""
from blog.models import Blog, Post
from tests.factories import make_comment, make_comments, make_post
blog = Blog.objects.first()
if not Post.objects.filter(title="{TITLE}").exists():
    post = make_post(blog, title="{TITLE}", send_alert=False)
    roots = make_comments(post, 120)
    make_comments(post, 60, parent=roots[70])
    make_comment(post, "approved", parent=roots[0], name="Priya", official="Designer, Department of Examples")
    gone = make_comment(post, "withdrawn", parent=roots[1])
    last = make_comment(post, "approved", parent=gone, name="Cy")
    for number in range(4):
        last = make_comment(post, "approved", parent=last, name="Cy again")
print(Post.objects.get(title="{TITLE}").get_absolute_url())
"""


@pytest.fixture(scope="package")
def many(instance: Instance) -> str:
    """The address of a post with 186 comments."""
    return instance.does(FILL).strip()


def test_pages_orders_and_threads(meet: Meet, many: str) -> None:
    ann = meet(Reader, "Ann")
    ann.goes_to(many)
    ann.sees(
        "Official reply", "Priya, Designer, Department of Examples", "withdrawn by its writer", "In reply to Cy again"
    )
    ann.follows(re.compile("Next page of comments"))
    ann.sees("page 2 of 3", "The words with the number 50.")
    expect(ann.page).to_have_title(re.compile(r"\(comments, page 2\)"))
    ann.follows(re.compile("Show all 60 replies"))
    ann.sees_heading("60 replies")
    ann.follows(re.compile("Next page of comments"))
    ann.sees("The words with the number 59.", "The words with the number 70.")
    ann.follows("Back to all comments")
    ann.follows("Newest first")
    expect(ann.page.locator(".comment").first).to_contain_text("Ann 119")
    ann.follows("Oldest first")
    assert ann.page.url.partition("#")[0].endswith(many)


def test_the_link_to_a_comment_lands_on_it(meet: Meet, many: str) -> None:
    bea = meet(Reader, "Bea")
    bea.goes_to(f"{many}?comments=2")
    wanted = bea.page.locator(".comment", has_text="The words with the number 90.")
    permalink = wanted.get_by_role("link", name=re.compile("Link to this comment")).get_attribute("href") or ""
    bea.goes_to(permalink)
    assert bea.page.url.partition("#")[0].endswith("?comments=2")
    landed = bea.page.locator(f"[id='{bea.page.url.partition('#')[2]}']")
    expect(landed).to_contain_text("The words with the number 90.")
    expect(landed).to_be_in_viewport()
