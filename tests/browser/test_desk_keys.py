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
    instance.does(SEED.format(many=MANY))
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


def test_a_held_key_decides_one_comment(meet_at: Meet, instance: Instance) -> None:
    instance.does(SEED.format(many=3).replace("Keys", "Held").replace("Kay", "Hal"))
    mo = meet_at(True, Moderator, "Mo")
    mo.signs_in()
    mo.goes_to("/desk/?q=Held")
    mo.page.keyboard.press("j")
    mo.page.keyboard.down("a")
    expect(mo.page.locator(".desk-card--done")).to_have_count(1)
    expect(mo.page.locator(".desk-card:not(.desk-card--done)").first).to_be_focused()
    mo.page.keyboard.down("a")
    mo.page.wait_for_timeout(1000)
    expect(mo.page.locator(".desk-card--done")).to_have_count(1)
    mo.page.keyboard.up("a")
    mo.page.keyboard.press("a")
    expect(mo.page.locator(".desk-card--done")).to_have_count(2)


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
    instance.does(SEED.format(many=1).replace("Keys", "Alone").replace("Kay", "Sole"))
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


EDIT = """
from moderation import editing
from moderation.models import Comment, Report
comment = Comment.objects.get(name="Eda 00")
Comment.objects.filter(pk=comment.pk).update(state="approved")
comment.refresh_from_db()
editing.edit(comment, "published", "Other words.")
told = Comment.objects.get(name="Eda 01")
Comment.objects.filter(pk=told.pk).update(state="approved")
told.refresh_from_db()
Report.objects.make(told, "192.0.2.0/24", "abuse")
"""
FASTER = """
from django.contrib.auth.models import User
from moderation.models import Comment
comment, mia = Comment.objects.get(name="Tia 00"), User.objects.get_or_create(username="mia")[0]
comment.decide("spam", by=mia, version=comment.version)
"""


def seed(instance: Instance, many: int, words: str, name: str) -> None:
    instance.does(SEED.format(many=many).replace("Keys", words).replace("Kay", name))


def test_edits_and_reported_comments_are_decided_by_keyboard_and_taken_back(meet_at: Meet, instance: Instance) -> None:
    seed(instance, 2, "Edited", "Eda")
    instance.does(EDIT)
    mo = meet_at(True, Moderator, "Mo")
    mo.signs_in()
    for tab, writer, outcome in [("edits", "Eda 00", "Published the edit"), ("reported", "Eda 01", "Kept on the page")]:
        mo.goes_to(f"/desk/{tab}/?q=Edited")
        mo.page.keyboard.press("j")
        mo.page.keyboard.press("a")
        expect(mo.done(writer)).to_contain_text(outcome)
        mo.page.keyboard.press("u")
        expect(mo.done(writer).filter(has_text=outcome)).to_have_count(0)


def test_who_was_slower_is_told_in_the_card_and_undoes_nothing(meet_at: Meet, instance: Instance) -> None:
    seed(instance, 1, "Twice", "Tia")
    mo = meet_at(True, Moderator, "Mo")
    mo.signs_in()
    mo.goes_to("/desk/?q=Twice")
    instance.does(FASTER)
    mo.page.keyboard.press("j")
    mo.page.keyboard.press("a")
    card = mo.page.locator(mo.card("Tia 00"))
    expect(card.get_by_role("alert")).to_contain_text("“Marked as spam” by mia")
    expect(card).to_be_focused()
    mo.complaints.clear()  # Chromium writes each 409 down
    mo.page.keyboard.press("u")
    expect(card.get_by_role("alert")).to_contain_text("“Marked as spam” by mia")


def test_a_press_that_comes_to_nothing_is_told_and_can_be_repeated(meet_at: Meet, instance: Instance) -> None:
    seed(instance, 1, "Offline", "Ora")
    mo = meet_at(True, Moderator, "Mo")
    mo.signs_in()
    mo.goes_to("/desk/?q=Offline")
    mo.context.set_offline(True)
    mo.page.keyboard.press("j")
    mo.page.keyboard.press("a")
    expect(mo.page.get_by_role("alert")).to_contain_text("We could not do this just now")
    mo.complaints.clear()
    mo.context.set_offline(False)
    mo.page.wait_for_timeout(1100)  # a button that is pressed twice in a second is pressed once
    mo.page.keyboard.press("a")
    expect(mo.done("Ora 00")).to_be_visible()
