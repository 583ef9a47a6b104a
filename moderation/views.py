"""The reader's side of a comment: its form, and the rules that it is read by."""

from http import HTTPStatus
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from blog.models import Post
from blog.views import BlogRequest, public_post, render_post
from mail.budgets import BudgetExceeded
from moderation.forms import CommentForm
from moderation.models import Comment, Reason
from postbag import pagecache
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
