"""The reader's side of a comment: its form, and the rules that it is read by."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from blog import kept
from blog.models import Post
from blog.views import BlogRequest, public_post, render_post
from mail.budgets import BudgetExceeded
from moderation import heat, remembered, work
from moderation.forms import CommentForm
from moderation.links import to_sent, to_status
from moderation.models import Comment, Reason
from moderation.unsent import keeps_words
from postbag import pagecache
from postbag.throttle import client_network

# Readers have no cookie, so there is nothing that Django's CSRF token could guard: SameOriginMiddleware does.


@csrf_exempt
@keeps_words
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: BlogRequest, pk: int) -> HttpResponse:
    """Take a comment on a post, whose number is all that the address says: so one cookie path fits every post."""
    return _take(request, kept.public_post(request.blog, pk))


@csrf_exempt
@keeps_words
@require_http_methods(["GET", "HEAD", "POST"])
def comments(request: BlogRequest, **url_parts: Any) -> HttpResponse:
    """The post's comments; and where its form went in pages of earlier releases."""
    return _take(request, public_post(request.blog, **url_parts))


@require_safe
def reply(request: BlogRequest, parent: int, **url_parts: Any) -> HttpResponse:
    """The form for a reply to one comment."""

    def render() -> str:
        post = public_post(request.blog, **url_parts)
        answered = get_object_or_404(Comment.objects.public(), post=post, pk=parent)
        initial = {"parent": answered.pk}
        return render_reply(answered, CommentForm(post=post, initial=initial) if post.takes_comments() else None)

    return pagecache.page(request, request.blog.version, render)


def submit(request: BlogRequest, form: CommentForm, proved: Callable[[str], bool] | None = None) -> Comment | None:
    """Submit a form for its sender, or None with its errors and `error_status` set. The API comes here too.

    `proved` says whether an address needs no mail.
    """
    if not form.is_valid() or form.warned:
        return None
    try:
        form.proved = bool(proved and proved(form.cleaned_data["email"]))
        return form.save(client_network(request))
    except BudgetExceeded as error:
        form.error_status, form.budget = HTTPStatus.TOO_MANY_REQUESTS, error
        form.add_error(
            None, _("We have had too many comments just now. Keep this page open and submit again in an hour")
        )
        return None


@require_safe
def to_work(request: BlogRequest, pk: int) -> JsonResponse:
    """What a browser has to work out before it sends a comment on this post: mostly nothing."""
    post = kept.public_post(request.blog, pk)
    given = {"challenge": work.challenge(post)} if heat.is_warm(request.blog) else {}
    return JsonResponse(given, headers={"Cache-Control": "no-store"})


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


def _take(request: BlogRequest, post: Post) -> HttpResponse:
    if request.method != "POST":
        return redirect(f"{post.get_absolute_url()}#comments")
    if not request.blog.has_notice:
        raise Http404
    form = CommentForm(request.POST, post=post)
    if "preview" in request.POST:
        form.preview()
        return HttpResponse(_with_errors(post, form), status=form.error_status)
    comment = submit(request, form, proved=lambda address: remembered.proves(request, address))
    if comment is None:
        return HttpResponse(_with_errors(post, form), status=form.error_status)
    at_once = form.proved and comment.state != Comment.State.UNCONFIRMED
    return to_status(comment) if at_once else to_sent(comment)


def _with_errors(post: Post, form: CommentForm) -> str:
    """The page that the form stood on, with what is said about it: the reply's page or the post's."""
    parent = form.cleaned_data.get("parent")
    return render_reply(parent, form) if parent else render_post(post, form)
