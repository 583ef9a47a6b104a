"""Lists of comments for programs, by cursor: where one page ends, the next begins, whatever is published meanwhile."""

import datetime
import re
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.pagination import BasePagination
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from blog.api import LIMIT, ApiRequest, asked_number
from moderation.models import Comment

CURSOR = re.compile(r"([0-9]{1,17})-([0-9]{1,18})")  # microseconds since 1970, and the number of the comment
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


class Cursor(BasePagination):
    """`?cursor=` and `?limit=`, in the order in which the comments were sent."""

    _next: str | None = None

    def paginate_queryset(self, queryset: QuerySet, request: ApiRequest, view: Any = None) -> list[Comment]:  # type: ignore[override]
        """The comments of the page that was asked for. Raises ParseError."""
        limit = asked_number(request, "limit", 20, 1, 100)
        if "cursor" in request.query_params:
            queryset = queryset.filter(_after(request.query_params["cursor"]))
        rows = list(queryset.order_by("submitted_at", "pk")[: limit + 1])
        if len(rows) > limit:
            self._next = replace_query_param(request.build_absolute_uri(), "cursor", _cursor(rows[limit - 1]))
        return rows[:limit]

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"next": self._next, "results": data})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return {
            "type": "object",
            "required": ["next", "results"],
            "properties": {"next": {"type": "string", "nullable": True, "format": "uri"}, "results": schema},
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        words = "Where to go on: as `next` has it."
        return [
            {
                "name": "cursor",
                "in": "query",
                "schema": {"type": "string", "pattern": f"^{CURSOR.pattern}$"},
                "description": words,
            },
            LIMIT,
        ]


def _after(cursor: str) -> Q:
    found = CURSOR.fullmatch(cursor)
    if found is None:
        raise ParseError(_("The cursor is not one of ours"))
    at = EPOCH + datetime.timedelta(microseconds=int(found[1]))
    return Q(submitted_at__gt=at) | Q(submitted_at=at, pk__gt=int(found[2]))


def _cursor(comment: Comment) -> str:
    return f"{(comment.submitted_at - EPOCH) // datetime.timedelta(microseconds=1)}-{comment.pk}"
