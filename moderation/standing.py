"""Where a comment stands, for its writer, and what the writer can do about it."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from blog.views import BlogRequest
from moderation import replies
from moderation.links import named_by
from postbag.origin import any_origin
from postbag.private import behind_link, dead_link


@csrf_exempt  # it takes no POST: the answer is 405
@behind_link
@require_safe
def status(request: BlogRequest, token: str) -> HttpResponse:
    """Where a comment stands, for whoever holds its author's link."""
    comment = named_by(request, "comment-status", token)
    if comment is None:
        return dead_link(request)
    return render(request, "moderation/status.html", {"blog": request.blog, "comment": comment})


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
