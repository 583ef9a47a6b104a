"""Public pages, rendered once for everybody.

A page is a function of a blog's version and a path, rendered without a request, so nothing personal can enter it. The
version is read from the database before the rendering starts: a slow rendering of the old state is stored under the
old version, where nobody looks any more.
"""

import hashlib
import logging
from collections.abc import Callable

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response

log = logging.getLogger(__name__)


def page(request: HttpRequest, version: str, render: Callable[[], str], variant: str = "") -> HttpResponse:
    """The page at this path, from the cache or from `render`; 304 when the browser has it.

    `version` is the blog's (`Blog.version`). `variant` names what else decides the page, such as its number in a list;
    the query string itself does not, or anybody could fill the cache with it.
    """
    name = f"{settings.RELEASE}:{version}:{request.path}:{variant}"
    etag = hashlib.blake2b(name.encode(), digest_size=16).hexdigest()
    html = _get(etag)
    if html is None:
        html = render()
        _set(etag, html)
    response = HttpResponse(html, headers={"ETag": f'"{etag}"', "Cache-Control": "no-cache"})
    return get_conditional_response(request, etag=f'"{etag}"', response=response) or response


def _get(key: str) -> str | None:
    """A cache that is away costs a rendering, not a page."""
    try:
        return cache.get(f"page:{key}")
    except Exception:
        log.exception("the page cache cannot be read")
        return None


def _set(key: str, html: str) -> None:
    try:
        cache.set(f"page:{key}", html, settings.PAGE_CACHE_SECONDS)
    except Exception:
        log.exception("the page cache cannot be written")
