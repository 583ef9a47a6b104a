"""A post's comments, for the page that it stands on."""

from typing import Any

from django import template
from django.urls import reverse

from blog.models import Post
from moderation.forms import CommentForm
from moderation.models import Comment

register = template.Library()
DEPTH = 3  # deeper replies join the last level


@register.inclusion_tag("moderation/_thread.html")
def comment_thread(post: Post) -> dict[str, Any]:
    """The published comments of a post, replies under what they answer, in one query."""
    comments = list(Comment.objects.public().filter(post=post).in_thread())
    return {
        "roots": nest(comments),
        "count": len(comments),
        "open": post.takes_comments(),
        "comments_url": reverse("comments", kwargs=post.url_parts()),
    }


@register.inclusion_tag("moderation/_form.html")
def comment_form(post: Post, form: CommentForm | None = None) -> dict[str, Any]:
    """“Leave a comment”, with what was typed and its errors when there were some."""
    return {
        "post": post,
        "blog": post.blog,
        "form": form or (CommentForm(post=post) if post.takes_comments() else None),
    }


def nest(comments: list[Comment]) -> list[Comment]:
    """The comments that start a thread, each with its `answers`; a reply to a comment that is gone starts one too."""
    shown: dict[int, Comment] = {}
    roots: list[Comment] = []
    for comment in comments:
        parent = shown.get(comment.parent_id or 0)
        comment.answers, comment.depth = [], min(parent.depth + 1, DEPTH) if parent else 1  # type: ignore[attr-defined]
        level = _level_of(parent) if parent else roots
        level.append(comment)
        comment.siblings = level  # type: ignore[attr-defined]
        shown[comment.pk] = comment
    return roots


def _level_of(parent: Comment) -> list[Comment]:
    """Where a reply to `parent` goes: below it, or beside it at the deepest level."""
    return parent.siblings if parent.depth == DEPTH else parent.answers  # type: ignore[attr-defined]
