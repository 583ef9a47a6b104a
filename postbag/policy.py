"""Our pages' Content-Security-Policy, by django-csp."""

from functools import cache

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase


class PolicyMiddleware(CSPMiddleware):
    """Theirs, which builds the policy of each answer anew; that of a view without one of its own stays the same."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        has_own = hasattr(request, "_csp_nonce") or any(name.startswith("_csp_") for name in vars(response))
        if has_own or settings.DEBUG:
            return super().process_response(request, response)
        response.headers.setdefault(HEADER, _usual())
        return response


@cache
def _usual() -> str:
    return build_policy()
