"""A moderator with thirty comments before lunch clears them by keyboard alone."""

from playwright.sync_api import expect

from tests.browser.conftest import Meet
from tests.browser.instance import Instance
from tests.browser.people import Moderator

MANY = 30
SEED = """
import datetime
from django.utils import timezone
from blog.models import Post
from moderation.models import Comment
from moderation.text import as_html
post = Post.objects.filter(state="published").first()
notice = post.blog.notices.first()
for number in range({many}):
    text = f"Keys, number {{number}}."
    Comment.objects.create(
        post=post, notice=notice, name=f"Kay {{number:02}}", text=text, html=as_html(text), state="pending",
        confirmed_at=timezone.now(), due_at=timezone.now() - datetime.timedelta(days=9),
    )
"""


def test_thirty_comments_are_cleared_by_keyboard_alone(meet_at: Meet, instance: Instance) -> None:
    instance.manage("shell", "-c", SEED.format(many=MANY))
    mo = meet_at(True, Moderator, "Mo")
    mo.signs_in()
    decided = 0
    while decided < MANY:
        mo.goes_to("/desk/?q=Keys")
        here = mo.page.locator(".desk-card").count()
        mo.page.keyboard.press("j")
        for number in range(here):
            mo.page.keyboard.press("s" if number % 3 == 2 else "a")
            expect(mo.page.locator(".desk-card--done")).to_have_count(number + 1)
        decided += here
        assert here
    mo.page.keyboard.press("u")
    expect(mo.page.locator(".desk-card--done")).to_have_count(here - 1)
    mo.goes_to("/desk/?q=Keys")
    assert mo.page.locator(".desk-card").count() == 1


def test_help_shows_the_keys_and_switches_them_off(meet_at: Meet) -> None:
    mo = meet_at(True, Moderator, "Mo")
    mo.signs_in()
    mo.page.keyboard.press("?")
    expect(mo.page.get_by_role("heading", name="Keyboard")).to_be_visible()
    mo.page.keyboard.press("Enter")
    expect(mo.page.get_by_role("button", name="Turn shortcuts on")).to_be_focused()
    mo.page.keyboard.press("/")
    expect(mo.page.get_by_label("Words in the comment or name")).not_to_be_focused()


def test_one_comment_on_its_page_is_decided_by_keyboard(meet_at: Meet, instance: Instance) -> None:
    instance.manage("shell", "-c", SEED.format(many=1).replace("Keys", "Alone").replace("Kay", "Sole"))
    mo = meet_at(True, Moderator, "Mo")
    mo.signs_in()
    mo.goes_to("/desk/?q=Alone")
    mo.opens("Sole 00")
    mo.page.keyboard.press("r")
    expect(mo.page.get_by_label("Stay on topic")).to_be_focused()
    mo.page.locator("h1").click()
    mo.page.keyboard.press("e")
    expect(mo.page.get_by_role("button", name="Escalate the comment by Sole 00")).to_be_focused()
    mo.page.keyboard.press("n")
    expect(mo.page.get_by_label("Note for colleagues")).to_be_focused()
    mo.page.locator("h1").click()
    with mo.page.expect_navigation():
        mo.page.keyboard.press("a")
    mo.sees("Approved: the comment by Sole 00")
