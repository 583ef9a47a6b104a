"""The mail that answers “what do you hold about me”: the same for every address, but for its words."""

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from blog.models import Blog
from mail import budgets
from mail.addresses import mailbox
from mail.compose import Letter, Marks, owe
from postbag.mine.person import KIND, Person


def answer(blog: Blog, address: str, network: str) -> None:
    """Owe the owner of `address` a mail with the link, or that there is nothing; no more than the budgets allow.

    Whoever asked learns nothing of it. Raises mail.budgets.BudgetExceeded.
    """
    budgets.admit(network)
    with transaction.atomic():
        is_known = Person.at(address).is_known()
        if budgets.spend(mailbox(address)):
            owe(_letter(blog, is_known), to=address, about=0)


def _letter(blog: Blog, is_known: bool) -> Letter:
    marks = Marks()
    context = {
        "blog_name": blog.name,
        "blog_address": blog.address,
        "minutes": settings.MINE_MINUTES,
        "days": settings.MAIL_RETENTION_DAYS,
        "mine_url": blog.url(reverse("mine", args=[marks[KIND]])),
        "ask_url": blog.url(reverse("mine-ask")),
        "stop_url": blog.url(reverse("mail-stop", args=[marks["stop"]])),
    }
    template = "link" if is_known else "nothing"
    return Letter(KIND if is_known else "mine-nothing", f"mine/mail/{template}", blog.sender, context, marks, blog.pk)
