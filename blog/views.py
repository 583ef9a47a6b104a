"""What readers read: a post, lists of posts, and the pages about the blog. All are the same for everybody."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.conf import settings
from django.core.paginator import InvalidPage, Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from blog.comment_pages import FIRST, CommentPage
from blog.models import Blog, Post, PostQuerySet, PrivacyNotice
from postbag import retention
from postbag.pagecache import page

POSTS_ON_A_PAGE = 10


class BlogRequest(HttpRequest):
    """A request that BlogHostMiddleware has seen."""

    blog: Blog


@require_safe
def home(request: BlogRequest) -> HttpResponse:
    """The blog's posts, newest first."""
    posts = request.blog.posts.public()
    return _numbered(request, lambda number: _render_list("blog/home.html", request.blog, posts, number))


@require_safe
def category(request: BlogRequest, slug: str) -> HttpResponse:
    """The posts of one category. Raises Http404 for one that this blog does not have."""

    def render(number: int) -> str:
        chosen = get_object_or_404(request.blog.categories, slug=slug)
        return _render_list("blog/category.html", request.blog, chosen.posts.public(), number, category=chosen)

    return _numbered(request, render)


@require_safe
def author(request: BlogRequest, slug: str) -> HttpResponse:
    """An author and their posts. Raises Http404 for one that this blog does not have."""

    def render(number: int) -> str:
        chosen = get_object_or_404(request.blog.authors, slug=slug)
        return _render_list("blog/author.html", request.blog, chosen.posts.public(), number, author=chosen)

    return _numbered(request, render)


@require_safe
def post(request: BlogRequest, **address: Any) -> HttpResponse:
    """One public post; at another day's address, a redirect to its own. Raises Http404 for one that is not public.

    With `?comments=2`, its second page of comments; where there is none, a redirect to the post's own address.
    """

    def render() -> str:
        return render_post(public_post(request.blog, **address), comment_page=asked)

    try:
        asked = CommentPage.asked(request.GET)
        return page(request, request.blog.version, render, variant=str(asked))
    except InvalidPage:
        return redirect(request.path)
    except Http404:
        return redirect(_with_slug(request.blog, address["slug"]), permanent=True)


def public_post(blog: Blog, **address: Any) -> Post:
    """The public post at an address of `blog` (year, month, day, slug). Raises Http404 when there is none."""
    found = _with_slug(blog, address["slug"])
    if found.url_parts() != address:
        raise Http404
    return found


def render_post(post: Post, comment_form: forms.Form | None = None, comment_page: CommentPage = FIRST) -> str:
    """The page of `post`, without a request: nothing personal can enter it but what `comment_form` brings.

    Raises InvalidPage when there is no such page of comments.
    """
    context = {
        "blog": post.blog,
        "post": post,
        "comment_form": comment_form,
        "comment_page": comment_page,
        "errors_shown": bool(comment_form and comment_form.errors),
        **_neighbours(post),
    }
    return render_to_string("post.html", context)


@require_safe
def privacy(request: BlogRequest) -> HttpResponse:
    """The privacy notice in force, and how long what is kept. Raises Http404 where a blog has none."""
    blog = request.blog

    def render() -> str:
        context = {"blog": blog, "notice": _current_notice(blog), "kept": retention.table()}
        return render_to_string("blog/privacy.html", context)

    return page(request, blog.version, render, variant=retention.fingerprint())


@require_safe
def cookies(request: BlogRequest) -> HttpResponse:
    """Which cookies there are: one for those who write comments, three for staff."""
    readers = [
        (
            settings.PROOF_COOKIE_NAME,
            _("Shows that you have confirmed your email address"),
            _("%(days)s days after you confirm a comment") % {"days": settings.PROOF_DAYS},
        )
    ]
    staff = [
        (settings.SESSION_COOKIE_NAME, _("Knows you while you are signed in"), _("12 hours after you sign in")),
        (settings.CSRF_COOKIE_NAME, _("Makes sure that what is sent in your name was sent by you"), _("After 1 year")),
        (
            settings.DEVICE_COOKIE_NAME,
            _("Lets you sign in here while others on your network try wrong passwords"),
            _("%(days)s days after you sign in") % {"days": settings.DEVICE_DAYS},
        ),
    ]
    return _about(request, "cookies", lambda: {"of_readers": readers, "of_staff": staff})


@require_safe
def accessibility(request: BlogRequest) -> HttpResponse:
    """The accessibility statement."""
    return _about(request, "accessibility")


def _with_slug(blog: Blog, slug: str) -> Post:
    posts = blog.posts.public().prefetch_related("authors", "categories")  # their blog is this one, as it was read
    return get_object_or_404(posts, slug=slug)


def _neighbours(post: Post) -> dict[str, Post | None]:
    """The public posts just before and just after `post`."""
    posts = Post.objects.public().filter(blog=post.blog_id).only("slug", "title", "published_at")
    earlier = Q(published_at__lt=post.published_at) | Q(published_at=post.published_at, pk__lt=post.pk)
    later = Q(published_at__gt=post.published_at) | Q(published_at=post.published_at, pk__gt=post.pk)
    return {
        "older_post": posts.filter(earlier).order_by("-published_at", "-pk").first(),
        "newer_post": posts.filter(later).order_by("published_at", "pk").first(),
    }


def _current_notice(blog: Blog) -> PrivacyNotice:
    try:
        return PrivacyNotice.objects.current(blog)
    except PrivacyNotice.DoesNotExist as missing:
        raise Http404 from missing


def _about(request: BlogRequest, name: str, more: Callable[[], dict[str, Any]] = dict) -> HttpResponse:
    def render() -> str:
        return render_to_string(f"blog/{name}.html", {"blog": request.blog, **more()})

    return page(request, request.blog.version, render)


def _numbered(request: BlogRequest, render: Callable[[int], str]) -> HttpResponse:
    """One page of a list, by `?page=`; a number that there is no page for leads to the first."""
    asked = request.GET.get("page", "1")
    number = int(asked) if asked.isdecimal() and len(asked) < 6 else 0
    try:
        return page(request, request.blog.version, lambda: render(number), variant=str(number))
    except InvalidPage:
        return redirect(request.path)


def _render_list(template: str, blog: Blog, posts: PostQuerySet, number: int, **more: Any) -> str:
    """Raises InvalidPage when there is no page with this number."""
    listed = posts.with_byline().newest_first().defer("body", "body_html")
    shown = Paginator(listed, POSTS_ON_A_PAGE).page(number)
    numbers = shown.paginator.get_elided_page_range(number, on_each_side=1, on_ends=1)
    return render_to_string(template, {"blog": blog, "posts": shown, "numbers": numbers, **more})
