"""Moderators decide what stands on the page, and why something does not."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import Meet
from tests.browser.instance import PASSWORD, Instance
from tests.browser.people import POST_TITLE, Moderator, Reader, full_name, has_commented, wait_for_mail


def test_sign_in_takes_the_right_password_only(meet: Meet) -> None:
    mo = meet(Moderator, "Mo")
    mo.goes_to("/desk/decided/")
    mo.writes("Username", "moderator")
    mo.writes("Password", "something else")
    mo.presses("Sign in")
    mo.sees("There is a problem")
    expect(mo.field("Username")).to_have_value("moderator")
    mo.writes("Password", PASSWORD)
    mo.presses("Sign in")
    mo.sees_heading("Decided")
    mo.presses("Sign out")
    mo.sees_heading("Sign in to the desk")
    mo.goes_to("/desk/")
    mo.sees_heading("Sign in to the desk")


def test_reject_with_a_reason(meet: Meet, instance: Instance, script: bool) -> None:
    abe = full_name("Abe", script)
    where = has_commented(instance, abe, "Buy my umbrellas.")
    mo = meet(Moderator, "Mo")
    mo.signs_in()
    mo.follows(f"Reject the comment by {abe}", within=mo.card(abe))
    mo.sees_heading(f"Comment by {abe}")
    mo.presses("Reject and tell the writer")
    mo.sees("Select the rule that the comment breaks")
    mo.page.get_by_role("link", name="Select the rule that the comment breaks").click()
    expect(mo.page.get_by_role("radio").first).to_be_focused()
    mo.page.get_by_role("radio", name="Do not advertise").check()
    mo.writes("Add a message to the writer (optional)", "Tell us about rain instead.")
    mo.presses("Reject and tell the writer")
    mo.sees(f"Rejected: the comment by {abe}")

    mail = wait_for_mail(instance, where["address"], f"Your comment on “{POST_TITLE}” was not published")
    for part in [mail["text"], mail["html"]]:
        assert "Your comment promotes a product" in part
        assert "Tell us about rain instead." in part
    reader = meet(Reader, "Abe")
    reader.goes_to(where["status"])
    reader.sees("Not published", "Your comment promotes a product", "Tell us about rain instead.")


def test_spam_and_undo(meet: Meet, instance: Instance, script: bool) -> None:
    ed = full_name("Ed", script)
    where = has_commented(instance, ed, "Cheap watches.")
    mo, reader = meet(Moderator, "Mo"), meet(Reader, "Ed")
    mo.signs_in()
    mo.decides("Mark as spam", writer=ed)
    mo.sees(f"Marked as spam: the comment by {ed}")
    assert mo.page.locator(mo.card(ed)).count() == 0
    reader.goes_to(where["status"])
    reader.sees("Not published")

    mo.undoes(ed)
    mo.decides("Approve", writer=ed)
    reader.reloads()
    reader.sees("Published")

    mo.follows(re.compile("^Decided"), within="nav")
    mo.sees_heading("Decided")
    mo.opens(ed)
    mo.sees("Marked as spam, moderator", "Put back in the queue, moderator", "Approved, moderator")
    mo.presses(f"Undo the comment by {ed}")
    reader.reloads()
    reader.sees("Awaiting moderation")


def test_the_second_of_two_moderators_is_told(meet: Meet, instance: Instance, script: bool) -> None:
    flo, username = full_name("Flo", script), f"mia{script:d}"
    account = ["createsuperuser", "--noinput", "--username", username, "--email", "mia@example.org"]
    instance.manage(*account, DJANGO_SUPERUSER_PASSWORD=PASSWORD)
    has_commented(instance, flo, "May I?")
    mo, mia = meet(Moderator, "Mo"), meet(Moderator, "Mia")
    mo.signs_in()
    mia.signs_in(username)
    mia.opens(flo)
    mo.decides("Approve", writer=flo)

    mia.page.get_by_role("radio", name="Be concise").check()
    mia.presses("Reject and tell the writer")
    summary = mia.page.get_by_role("alert")
    expect(summary).to_contain_text(re.compile(r"“Approved” by moderator, \d+ \w+ \d{4}, \d\d:\d\d:\d\d"))
    mia.sees("Published")


def test_words_that_are_marked_are_removed(meet: Meet, instance: Instance, script: bool) -> None:
    """Without script they are typed."""
    ivy = full_name("Ivy", script)
    where = has_commented(instance, ivy, "Otterworth is who let us down.")
    mo = meet(Moderator, "Mo")
    mo.signs_in()
    mo.follows(f"Open the comment by {ivy}", within=mo.card(ivy))
    if script:
        mo.page.locator("[data-words]").get_by_text("Otterworth").first.dblclick(position={"x": 20, "y": 8})
    mo.page.get_by_text("Remove words before approval").click()
    if script:
        expect(mo.field("Words to remove")).to_have_value("Otterworth")
        mo.sees("You can mark the words in the comment above")
    else:
        expect(mo.page.get_by_text("You can mark the words")).to_be_hidden()
        mo.writes("Words to remove", "Otterworth")
    mo.presses("Remove these words")
    mo.sees("[removed by a moderator] is who let us down.")
    mo.presses(f"Approve the comment by {ivy}")
    reader = meet(Reader, "Ivy")
    reader.goes_to(where["status"])
    reader.sees("[removed by a moderator] is who let us down.")
    reader.sees_no("Otterworth")
