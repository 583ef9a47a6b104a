"""From the form to the desk: “check your email”, the mailed link, its button."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from blog.views import BlogRequest, public_post
from moderation.links import named_by
from postbag import pagecache, tokens
from postbag.private import behind_link, dead_link


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
    comment = named_by(request, "comment-confirm", token)
    if comment is None or comment.is_stale():
        return dead_link(request)
    if request.method == "POST":
        comment.confirm()
        return redirect("comment-status", token=tokens.make("comment-status", comment.pk))
    return render(request, "moderation/confirm.html", {"blog": request.blog, "comment": comment})
