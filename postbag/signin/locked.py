"""What somebody is told who has tried too often."""

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from postbag.private import private


@private
def locked_out(request: HttpRequest, *details: Any) -> HttpResponse:
    """429: wait. It says nothing of whether there is such an account."""
    return render(request, "account/locked.html", status=HTTPStatus.TOO_MANY_REQUESTS)
