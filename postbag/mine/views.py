"""“My comments and alerts”: ask for the link, and what its holder can see, take away, end and erase.

Nobody has an account. The link is the key, for an hour; looking at it changes nothing, each act is a button.
"""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from blog.views import BlogRequest
from mail.budgets import BudgetExceeded
from postbag import pagecache
from postbag.mine import export
from postbag.mine.forms import WhoseForm
from postbag.mine.person import Person
from postbag.private import behind_link, dead_link
from postbag.throttle import client_network
from sharing.models import Subscription

FILE = "my-comments-and-alerts"
Act = Callable[..., HttpResponse]


def for_holder(*methods: str) -> Callable[[Act], Callable[..., HttpResponseBase]]:
    """Give a view the person whose link this is, or show the page for dead links."""

    def decorator(view: Act) -> Callable[..., HttpResponseBase]:
        @csrf_exempt  # readers have no cookie; SameOriginMiddleware guards this
        @behind_link
        @require_http_methods(list(methods))
        @wraps(view)
        def wrapped(request: BlogRequest, token: str, **named: Any) -> HttpResponse:
            person = Person.named_by(token)
            return view(request, person, token, **named) if person else dead_link(request)

        return wrapped

    return decorator


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: BlogRequest) -> HttpResponse:
    """The form for an address, and the same answer for every one."""
    if request.method != "POST":
        return pagecache.page(request, request.blog.version, lambda: _form(WhoseForm(blog=request.blog)))
    form = WhoseForm(request.POST, blog=request.blog)
    if form.is_valid():
        try:
            form.save(client_network(request))
            return redirect("mine-sent")
        except BudgetExceeded:
            form.error_status = HTTPStatus.TOO_MANY_REQUESTS
            form.add_error(None, _("We have had too many requests just now. Try again in an hour"))
    return HttpResponse(_form(form), status=form.error_status)


@require_safe
def sent(request: BlogRequest) -> HttpResponse:
    """“Check your email”: the same page whatever we hold."""
    context = {"blog": request.blog, "minutes": settings.MINE_MINUTES}
    return pagecache.page(request, request.blog.version, lambda: render_to_string("mine/sent.html", context))


@for_holder("GET", "HEAD")
def overview(request: BlogRequest, person: Person, token: str) -> HttpResponse:
    """All that we hold."""
    found = {"comments": person.comments(), "subscriptions": person.subscriptions(), "mails": person.mails().count()}
    done = {"withdrawn": _("You have withdrawn your comment"), "ended": _("You have ended these alerts")}
    return _page(request, "overview", token, **found, done=done.get(request.GET.get("done", "")))


@for_holder("GET", "HEAD")
def as_json(request: BlogRequest, person: Person, token: str) -> HttpResponse:
    """All that we hold, for programs."""
    options = {"indent": 2, "ensure_ascii": False}
    return _file(JsonResponse(export.everything(person), json_dumps_params=options), "json")


@for_holder("GET", "HEAD")
def as_csv(request: BlogRequest, person: Person, token: str) -> HttpResponse:
    """Comments and alerts, for spreadsheets."""
    return _file(HttpResponse(export.as_csv(person), content_type="text/csv; charset=utf-8"), "csv")


@for_holder("GET", "HEAD", "POST")
def withdrawal(request: BlogRequest, person: Person, token: str, pk: int) -> HttpResponse:
    """Ask, and on POST take one comment back."""
    comment = get_object_or_404(person.comments(), pk=pk)
    if request.method == "POST":
        comment.withdraw()
    if comment.state == comment.State.WITHDRAWN:
        return _back(token, "withdrawn")
    return _page(request, "withdraw", token, comment=comment)


@for_holder("POST")
def ending(request: BlogRequest, person: Person, token: str, pk: int) -> HttpResponse:
    """End the alerts of one blog."""
    get_object_or_404(person.subscriptions(), pk=pk).end(Subscription.EndedReason.UNSUBSCRIBED)
    return _back(token, "ended")


@for_holder("GET", "HEAD", "POST")
def erasure(request: BlogRequest, person: Person, token: str) -> HttpResponse:
    """Ask, and on POST erase everything, the link with it."""
    erased = person.erase() if request.method == "POST" else None
    return _page(request, "erase", token, erased=erased)


def _form(form: WhoseForm) -> str:
    context = {"blog": form.blog, "form": form, "minutes": settings.MINE_MINUTES, "errors_shown": bool(form.errors)}
    return render_to_string("mine/ask.html", context)


def _page(request: BlogRequest, name: str, token: str, **context: Any) -> HttpResponse:
    return render(request, f"mine/{name}.html", {"blog": request.blog, "token": token, **context})


def _file(response: HttpResponse, kind: str) -> HttpResponse:
    response["Content-Disposition"] = f'attachment; filename="{FILE}.{kind}"'
    return response


def _back(token: str, done: str) -> HttpResponse:
    response = redirect("mine", token=token)
    response["Location"] += f"?done={done}"
    return response
