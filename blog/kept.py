"""What a process keeps in memory of a blog as long as the blog's version stands (docs/decisions/004).

Each request asks the database for the version and nothing else. Whoever is given these rows shares them with other
requests, and changes none of them.
"""

from functools import lru_cache
from typing import Any

from django.http import Http404

from blog import edges
from blog.models import Blog, Post


def blog_at(host: str) -> Blog | None:
    """The blog that answers at `host` (name and port, as the request names it), or None.

    In no transaction: what one has not committed yet would be kept for all.
    """
    found = edges.at(host)
    return _blog(*found) if found else None


def public_post(blog: Blog, number: int) -> Post:
    """The public post of a `blog` from here by its number. Raises Http404."""
    try:
        return _post(blog.version, blog, number)
    except Post.DoesNotExist as missing:
        raise Http404 from missing


def forget() -> None:
    """Keep nothing: for tests, whose databases begin anew."""
    _blog.cache_clear()
    _post.cache_clear()


@lru_cache(maxsize=100)
def _blog(number: int, *version: Any) -> Blog | None:
    blog = Blog.objects.filter(pk=number).first()
    if blog:
        blog.page_version, blog.latest_at, blog.aged_at, blog.edge_at = version  # type: ignore[attr-defined]
    return blog


@lru_cache(maxsize=500)
def _post(version: str, blog: Blog, number: int) -> Post:
    return blog.posts.public().defer("body", "body_html").get(pk=number)
