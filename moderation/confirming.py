"""The mailed link and its button, which prove an address; and how a browser that did so is made to forget it."""

from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from blog.closures import Closed
from blog.views import BlogRequest
from moderation import closing, remembered
from moderation.links import is_newest, named_by, to_status
from moderation.models import Comment, TooManyAtOnce
from postbag import tokens
from postbag.private import behind_link, dead_link
from postbag.throttle import client_network


@csrf_exempt
@behind_link
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: BlogRequest, token: str) -> HttpResponse:
    """The page behind the mailed link: a button, and on POST the comment goes to the desk."""
    comment = named_by(request, "comment-confirm", token)
    if comment is None or comment.is_stale():
        return dead_link(request)
    if comment.state == Comment.State.UNCONFIRMED and not is_newest("comment-confirm", token, comment):
        return _newer_mail(request, comment)
    if request.method == "POST":
        return prove(request, comment, token)
    if closed := closing.too_late(comment):
        return _too_late(request, comment, token, closed)
    return _page(request, comment.kept(), token)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def forget_me(request: BlogRequest) -> HttpResponse:
    """Take back what this browser remembers. It stands below the path that its cookie is for."""
    forgotten = request.method == "POST"
    response = render(request, "moderation/forget_me.html", {"blog": request.blog, "forgotten": forgotten})
    response["Cache-Control"] = "no-store"
    if forgotten:
        remembered.forget(response)
    return response


def prove(request: BlogRequest, comment: Comment, token: str) -> HttpResponse:
    """The sender of this request has proved the comment's address: confirm it, remember them, show where it stands.

    `token` is that of the mailed link, for another try when too many were confirmed at once.
    """
    if closed := closing.too_late(comment):
        return _too_late(request, comment, token, closed, dropped=closing.drop(comment))
    try:
        comment.confirm(client_network(request))
    except TooManyAtOnce as error:
        response = _page(request, comment, token, error, HTTPStatus.TOO_MANY_REQUESTS)
        response["Retry-After"] = str(error.wait)
        return response
    answer = to_status(comment.kept())
    if "shared" not in request.POST and not comment.is_past_confirming():
        remembered.remember(answer, comment)
    return answer


def _page(
    request: HttpRequest,
    comment: Comment,
    token: str,
    too_many: TooManyAtOnce | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    context = {
        "blog": comment.post.blog,
        "comment": comment,
        "token": token,
        "days": settings.PROOF_DAYS,
        "shared": "shared" in request.POST,
        "closed": comment.post.closure(),
        "not_before": too_many and timezone.localtime(too_many.ends_at),
    }
    return render(request, "moderation/confirm.html", context, status=status)


def _too_late(
    request: HttpRequest, comment: Comment, token: str, closed: Closed, dropped: bool = False
) -> HttpResponse:
    context = {"blog": comment.post.blog, "comment": comment, "token": token, "closed": closed, "dropped": dropped}
    return render(request, "moderation/too_late.html", context, status=HTTPStatus.GONE)


def _newer_mail(request: BlogRequest, comment: Comment) -> HttpResponse:
    context = {"blog": request.blog, "sent": tokens.make("comment-sent", comment.pk)}
    return render(request, "moderation/newer_mail.html", context, status=HTTPStatus.GONE)
