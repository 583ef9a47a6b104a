"""What stands beside the pages of a blog."""

from typing import Any

from django import template
from django.utils.safestring import SafeString, mark_safe

from blog.markdown import render_markdown
from blog.models import Blog

register = template.Library()


@register.simple_tag
def about(blog: Blog) -> SafeString:
    """What a blog says of itself, as HTML that `render_markdown` has sanitised."""
    return mark_safe(render_markdown(blog.about))  # noqa: S308


@register.inclusion_tag("blog/_recent_posts.html")
def recent_posts(blog: Blog) -> dict[str, Any]:
    """The five newest public posts."""
    return {"posts": blog.posts.public().newest_first().defer("body", "body_html")[:5]}


@register.inclusion_tag("blog/_categories.html")
def categories(blog: Blog) -> dict[str, Any]:
    """What there is to read about."""
    return {"categories": blog.categories.all()}
