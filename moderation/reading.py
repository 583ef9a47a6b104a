"""Addresses of comments: of one, wherever it stands, and of a thread that is too long for the post's page."""

from typing import Any

from django.core.paginator import InvalidPage
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_safe

from blog.comment_pages import CommentPage
from blog.models import Post
from blog.views import BlogRequest, public_post
from moderation import threads
from moderation.listing import Listing, links
from moderation.models import Comment
from postbag import pagecache


@require_safe
def permalink(request: BlogRequest, pk: int) -> HttpResponse:
    """To the page where this comment stands now. Raises Http404 for one that is not public."""
    comments = Comment.objects.public().filter(post__blog=request.blog).select_related("post", "root")
    return redirect(_url(get_object_or_404(comments, pk=pk)))


@require_safe
def thread(request: BlogRequest, root: int, **url_parts: Any) -> HttpResponse:
    """A comment and its replies, 50 on a page.

    A thread that the post's page shows whole has no page of its own: it leads there. Raises Http404 when there is none.
    """
    try:
        asked = CommentPage.asked(request.GET)
        if asked.newest_first:
            raise InvalidPage
        return pagecache.page(
            request, request.blog.version, lambda: _render_thread(request, root, asked.number, url_parts), str(asked)
        )
    except _Whole as whole:
        return redirect(whole.url)
    except InvalidPage:
        return redirect(request.path)


class _Whole(Exception):
    """All of the thread is on the post's page, at `url`."""

    def __init__(self, url: str) -> None:
        self.url = url


def _render_thread(request: BlogRequest, pk: int, number: int, url_parts: dict[str, Any]) -> str:
    post = public_post(request.blog, **url_parts)
    root = threads.beginning(post, pk)
    if root is None:
        raise Http404
    place = threads.place_of(root)
    if threads.is_whole_on_post(root):
        raise _Whole(_on_post(post, place.number, pk))
    page = threads.of_thread(post, pk, number)
    own = _thread_url(post, pk)
    context = {
        "blog": post.blog,
        "post": post,
        "page": page,
        "list": Listing(post, page, whole=True).html(),
        "canonical": post.blog.url(f"{own}{CommentPage(number)}"),
        "back_url": _on_post(post, place.number, pk),
        **links(page, lambda number: f"{own}{CommentPage(number)}"),
    }
    return render_to_string("moderation/thread.html", context)


def _url(comment: Comment) -> str:
    """Where it stands, on its page."""
    place = threads.place_of(comment)
    if place.thread is None:
        return _on_post(comment.post, place.number, comment.pk)
    return f"{_thread_url(comment.post, place.thread)}{CommentPage(place.number)}#comment-{comment.pk}"


def _on_post(post: Post, number: int, pk: int) -> str:
    return f"{CommentPage(number).url(post)}#comment-{pk}"


def _thread_url(post: Post, root: int) -> str:
    return reverse("thread", kwargs={**post.url_parts(), "root": root})
