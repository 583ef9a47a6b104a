"""Words that we could not take: shown to whoever wrote them, so that they are not lost."""

import logging
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.db import DatabaseError
from django.http import Http404, HttpResponse
from django.shortcuts import render

from blog.views import BlogRequest

log = logging.getLogger(__name__)
View = Callable[..., HttpResponse]
FIELDS = ["name", "email", "wants_replies", "parent", "notice", "stamp", "work", "accepted"]  # beside the comment


def keeps_words(view: View) -> View:
    """Where a form's post is gone, or the database is away, answer with a page that has what was written."""

    @wraps(view)
    def wrapped(request: BlogRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Http404:
            if request.method != "POST":
                raise
            return _page(request, HTTPStatus.NOT_FOUND)
        except DatabaseError as error:
            if request.method != "POST":
                raise
            log.error("a comment could not be stored: %s", type(error).__name__)
            return _page(request, HTTPStatus.SERVICE_UNAVAILABLE)

    return wrapped


def _page(request: BlogRequest, status: HTTPStatus) -> HttpResponse:
    context = {
        "blog": request.blog,
        "comment": request.POST.get("comment", ""),
        "again": status == HTTPStatus.SERVICE_UNAVAILABLE,
        "hidden": {name: request.POST[name] for name in FIELDS if name in request.POST},
    }
    response = render(request, "moderation/unsent.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response
