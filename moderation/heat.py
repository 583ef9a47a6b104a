"""How many comments a blog is sent just now: with very many, those who send without proof of work wait longer."""

from django.conf import settings

from blog.models import Blog
from mail import budgets

WINDOW = 300  # seconds


def count(blog: Blog) -> bool:
    """Count one comment that is sent to `blog`. Whether that is hot: it has had its fill for these five minutes."""
    return not budgets.take("heat", str(blog.pk), WINDOW, settings.BLOG_HEAT)


def is_warm(blog: Blog) -> bool:
    """Whether it may soon be hot, so that browsers had better begin to work."""
    return budgets.taken("heat", str(blog.pk), WINDOW) * 2 >= settings.BLOG_HEAT
