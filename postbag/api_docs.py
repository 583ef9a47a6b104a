"""What the API says about itself."""

from functools import cache
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import (
    OpenApiJsonRenderer,
    OpenApiJsonRenderer2,
    OpenApiYamlRenderer,
    OpenApiYamlRenderer2,
)
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view, renderer_classes
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from blog.views import BlogRequest

# application/json first: browsers show it.
RENDERERS = [OpenApiJsonRenderer2, OpenApiJsonRenderer, OpenApiYamlRenderer2, OpenApiYamlRenderer]
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]


@extend_schema(exclude=True)
@api_view(["GET", "HEAD"])
@renderer_classes(RENDERERS)
def schema(request: Request) -> Response:
    """The OpenAPI schema. Unlike in drf-spectacular's own view, nothing of it comes from the query string."""
    return Response(_schema())


@require_safe
def docs(request: BlogRequest) -> HttpResponse:
    """The schema for people, drawn by Swagger UI from our own files."""
    return render(request, "api_docs.html", {"blog": request.blog})


@extend_schema(exclude=True)
@api_view(METHODS)
def nothing_here(request: Request, rest: str) -> Response:
    """404 for what is no address of the API."""
    raise NotFound("There is nothing at this address. The addresses of the API end in a slash.")


@cache
def _schema() -> dict[str, Any]:
    return SchemaGenerator().get_schema(request=None, public=True)
