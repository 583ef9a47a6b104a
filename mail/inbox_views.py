"""The pages of the inbox. They exist only where mail goes nowhere else (settings.INBOX)."""

import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from csp.decorators import csp, csp_update
from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from mail.inbox import Mail, delete_all, keys
from postbag.private import private

PER_PAGE = 50  # mails
PARTS = ["html", "text", "headers"]
# A mail may show itself and be left by a click, and that is all: no script, no form, nothing fetched.
SANDBOX = "allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation"
LETTER_POLICY = {
    "default-src": ["'none'"],
    "style-src": ["'unsafe-inline'"],
    "img-src": ["data:"],
    "form-action": ["'none'"],
    "base-uri": ["'none'"],
    "frame-ancestors": ["'self'"],
    "sandbox": SANDBOX.split(),
}
HEAD = re.compile(r"<head\b[^>]*>", re.IGNORECASE)


def of_inbox(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A page of the inbox: private, and 404 where there is no inbox."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not settings.INBOX:
            raise Http404("no inbox")
        return view(request, *args, **kwargs)

    return private(wrapped)


@require_safe
@of_inbox
def inbox(request: HttpRequest) -> HttpResponse:
    """The mails, newest first."""
    page = Paginator(keys(), PER_PAGE).get_page(request.GET.get("page"))
    mails = [mail for key in page.object_list if (mail := Mail.read(key))]
    return render(request, "mail/inbox.html", {"blog": _blog(request), "page": page, "mails": mails})


@require_safe
@of_inbox
@csp_update({"frame-src": ["'self'"]})  # type: ignore[arg-type]
def message(request: HttpRequest, key: str) -> HttpResponse:
    """One mail, as HTML, as text or by its headers."""
    mail = _mail(key)
    part = request.GET.get("part")
    if part not in PARTS:
        part = "html" if mail.html else "text"
    context = {"blog": _blog(request), "mail": mail, "part": part, "sandbox": SANDBOX}
    return render(request, "mail/inbox_message.html", context)


@require_safe
@of_inbox
@xframe_options_sameorigin
@csp(LETTER_POLICY)  # type: ignore[arg-type]
def letter(request: HttpRequest, key: str) -> HttpResponse:
    """The HTML part itself, for the frame in its page. Its links open in the place of the whole page."""
    html = _mail(key).html
    base = '<base target="_top">'
    head = HEAD.search(html)
    cut = head.end() if head else 0
    return HttpResponse(f"{html[:cut]}{base}{html[cut:]}")


@require_safe
@of_inbox
def messages(request: HttpRequest) -> HttpResponse:
    """Every mail as JSON, newest first; those to one address with ?to=."""
    to = request.GET.get("to")
    return JsonResponse([_as_json(mail) for mail in Mail.newest() if not to or mail.is_to(to)], safe=False)


@csrf_exempt  # readers have no cookie; SameOriginMiddleware guards this
@require_POST
@of_inbox
def deletion(request: HttpRequest) -> HttpResponseRedirect:
    """Delete all mail."""
    delete_all()
    return redirect("inbox")


def _blog(request: HttpRequest) -> Any:
    return request.blog  # type: ignore[attr-defined]


def _mail(key: str) -> Mail:
    mail = Mail.read(key)
    if mail is None:
        raise Http404("no such mail")
    return mail


def _as_json(mail: Mail) -> dict[str, Any]:
    headers: dict[str, list[str]] = {}
    for name, value in mail.headers:
        headers.setdefault(name, []).append(value)
    return {
        "key": mail.key,
        "date": mail.date.isoformat(),
        "from": mail.sender,
        "to": mail.to,
        "subject": mail.subject,
        "text": mail.text,
        "html": mail.html,
        "links": mail.links,
        "headers": {name: "\n".join(values) for name, values in headers.items()},
    }
