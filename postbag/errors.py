"""The pages for what went wrong. None of them needs a database."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def cross_site(request: HttpRequest) -> HttpResponse:
    """403: the form was sent from another site."""
    return render(request, "403.html", status=HTTPStatus.FORBIDDEN)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for Django's own CSRF check, on the desk and in the admin."""
    return render(request, "403_csrf.html", status=HTTPStatus.FORBIDDEN)
