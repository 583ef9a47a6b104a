"""How the API does a request with an Idempotency-Key once, however often it comes."""

import hashlib
import hmac
import re
from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.core.exceptions import NON_FIELD_ERRORS
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ParseError

from blog.api import ApiRequest
from moderation.idempotency import DoneRequest, OtherBody, UnderWay
from postbag.problems import Refused

HEADER = "Idempotency-Key"
KEY = re.compile(
    r'"(?P<quoted>[\x21\x23-\x7e]{1,255})"|(?P<bare>[\x21\x23-\x7e]{1,255})'
)  # RFC 9651, or without quotes

PARAMETER = OpenApiParameter(
    HEADER,
    {"type": "string", "pattern": '^("[!#-~]{1,255}"|[!#-~]{1,255})$'},
    OpenApiParameter.HEADER,
    description="Of your making, and new for each act: sent again with the same body within a day, it is done once.",
)


def once(request: ApiRequest, act: Callable[[], int]) -> int:
    """What `act` returns, the number of a row; for a request that was sent before, what it returned then.

    Without the header, `act` is simply done. When it raises, nothing is kept, and the key can be used again. Raises
    ParseError for a malformed key, and Refused when it was used for another body (422) or is under way (409).
    """
    if HEADER not in request.headers:
        return act()
    row = _begin(request)
    if row.about is None:
        try:
            row.about = act()
        except BaseException:
            row.delete()
            raise
        DoneRequest.objects.filter(pk=row.pk).update(about=row.about)
    return row.about


def _begin(request: ApiRequest) -> DoneRequest:
    try:
        return DoneRequest.objects.begin(_hash(request, _key(request)), _hash(request, request.body.hex()))
    except OtherBody as error:
        words = _("This Idempotency-Key was used for another request")
        raise _refused(words, HTTPStatus.UNPROCESSABLE_ENTITY) from error
    except UnderWay as error:
        raise _refused(_("The request with this Idempotency-Key is under way"), HTTPStatus.CONFLICT) from error


def _key(request: ApiRequest) -> str:
    found = KEY.fullmatch(request.headers[HEADER].strip())
    if found is None:
        raise ParseError(_("The Idempotency-Key must be 1 to 255 visible characters"))
    return found["quoted"] or found["bare"]


def _hash(request: ApiRequest, words: str) -> str:
    """Keyed: it may be made from an address. One key of two blogs, or for two acts, is two keys."""
    said = f"idempotency\0{request.blog.pk}\0{request.method}\0{request.path}\0{words}"
    return hmac.new(settings.SECRET_KEY.encode(), said.encode(), hashlib.sha256).hexdigest()[:32]


def _refused(words: str, status: HTTPStatus) -> Refused:
    return Refused({NON_FIELD_ERRORS: [words]}, status)
