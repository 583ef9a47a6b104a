"""How many comments a blog is sent just now: with very many, those who send without proof of work wait longer."""

from django.conf import settings

from blog.models import Blog
from mail import budgets

WINDOW = 300  # seconds


def of(blog: Blog) -> budgets.Take:
    """One comment that is sent to `blog`: without room for it, the blog is hot for the rest of these five minutes."""
    return budgets.Take("heat", str(blog.pk), WINDOW, settings.BLOG_HEAT)


def is_warm(blog: Blog) -> bool:
    """Whether it may soon be hot, so that browsers had better begin to work."""
    return budgets.taken("heat", str(blog.pk), WINDOW) * 2 >= settings.BLOG_HEAT
