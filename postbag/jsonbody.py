"""What the API takes: one JSON object, handed to the same forms that the pages use.

Types are checked here, for a form knows only text; all else is the form's to say, in its own words.
"""

import json
from collections.abc import Mapping
from typing import IO, Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser
from rest_framework.request import Request

from postbag.problems import Refused


class ObjectParser(JSONParser):
    """A JSON object in UTF-8, whatever charset the header claims (RFC 8259, 8.1), that has each name once."""

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """The object. Raises ParseError for all else, however deep or long."""
        try:
            found = json.loads(stream.read().decode(), parse_constant=_refuse, object_pairs_hook=_object)
        except (ValueError, RecursionError) as error:
            raise ParseError(_("The body is not JSON in UTF-8, or is nested too deep")) from error
        if not isinstance(found, dict):
            raise ParseError(_("The body must be a JSON object"))
        return found


@extend_schema_field(OpenApiTypes.STR)
class Text(serializers.Field):
    """A JSON string, untouched."""

    default_error_messages = {"null": _("Must be a string"), "not_text": _("Must be a string")}

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("not_text")
        return data


@extend_schema_field(OpenApiTypes.INT)
class Id(serializers.Field):
    """The id of something: a whole number, or a string of its digits."""

    default_error_messages = {"null": _("Must be a whole number"), "not_id": _("Must be a whole number")}

    def to_internal_value(self, data: Any) -> str:
        if isinstance(data, bool) or not isinstance(data, int | str):
            self.fail("not_id")
        return str(data)


class CheckYourEmail(serializers.Serializer):
    """The answer to whoever gave an address: the same whatever we know of it."""

    detail = serializers.CharField(help_text="What to do next, for a person to read.")


def form_data(body: type[serializers.Serializer], request: Request) -> dict[str, str]:
    """What a form is bound to. Raises Refused with errors at the fields of a wrong type; absent ones are the form's."""
    sent = body(data=request.data, partial=True)
    if not sent.is_valid():
        raise Refused(sent.errors)
    return sent.validated_data


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice: which one counts would be a guess")
    return found


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")
