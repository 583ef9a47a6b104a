"""Pages that are for one person: behind a link from a mail, or behind a sign-in."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

View = Callable[..., HttpResponseBase]


def private(view: View) -> View:
    """Keep this page out of caches and search engines, and its address out of other sites' logs.

    Not `no-referrer`: browsers then send `Origin: null`, which Django's CSRF check refuses.
    """
    return _with_headers(view, {"Referrer-Policy": "same-origin"})


def behind_link(view: View) -> View:
    """The same for a page whose address is its key: it is told to nobody, not even to ourselves."""
    wrapped = _with_headers(view, {"Referrer-Policy": "no-referrer"})
    wrapped.behind_link = True  # type: ignore[attr-defined]  # postbag.origin asks
    return wrapped


def dead_link(request: HttpRequest) -> HttpResponse:
    """410: the same friendly page for a link that is altered, made up, of another kind, or whose row is gone."""
    return render(request, "dead_link.html", {"blog": request.blog}, status=HTTPStatus.GONE)  # type: ignore[attr-defined]


def _with_headers(view: View, headers: dict[str, str]) -> View:
    headers = {"Cache-Control": "no-store, private", "X-Robots-Tag": "noindex, nofollow", **headers}

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        for name, value in headers.items():
            response[name] = value
        return response

    return wrapped
