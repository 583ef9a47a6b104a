"""The desk for operators: every mailout, its numbers, and what can be done about it."""

from collections.abc import Callable
from typing import Any

from csp.decorators import csp, csp_update
from django.conf import settings
from django.contrib.auth.decorators import login_required, permission_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST, require_safe

from mail.compose import owe_test
from mail.domains import Domain
from mail.inbox_views import LETTER_POLICY, SANDBOX
from mail.models import Delivery, Mailout, MailoutQuerySet
from mail.progress import Progress
from postbag.private import View, private

PAGE = 50
State = Delivery.State


def for_operators(view: View) -> View:
    """A page of the desk for those who may change mailouts: 403 for other staff."""
    return private(login_required(permission_required("mail.change_mailout", raise_exception=True)(view)))


@for_operators
@require_safe
def mailouts(request: HttpRequest) -> HttpResponse:
    """Alerts and digests, the newest first; or with ?letters=1 the mails to one person each."""
    letters = "letters" in request.GET
    mine = _operated(request)
    listed = mine.letters() if letters else mine.to_many()
    page = Paginator(listed.defer("text", "html"), PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "letters": letters, "unbalanced": mine.lately().unbalanced()}
    context["put_off"], context["undecided"] = (
        Domain.objects.put_off(),
        mine.undecided().defer("text", "html"),
    )
    return _page(request, "mail/desk/mailouts.html", context)


@for_operators
@require_safe
@csp_update({"frame-src": ["'self'"]})  # type: ignore[arg-type]
def mailout(request: HttpRequest, pk: int) -> HttpResponse:
    """One mailout: how far it is, what became of its mails, and a preview."""
    found = get_object_or_404(_operated(request), pk=pk)
    context = {"mailout": found, "progress": Progress.of(found), "sandbox": SANDBOX}
    return _page(request, "mail/desk/mailout.html", context | {"done": SAID.get(request.GET.get("did", ""))})


@for_operators
@require_safe
@xframe_options_sameorigin
@csp(LETTER_POLICY)  # type: ignore[arg-type]
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """The HTML part, for the frame in its page. Its personal links are marks, which lead nowhere."""
    return HttpResponse(get_object_or_404(_operated(request), pk=pk).html)


@for_operators
@require_safe
def recipients(request: HttpRequest, pk: int) -> HttpResponse:
    """Who is in it, by state, no address in full. Raises Http404 for a state that there is not."""
    found = get_object_or_404(_operated(request), pk=pk)
    state = request.GET.get("state", "")
    if state not in State.values:
        raise Http404
    rows = found.deliveries.filter(state=state, pk__gt=_number(request.GET.get("after"))).order_by("pk")
    shown = list(rows[: PAGE + 1])
    context = {"mailout": found, "state": State(state), "rows": shown[:PAGE], "more": len(shown) > PAGE}
    return _page(request, "mail/desk/recipients.html", context)


@for_operators
@require_POST
def act(request: HttpRequest, pk: int) -> HttpResponse:
    """Pause, resume, cancel, send again, settle, or send a test. Raises Http404 for anything else."""
    found = get_object_or_404(_operated(request), pk=pk)
    todo = ACTS.get(request.POST.get("act", ""))
    if todo is None:
        raise Http404
    did = request.POST["act"] if todo(found, request) else "nothing"
    return redirect(f"{reverse('mailout', args=[pk])}?did={did}")


def _send_test(found: Mailout, request: HttpRequest) -> bool:
    """False for somebody whose account has no address."""
    address = getattr(request.user, "email", "")
    return bool(address and owe_test(found, address))


# What can be done, whether it was, and how that is said.
ACTS: dict[str, Callable[[Mailout, HttpRequest], object]] = {
    "pause": lambda found, _request: found.pause(),
    "resume": lambda found, _request: found.resume(),
    "cancel": lambda found, _request: found.cancel(),
    "retry": lambda found, _request: found.send_again(State.REJECTED),
    "resend": lambda found, _request: found.send_again(State.UNCERTAIN),
    "accept": lambda found, _request: found.accept_uncertain(),
    "test": _send_test,
}
SAID = {
    "pause": _("Paused"),
    "resume": _("On its way again"),
    "cancel": _("Cancelled: what has not left stays here"),
    "retry": _("The rejected are sent again"),
    "resend": _("The uncertain are sent again"),
    "accept": _("The uncertain are counted as accepted"),
    "test": _("A test is on its way to the address of your account"),
    "nothing": _("Nothing was done: it is in another state by now, or your account has no email address"),
}


def _operated(request: HttpRequest) -> MailoutQuerySet:
    """The mailouts of the blogs whose mail this person looks after; another room knows which those are."""
    return Mailout.objects.of_owners(import_string(settings.MAIL_OPERATED_BY)(request.user))


def _page(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    return render(request, template, {"blog": request.blog, "desk": True, "tab": "mail", **context})  # type: ignore[attr-defined]


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else 0
