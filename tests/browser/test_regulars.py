"""On a blog that publishes proved regulars at once: the regular, and the moderator who looks at it afterwards."""

from collections.abc import Iterator

import pytest

from tests.browser.conftest import Meet
from tests.browser.instance import Instance
from tests.browser.people import BLOG, POST, POST_TITLE, Moderator, Reader, full_name, has_commented

MODE = """
from blog.models import Blog
blog = Blog.objects.get(name="{blog}")
blog.mode, blog.regular_after = "{mode}", 1
blog.save()
"""
APPROVE = """
from django.contrib.auth.models import User
from moderation.models import Comment, Decision
comment = Comment.objects.get(address="{address}")
comment.decide(Decision.Outcome.APPROVED, by=User.objects.get(username="moderator"), version=comment.version)
"""


@pytest.fixture
def regulars_first(instance: Instance) -> Iterator[None]:
    instance.does(MODE.format(blog=BLOG, mode="after"))
    yield
    instance.does(MODE.format(blog=BLOG, mode="before"))


@pytest.mark.usefixtures("regulars_first")
def test_a_regular_is_published_and_looked_at_afterwards(meet: Meet, instance: Instance, script: bool) -> None:
    name = full_name("Reg", script)
    where = has_commented(instance, name, "The first of many words.")
    instance.does(APPROVE.format(address=where["address"]))
    reg, mo = meet(Reader, "Reg"), meet(Moderator, "Mo")
    reg.address = where["address"]
    reg.goes_to(POST)
    reg.comments("Bridges are quite another matter.")
    reg.inbox.opens(f"Confirm your comment on {BLOG}")
    reg.inbox.follows("Confirm your comment")
    reg.sees("or soon afterwards if they have often published what you wrote")
    reg.presses("Confirm comment")
    reg.sees("Published", "Our moderators read it afterwards")
    reg.follows("Read your comment on the page")
    reg.sees("Bridges are quite another matter.")
    reg.inbox.opens(f"Your comment on “{POST_TITLE}” is published")

    mo.signs_in()
    mo.sees_no("Bridges")
    mo.follows("To be looked at (1)")
    mo.sees_heading("Published, to be looked at")
    mo.decides("Keep", writer=name)
    mo.goes_to("/desk/published/")
    mo.sees("Nothing was published that nobody has looked at.")
