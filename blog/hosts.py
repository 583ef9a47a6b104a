"""Which blog a request is for: the host decides."""

from collections.abc import Callable
from typing import Any

from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connections
from django.http import HttpRequest, HttpResponse

from blog import kept
from blog.models import Blog


class BlogHostMiddleware:
    """Sets `request.blog`; a host that no blog answers at gets a plain 404. A malformed one raises DisallowedHost."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        blog = _blog_at(request.get_host())
        if blog is None:
            return HttpResponse("There is no blog at this address.\n", status=404, content_type="text/plain")
        request.blog = blog  # type: ignore[attr-defined]
        return self.get_response(request)


def _blog_at(host: str) -> Blog | None:
    """By the query that every request begins with, which shows, too, whether the connection still stands.

    Django would send another one to see that (`conn_health_checks`).
    """
    connection: Any = connections[DEFAULT_DB_ALIAS]  # itself: Django's `connection` looks it up at each touch
    was_open = connection.connection is not None and not connection.in_atomic_block
    connection.health_check_done = True
    try:
        return kept.blog_at(host)
    except (OperationalError, InterfaceError):
        if not was_open:
            raise
        connection.close()
        return kept.blog_at(host)
