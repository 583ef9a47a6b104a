"""What went wrong, as every answer of the API says it: problem details (RFC 9457)."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, RequestDataTooBig, SuspiciousOperation
from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers
from rest_framework.exceptions import APIException, ParseError
from rest_framework.views import exception_handler

MEDIA_TYPE = "application/problem+json"


class Problem(serializers.Serializer):
    """What went wrong (RFC 9457)."""

    type = serializers.CharField(help_text="Always about:blank: the status says what kind of problem it is.")
    title = serializers.CharField(help_text="The name of the status.")
    status = serializers.IntegerField(help_text="The status of this answer.")
    detail = serializers.CharField(help_text="What happened, for a person to read.")
    code = serializers.CharField(required=False, help_text="What happened, for a program that has an answer to it.")
    errors = serializers.DictField(  # type: ignore[assignment]
        child=serializers.ListField(child=serializers.CharField()),
        required=False,
        help_text="Messages for a person to read, by the name of the field that they are about.",
    )


class Refused(APIException):
    """What was sent cannot be taken as it is: messages by field; those about no field are the detail."""

    def __init__(
        self,
        errors: Mapping[str, Iterable[Any]],
        status: int = HTTPStatus.UNPROCESSABLE_ENTITY,
        code: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.code, self.headers = code, headers or {}
        self.errors = {field: [str(message) for message in messages] for field, messages in errors.items()}
        self.status_code = status
        super().__init__(" ".join(self.errors.pop(NON_FIELD_ERRORS, [])) or _("There are errors in the fields"))


class TooLarge(APIException):
    """The body is larger than DATA_UPLOAD_MAX_MEMORY_SIZE."""

    status_code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    default_detail = gettext_lazy("The body is too large")


def answer(error: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """DRF's EXCEPTION_HANDLER. None for an error of our own making: Django logs it and answers 500."""
    if isinstance(error, RequestDataTooBig):
        error = TooLarge()
    elif isinstance(error, SuspiciousOperation):
        error = ParseError()
    response = exception_handler(error, context)
    if response is None:
        return None
    wait = {name: response[name] for name in ["Retry-After"] if name in response} | getattr(error, "headers", {})
    more = {name: value for name in ["code", "errors"] if (value := getattr(error, name, None))}
    return _problem(response.status_code, response.data, more, wait)


LIMITS = [
    OpenApiParameter(name, kind, OpenApiParameter.HEADER, response=[HTTPStatus.TOO_MANY_REQUESTS], description=words)
    for name, kind, words in [
        ("Retry-After", int, "In how many seconds to come back (RFC 9110)."),
        ("RateLimit-Policy", str, "Which quota is used up: how many (`q`) in how many seconds (`w`)."),
        ("RateLimit", str, "What of it remains (`r`), and in how many seconds it is renewed (`t`)."),
    ]
]


def problems(*statuses: int) -> dict[tuple[int, str], OpenApiResponse]:
    """These statuses as the `responses` of an operation in the schema."""
    return {(status, MEDIA_TYPE): OpenApiResponse(Problem, HTTPStatus(status).phrase) for status in statuses}


def _problem(status: int, data: Any, more: dict[str, Any], headers: dict[str, str]) -> HttpResponse:
    """Not DRF's own Response: that answers in a form which the request may have refused (406)."""
    title = HTTPStatus(status).phrase
    detail = data.get("detail", title) if isinstance(data, dict) else title
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, **more}
    return JsonResponse(body, status=status, content_type=MEDIA_TYPE, headers=headers)
