"""Where a comment stands, for its writer, and what the writer can do about it: each a page with a button."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus

from django.db.models import prefetch_related_objects
from django.forms import BaseForm
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from blog.views import BlogRequest
from moderation import appeals, editing, replies
from moderation.links import named_by
from moderation.models import Comment
from moderation.text import clean_text
from moderation.writers import AppealForm, EditForm
from postbag.origin import any_origin
from postbag.private import behind_link, dead_link

DONE = {
    "in_place": _("You have changed your comment"),
    "again": _("You have sent your comment again"),
    "published": _("You have sent us an edit of your comment"),
    "nothing": _("Nothing was changed: your comment reads the same"),
    "withdrawn": _("You have withdrawn your comment"),
    "appealed": _("You have appealed"),
    "replies-on": _("We will email you about replies"),
    "replies-off": _("We will not email you about replies"),
}

CHANGED = _("Something happened to your comment while you wrote")

Act = Callable[[BlogRequest, Comment], HttpResponse]
View = Callable[..., HttpResponseBase]


def for_the_writer(*methods: str) -> Callable[[Act], View]:
    """Give a view the comment that its link names, or show the page for dead links."""

    def decorator(view: Act) -> View:
        @csrf_exempt  # readers have no cookie; SameOriginMiddleware guards this
        @behind_link
        @require_http_methods(list(methods))
        @wraps(view)
        def wrapped(request: BlogRequest, token: str) -> HttpResponse:
            comment = _named(request, token)
            return view(request, comment) if comment else dead_link(request)

        return wrapped

    return decorator


@for_the_writer("GET", "HEAD")
def status(request: BlogRequest, comment: Comment) -> HttpResponse:
    """Where a comment stands, for whoever holds its author's link."""
    done = DONE.get(request.GET.get("done", ""))
    return _page(request, "status", comment, done=done, waiting=editing.waiting(comment), kept=editing.kept(comment))


@for_the_writer("GET", "HEAD", "POST")
def edit(request: BlogRequest, comment: Comment) -> HttpResponse:
    """Other words for the comment."""
    way, typed = editing.way_of(comment), request.POST.get("comment", "")
    if way is None:
        return _too_late(request, "edit", comment, editing.why_not(comment), typed)
    form = EditForm(request.POST if request.method == "POST" else None, comment=comment, way=way)
    if not form.is_valid():
        return _page(request, "edit", comment, form=form)
    if form.changes_nothing():
        return _back(request, "nothing")
    try:
        form.save_edit()
    except editing.TooLate:
        return _too_late(request, "edit", _again(request, comment), CHANGED, typed)
    return _back(request, way)


@for_the_writer("GET", "HEAD", "POST")
def withdraw(request: BlogRequest, comment: Comment) -> HttpResponse:
    """Ask, and on POST take the comment back."""
    if request.method == "POST":
        comment.withdraw()
        return _back(request, "withdrawn")
    if comment.state == Comment.State.WITHDRAWN:
        return _back(request, "withdrawn")
    return _page(request, "withdraw", comment)


@for_the_writer("GET", "HEAD", "POST")
def appeal(request: BlogRequest, comment: Comment) -> HttpResponse:
    """Ask that somebody else look at a refusal."""
    typed = request.POST.get("words", "")
    if not appeals.may_appeal(comment):
        return _too_late(request, "appeal", comment, appeals.why_not(comment), typed)
    form = AppealForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _page(request, "appeal", comment, form=form)
    try:
        form.save(comment)
    except editing.TooLate:
        return _too_late(request, "appeal", _again(request, comment), CHANGED, typed)
    return _back(request, "appealed")


@for_the_writer("POST")
def ask_for_replies(request: BlogRequest, comment: Comment) -> HttpResponse:
    """“Email me about replies”, on or off."""
    wanted = "on" in request.POST
    if wanted:
        replies.want(comment)
    else:
        replies.end(comment)
    return _back(request, "replies-on" if wanted else "replies-off")


@csrf_exempt
@any_origin  # RFC 8058: mail providers post here; the token can do this one thing only
@behind_link
@require_http_methods(["GET", "HEAD", "POST"])
def end_replies(request: BlogRequest, token: str) -> HttpResponse:
    """The page behind “end these emails”: a button, and on POST, one-click or pressed, notices of replies end."""
    comment = named_by(request, "replies-end", token)
    if comment is None:
        return dead_link(request)
    if request.method == "POST":
        replies.end(comment)
    context = {"blog": request.blog, "comment": comment, "wanted": replies.wanted(comment)}
    return render(request, "moderation/replies_end.html", context)


def _named(request: BlogRequest, token: str) -> Comment | None:
    comment = named_by(request, "comment-status", token)
    if comment:
        prefetch_related_objects([comment], "revisions")
    return comment


def _page(
    request: BlogRequest, name: str, comment: Comment, status: int = HTTPStatus.OK, **context: object
) -> HttpResponse:
    form = context.get("form")
    invalid = isinstance(form, BaseForm) and bool(form.errors)
    context |= {
        "blog": request.blog,
        "comment": comment,
        "token": _token(request),
        "way": editing.way_of(comment),
        "free_until": editing.free_until(comment),
        "may_appeal": appeals.may_appeal(comment),
        "errors_shown": invalid,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if invalid else status
    return render(request, f"moderation/standing/{name}.html", context, status=status)


def _too_late(request: BlogRequest, act: str, comment: Comment, why: object, typed: str) -> HttpResponse:
    """What cannot be done any more: why, where the comment stands, and whatever was typed, so that it is not lost."""
    status = HTTPStatus.CONFLICT if request.method == "POST" else HTTPStatus.OK
    return _page(request, "too_late", comment, status=status, act=act, why=why, typed=clean_text(typed))


def _again(request: BlogRequest, comment: Comment) -> Comment:
    """The comment as it is now."""
    return _named(request, _token(request)) or comment


def _back(request: BlogRequest, done: str) -> HttpResponse:
    return redirect(f"{reverse('comment-status', args=[_token(request)])}?done={done}")


def _token(request: BlogRequest) -> str:
    return str(request.resolver_match.kwargs["token"])  # type: ignore[union-attr]
