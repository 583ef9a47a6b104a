"""Pages that are for one person: behind a link from a mail, or behind a sign-in."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

HEADERS = {
    "Cache-Control": "no-store, private",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}


def private(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Keep this page out of caches, search engines and other sites' Referer logs."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        for name, value in HEADERS.items():
            response[name] = value
        return response

    return wrapped


def dead_link(request: HttpRequest) -> HttpResponse:
    """410: the same friendly page for a link that is altered, made up, of another kind, or whose row is gone."""
    return render(request, "dead_link.html", {"blog": request.blog}, status=HTTPStatus.GONE)  # type: ignore[attr-defined]
