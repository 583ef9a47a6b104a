"""Which blog a request is for: the host decides."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from blog import kept


class BlogHostMiddleware:
    """Sets `request.blog`; a host that no blog answers at gets a plain 404. A malformed one raises DisallowedHost."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        blog = kept.blog_at(request.get_host())
        if blog is None:
            return HttpResponse("There is no blog at this address.\n", status=404, content_type="text/plain")
        request.blog = blog  # type: ignore[attr-defined]
        return self.get_response(request)
