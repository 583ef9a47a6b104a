"""Refuses posts from other sites, without a cookie.

Public pages are shared by all readers, so no CSRF token can stand in their forms. Every browser says where a POST
comes from (Origin; the older ones, Referer), and that must be the page's own origin. A client that says nothing is
not a browser acting for somebody, and readers have no cookie that it could use. The desk and the admin keep Django's
own CSRF check on top.
"""

from collections.abc import Callable
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse

from postbag.errors import cross_site

SAFE = {"GET", "HEAD", "OPTIONS", "TRACE"}


class SameOriginMiddleware:
    """Answers 403 to an unsafe request from another origin, unless its view is marked `any_origin`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable, args: object, kwargs: object) -> HttpResponse | None:
        if request.method in SAFE or getattr(view, "any_origin", False):
            return None
        if request.encoding:  # a charset that a stranger names may be no text encoding: our pages are in UTF-8
            request.encoding = "utf-8"
        return None if is_same_origin(request, getattr(view, "behind_link", False)) else cross_site(request)


def any_origin(view: Callable) -> Callable:
    """Mark a view that other sites may post to: only ever one whose token is its whole authority."""
    view.any_origin = True  # type: ignore[attr-defined]
    return view


def is_same_origin(request: HttpRequest, behind_link: bool = False) -> bool:
    """Whether the browser says that this request comes from our own pages, or says nothing.

    A page with `Referrer-Policy: no-referrer` sends `Origin: null` even to itself (Fetch, "append a request Origin
    header"), so Sec-Fetch-Site decides. Over plain http a browser leaves that out; then null will do for a page behind
    a link, whose token is its authority.
    """
    own = f"{request.scheme}://{request.get_host()}"
    said = request.META  # `headers` would read all of them
    site = said.get("HTTP_SEC_FETCH_SITE")
    claimed = said.get("HTTP_ORIGIN") or _origin(said.get("HTTP_REFERER", ""))
    if site is None:
        return claimed in {"", own} or (behind_link and claimed == "null")
    return site in {"same-origin", "none"} and claimed in {"", "null", own}


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if url else ""
