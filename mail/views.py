"""The page behind “never write to me again”."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from mail.models import Suppression
from postbag import tokens
from postbag.private import behind_link, dead_link


@csrf_exempt  # readers have no cookie; SameOriginMiddleware guards this
@behind_link
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """Ask, and on POST suppress the mailbox that the mail came to."""
    found = tokens.read("stop", token)
    if found is None:
        return dead_link(request)
    if request.method == "POST":
        Suppression.objects.add_mailbox(f"{found[0]:016x}", Suppression.Reason.ASKED)
    return render(request, "mail/stop.html", {"blog": request.blog, "stopped": request.method == "POST"})  # type: ignore[attr-defined]
