"""Where a comment stands, for its writer, and what the writer can do about it."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from blog.views import BlogRequest
from moderation.links import named_by
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
