"""Comments for feed readers: Atom, of one post and of a blog. Rendered once for everybody, as pages are."""

import re
from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from blog.models import Blog
from blog.views import BlogRequest, public_post
from moderation.models import Comment, CommentQuerySet
from postbag import pagecache

NEWEST = 50
NOT_XML = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, 2.2 Characters


@require_safe
def of_post(request: BlogRequest, **url_parts: Any) -> HttpResponse:
    """The newest comments on one post. Raises Http404 for one that is not public."""

    def render() -> str:
        post = public_post(request.blog, **url_parts)
        title = _("Comments on “%(title)s”") % {"title": post.title}
        return _atom(request, Comment.objects.filter(post=post), title, post.full_url())

    return _answer(request, render)


@require_safe
def of_blog(request: BlogRequest) -> HttpResponse:
    """The newest comments on all posts of a blog."""
    blog = request.blog
    title = _("Comments on %(blog)s") % {"blog": blog.name}
    return _answer(request, lambda: _atom(request, Comment.objects.filter(post__blog=blog), title, blog.url("/")))


def xml(text: str) -> str:
    """`text` without the characters that no XML document may hold."""
    return NOT_XML.sub("", text)


def _atom(request: BlogRequest, comments: CommentQuerySet, title: str, about: str) -> str:
    own = request.blog.url(request.path)
    feed = Atom1Feed(
        title=xml(title), link=about, description=None, language=get_language(), feed_url=own, feed_guid=own
    )
    for comment in comments.public().select_related("post").order_by("-decided_at", "-pk")[:NEWEST]:
        feed.add_item(**_entry(request.blog, comment))
    return feed.writeString("utf-8")


def _entry(blog: Blog, comment: Comment) -> dict[str, Any]:
    """Its time is that of the decision: an edit that was approved is new to those who follow."""
    url = blog.url(comment.get_absolute_url())
    title = _("%(name)s on “%(title)s”") % {"name": comment.name, "title": comment.post.title}
    return {
        "title": xml(title),
        "link": url,
        "unique_id": url,
        "description": xml(comment.html),
        "author_name": xml(", ".join(filter(None, [comment.name, comment.official]))),
        "pubdate": comment.submitted_at,
        "updateddate": comment.edited_at or comment.decided_at or comment.submitted_at,
    }


def _answer(request: BlogRequest, render: Callable[[], str]) -> HttpResponse:
    response = pagecache.page(request, request.blog.version, render)
    response["Content-Type"] = Atom1Feed.content_type
    return response
