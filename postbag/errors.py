"""The pages for what went wrong. None of them needs a database."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from postbag.typed import typed


def cross_site(request: HttpRequest) -> HttpResponse:
    """403: the form was sent from another site."""
    return render(request, "403.html", status=HTTPStatus.FORBIDDEN)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for Django's own CSRF check, on the desk and in the admin.

    It shows what was typed: that the form is of our own pages was seen to before, in postbag.origin.
    """
    return render(request, "403_csrf.html", {"typed": typed(request)}, status=HTTPStatus.FORBIDDEN)
