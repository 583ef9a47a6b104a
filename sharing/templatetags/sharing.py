"""Sharing and alerts, for the pages that they stand on."""

from typing import Any

from django import template

from blog.models import Blog, Post
from sharing import links

register = template.Library()


@register.inclusion_tag("sharing/_share_links.html")
def share_links(post: Post) -> dict[str, Any]:
    """“Share this page”."""
    return {"post": post, "links": links.share_links(post)}


@register.inclusion_tag("sharing/_subscribe_links.html")
def subscribe_links(blog: Blog) -> dict[str, Any]:
    """“Sign up and manage updates”."""
    return {"blog": blog}
