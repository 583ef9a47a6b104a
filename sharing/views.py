"""Sign up for alerts, confirm it, end it."""

from http import HTTPStatus

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from blog.models import Blog
from blog.views import BlogRequest
from mail.budgets import BudgetExceeded
from postbag import pagecache, tokens
from postbag.origin import any_origin
from postbag.private import behind_link, dead_link
from postbag.throttle import client_network
from sharing.forms import SubscribeForm
from sharing.models import Subscription

# Readers have no cookie, so there is nothing that Django's CSRF token could guard: SameOriginMiddleware does.


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def subscribe(request: BlogRequest) -> HttpResponse:
    """The form to sign up for alerts."""
    blog: Blog = request.blog
    if not blog.has_notice:  # nobody signs up without seeing one
        raise Http404
    if request.method != "POST":
        return pagecache.page(request, blog.version, lambda: _page(SubscribeForm(blog=blog)))
    form = SubscribeForm(request.POST, blog=blog)
    if submit(request, form):
        return redirect("subscribe-sent")
    return HttpResponse(_page(form), status=form.error_status)


def submit(request: BlogRequest, form: SubscribeForm) -> bool:
    """Sign up by `form`; False with its errors and `error_status` set. The API comes here too."""
    if not form.is_valid():
        return False
    try:
        form.save(client_network(request))
    except BudgetExceeded as error:
        form.error_status, form.budget = HTTPStatus.TOO_MANY_REQUESTS, error
        form.add_error(None, _("We have had too many sign-ups just now. Try again in an hour"))
        return False
    return True


@require_safe
def sent(request: BlogRequest) -> HttpResponse:
    """“Check your email”: the same page whatever we know of the address."""
    blog: Blog = request.blog
    return pagecache.page(request, blog.version, lambda: render_to_string("sharing/sent.html", {"blog": blog}))


@csrf_exempt
@behind_link
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: BlogRequest, token: str) -> HttpResponse:
    """The page behind the mailed link: a button, and on POST the alerts begin."""
    subscription = _named_by(request, "subscribe-confirm", token)
    if subscription is None or subscription.is_stale():
        return dead_link(request)
    if request.method == "POST":
        subscription.confirm()
    return render(request, "sharing/confirm.html", {"blog": subscription.blog, "subscription": subscription})


@csrf_exempt
@any_origin  # RFC 8058: mail providers post here; the token can do this one thing only
@behind_link
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: BlogRequest, token: str) -> HttpResponse:
    """The page behind “unsubscribe”: a button, and on POST, one-click or pressed, the alerts end."""
    subscription = _named_by(request, "unsubscribe", token)
    if subscription is None:
        return dead_link(request)
    if request.method == "POST":
        subscription.end(Subscription.EndedReason.UNSUBSCRIBED)
    return render(request, "sharing/unsubscribe.html", {"blog": subscription.blog, "subscription": subscription})


def _page(form: SubscribeForm) -> str:
    context = {"blog": form.blog, "form": form, "errors_shown": bool(form.errors)}
    return render_to_string("sharing/subscribe.html", context)


def _named_by(request: BlogRequest, purpose: str, token: str) -> Subscription | None:
    found = tokens.read(purpose, token)
    known = Subscription.objects.filter(blog=request.blog).select_related("blog")
    return known.filter(pk=found[0]).first() if found else None
