"""Every address that there is, and those who ask for it."""

import re
from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from moderation.models import Comment
from moderation.roles import Duty
from tests.factories import make_mailout

ROLES = ["nobody", "elsewhere", *Duty.values, "superuser"]
OWN = ("desk/sign-in/", "desk/sign-out/", "desk/account/")  # everybody signs in, and has an account
BY_POST = ("comments/new/<number:pk>/", "comments/proof/<number:pk>/")  # the number is the post's, not the comment's
OF_POST = "<yyyy:year>/<dd:month>/<dd:day>/<slug:slug>/"


def routes(patterns: list[Any], before: str = "") -> Iterator[str]:
    """Every address that there is."""
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            yield route


ALL = sorted(set(routes(get_resolver().url_patterns)))


def address(route: str, comment: Comment) -> str:
    """One that this pattern matches: of this comment and its post where that can be, else of nothing."""
    if "<int:pk>" in route and route.startswith("desk/mail/"):
        return "/" + route.replace("<int:pk>", str(make_mailout(owner=comment.post.blog_id).pk))
    path = route.replace(OF_POST, comment.post.get_absolute_url()[1:])
    if route in BY_POST:
        path = route.replace("<number:pk>", str(comment.post_id))
    path = re.sub(r"<token:\w+>|<slug:key>", "a" * 40, path)
    path = re.sub(r"<slug:\w+>", "priya-nair", path)
    path = re.sub(r"<((number|int):\w+|path:\w+|id)>", str(comment.pk), path)
    path = re.sub(r"\(\?P<app_label>.*", "blog/", path)
    return "/" + re.sub(r"\^?\(\?P<(rest|url)>.*", "nothing-here", path).replace("^", "")
