"""What a writer does with a comment after it was sent, and what the desk makes of it."""

from playwright.sync_api import expect

from tests.browser.conftest import Meet
from tests.browser.instance import Instance
from tests.browser.people import BLOG, POST_TITLE, Moderator, Reader, full_name, has_commented, published_at


def test_change_a_comment_before_and_after_it_is_published(meet: Meet, instance: Instance, script: bool) -> None:
    name = full_name("Una", script)
    where = has_commented(instance, name, "The bridge is to narrow.")
    una, mo = meet(Reader, "Una"), meet(Moderator, "Mo")
    una.goes_to(where["status"])
    una.sees("Awaiting moderation")
    una.follows("Change your comment")
    una.sees_heading("Change your comment")
    una.writes("Your comment", " ")
    una.presses("Save")
    una.sees("There is a problem", "Enter your comment")
    una.writes("Your comment", "The bridge is too narrow.")
    una.presses("Save")
    una.sees("You have changed your comment", "too narrow")

    mo.signs_in()
    mo.decides("Approve", writer=name)
    una.follows("Change your comment")
    una.sees("stays on the page as it is until our moderators have read the edit")
    una.writes("Your comment", "The bridge is wide enough.")
    una.presses("Send to our moderators")
    una.sees("You have sent us an edit of your comment", "Awaiting moderation", "wide enough")

    mo.goes_to("/desk/edits/")
    mo.sees("too narrow", "wide enough")
    mo.follows(f"Do not publish the edit by {name}", within=mo.card(name))
    mo.presses("Do not publish the edit, and tell the writer")
    mo.sees("Select the rule that the comment breaks")
    mo.goes_to("/desk/edits/")
    mo.decides("Publish the edit", writer=name)
    mo.sees(f"Published the edit: the comment by {name}")

    una.goes_to(published_at(where["status"]))
    comment = una.page.locator(".comment", has_text=name).last
    expect(comment).to_contain_text("wide enough")
    expect(comment).to_contain_text("edited ")


def test_appeal_against_a_refusal_and_send_it_again(meet: Meet, instance: Instance, script: bool) -> None:
    name = full_name("Olu", script)
    where = has_commented(instance, name, "Buy my umbrellas!")
    olu, mo = meet(Reader, "Olu"), meet(Moderator, "Mo")
    mo.signs_in()
    mo.follows(f"Reject the comment by {name}", within=mo.card(name))
    mo.page.get_by_role("radio", name="Do not advertise").check()
    mo.presses("Reject and tell the writer")

    olu.goes_to(where["status"])
    olu.follows("Appeal: ask somebody else to look at it")
    olu.presses("Send appeal")
    olu.sees("There is a problem", "Enter why we should publish your comment")
    olu.writes("Why should we publish your comment?", "I sell none. It was a joke.")
    olu.presses("Send appeal")
    olu.sees("You have appealed", "Awaiting an answer", "It was a joke.")

    mo.goes_to("/desk/appeals/")
    mo.sees("It was a joke.", "Do not advertise")
    mo.follows(f"Answer the appeal by {name}", within=mo.card(name))
    mo.presses("Uphold the refusal")
    mo.sees("Enter why the refusal stands")
    mo.writes("Message to the writer", "Jokes sell, too.")
    mo.presses("Uphold the refusal")
    mo.sees(f"Upheld the refusal: the comment by {name}")

    olu.goes_to(where["status"])
    olu.sees("Refusal upheld", "Jokes sell, too.")
    olu.follows("Change your comment and send it again")
    olu.writes("Your comment", "It rains.")
    olu.presses("Send to our moderators")
    olu.sees("You have sent your comment again", "Awaiting moderation", "It rains.")
    mo.goes_to("/desk/")
    mo.opens(name)
    mo.sees("Changed and sent again after the refusal", "It rains.")
    mo.goes_to("/desk/")
    mo.decides("Approve", writer=name)


def test_hear_of_replies_and_end_it(meet: Meet, instance: Instance, script: bool) -> None:
    name = full_name("Ivy", script)
    ivy, mo = meet(Reader, "Ivy"), meet(Moderator, "Mo")
    where = has_commented(instance, name, "Who else was there?")
    ivy.address = where["address"]
    ivy.goes_to(where["status"])
    ivy.presses("Email me about replies")
    ivy.sees("We will email you about replies")
    mo.signs_in()
    mo.decides("Approve", writer=name)

    sam = meet(Reader, "Sam")
    sam.begins_a_reply(to=where)
    sam.sees_heading(f"Leave a reply to {name}")
    sam.comments("I was.")
    sam.inbox.opens(f"Confirm your comment on {BLOG}")
    sam.inbox.follows("Confirm your comment")
    sam.presses("Confirm comment")
    mo.goes_to("/desk/")
    mo.decides("Approve", writer=sam.name)

    ivy.inbox.opens(f"A reply to your comment on “{POST_TITLE}”")
    ivy.inbox.reads_text(f"By {sam.name}")
    ivy.inbox.follows("End these emails about this thread")
    ivy.sees_heading("End emails about replies?")
    ivy.presses("End these emails")
    ivy.sees_heading("No more emails about replies")
    ivy.goes_to(where["status"])
    ivy.sees("We do not email you about replies")


def test_withdraw_a_comment(meet: Meet, instance: Instance, script: bool) -> None:
    name = full_name("Wes", script)
    where = has_commented(instance, name, "I regret this.")
    wes, mo = meet(Reader, "Wes"), meet(Moderator, "Mo")
    mo.signs_in()
    mo.decides("Approve", writer=name)
    wes.goes_to(published_at(where["status"]))
    wes.sees("I regret this")
    page = wes.page.url
    wes.goes_to(where["status"])
    wes.follows("Withdraw your comment")
    wes.sees_heading("Withdraw your comment?")
    wes.presses("Withdraw comment")
    wes.sees("You have withdrawn your comment", "Withdrawn")
    wes.goes_to(page)
    wes.sees_no("I regret this")
