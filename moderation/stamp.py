"""When a form was rendered, sealed into it: nobody writes a comment in a moment, and no writer is too slow."""

from django.utils import timezone

from blog.models import Post
from postbag import tokens


def make(post: Post) -> str:
    """The stamp of a form for `post`. The page may come from a cache: then its stamp is old, which is fine."""
    return tokens.make(f"form of post {post.pk}", int(timezone.now().timestamp()))


def age(post: Post, stamp: str) -> float | None:
    """Seconds since we stamped this form for `post`. None for a stamp that is not ours."""
    known = tokens.read(f"form of post {post.pk}", stamp)
    return timezone.now().timestamp() - known[0] if known else None
