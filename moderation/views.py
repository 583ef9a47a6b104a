"""The reader's side of a comment: write it, confirm it, see where it stands."""

from http import HTTPStatus
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from blog.models import Post
from blog.views import BlogRequest, public_post, render_post
from mail.budgets import BudgetExceeded
from moderation.forms import CommentForm
from moderation.models import Comment, Reason
from postbag import pagecache, tokens
from postbag.private import behind_link, dead_link
from postbag.throttle import client_network

# Readers have no cookie, so there is nothing that Django's CSRF token could guard: SameOriginMiddleware does.


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def comments(request: BlogRequest, **url_parts: Any) -> HttpResponse:
    """Take a comment on a post; the address itself shows the post's comments."""
    post = public_post(request.blog, **url_parts)
    if request.method != "POST" or not request.blog.has_notice:
        return redirect(f"{post.get_absolute_url()}#comments")
    form = CommentForm(request.POST, post=post)
    if submit(request, form):
        return redirect("comment-sent", **post.url_parts())
    return HttpResponse(_with_errors(post, form), status=form.error_status)


@require_safe
def reply(request: BlogRequest, parent: int, **url_parts: Any) -> HttpResponse:
    """The form for a reply to one comment."""

    def render() -> str:
        post = public_post(request.blog, **url_parts)
        answered = get_object_or_404(Comment.objects.public(), post=post, pk=parent)
        initial = {"parent": answered.pk}
        return render_reply(answered, CommentForm(post=post, initial=initial) if post.takes_comments() else None)

    return pagecache.page(request, request.blog.version, render)


def submit(request: BlogRequest, form: CommentForm) -> Comment | None:
    """Submit a form for its sender, or None with its errors and `error_status` set. The API comes here too."""
    if not form.is_valid():
        return None
    try:
        return form.save(client_network(request))
    except BudgetExceeded:
        form.error_status = HTTPStatus.TOO_MANY_REQUESTS
        form.add_error(
            None, _("We have had too many comments just now. Keep this page open and submit again in an hour")
        )
        return None


@require_safe
def sent(request: BlogRequest, **url_parts: Any) -> HttpResponse:
    """“Check your email”: one page for everybody, so that it tells nothing of an address, now or later."""

    def render() -> str:
        post = public_post(request.blog, **url_parts)
        return render_to_string("moderation/sent.html", {"blog": request.blog, "post": post})

    return pagecache.page(request, request.blog.version, render)


@csrf_exempt
@behind_link
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: BlogRequest, token: str) -> HttpResponse:
    """The page behind the mailed link: a button, and on POST the comment goes to the desk."""
    comment = _named_by(request, "comment-confirm", token)
    if comment is None or comment.is_stale():
        return dead_link(request)
    if request.method == "POST":
        comment.confirm()
        return redirect("comment-status", token=tokens.make("comment-status", comment.pk))
    return render(request, "moderation/confirm.html", {"blog": request.blog, "comment": comment})


@csrf_exempt  # it takes no POST: the answer is 405
@behind_link
@require_safe
def status(request: BlogRequest, token: str) -> HttpResponse:
    """Where a comment stands, for whoever holds its author's link."""
    comment = _named_by(request, "comment-status", token)
    if comment is None:
        return dead_link(request)
    return render(request, "moderation/status.html", {"blog": request.blog, "comment": comment})


@require_safe
def guidelines(request: BlogRequest) -> HttpResponse:
    """The rules for comments, which are the reasons that a refusal quotes."""
    blog = request.blog
    context = {"blog": blog, "reasons": Reason.objects.filter(blog=blog)}
    return pagecache.page(request, blog.version, lambda: render_to_string("moderation/guidelines.html", context))


def render_reply(parent: Comment, form: CommentForm | None) -> str:
    """The page of a reply's form, without a request."""
    context = {"blog": parent.post.blog, "post": parent.post, "parent": parent, "form": form}
    return render_to_string("moderation/reply.html", context | {"errors_shown": bool(form and form.errors)})


def _with_errors(post: Post, form: CommentForm) -> str:
    """The page that the form stood on, with its errors: the reply's page or the post's."""
    parent = form.cleaned_data.get("parent")
    return render_reply(parent, form) if parent else render_post(post, form)


def _named_by(request: BlogRequest, purpose: str, token: str) -> Comment | None:
    found = tokens.read(purpose, token)
    comments = Comment.objects.filter(post__blog=request.blog).select_related("post__blog")
    return comments.prefetch_related("decisions__reason").filter(pk=found[0]).first() if found else None
