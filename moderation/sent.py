"""“Check your email”: the page that follows the form, for whoever sent it.

Whoever types somebody's address gets here, too. So nothing on it, and no answer to what is asked here, depends on what
became of the comment, nor on whether its words or its address were known before (docs/decisions/006).
"""

import re
from http import HTTPStatus

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from blog.views import BlogRequest
from mail import budgets
from mail.addresses import AddressField
from mail.budgets import BudgetExceeded
from moderation import confirming
from moderation.links import named_by, to_sent
from moderation.models import Comment
from postbag import tokens
from postbag.private import behind_link, dead_link
from postbag.throttle import client_network

WRONG_CODE = gettext_lazy(
    "Enter the code from the newest email. After 5 tries, or 48 hours, a code no longer works. "
    "If you have used it already, there is nothing more to do"
)


class CodeForm(forms.Form):
    """The code from the mail."""

    code = forms.CharField(
        label=gettext_lazy("Enter the code from the email"),
        help_text=gettext_lazy("6 digits"),
        error_messages={"required": gettext_lazy("Enter the code from the email")},
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "inputmode": "numeric",
                "spellcheck": "false",
                "class": "govuk-input--width-5",
            }
        ),
    )

    def clean_code(self) -> str:
        code = re.sub(r"[\s-]", "", self.cleaned_data["code"])
        if not re.fullmatch(r"[0-9]{6}", code):
            raise ValidationError(_("Code must be 6 digits, like 123456"))
        return code


class AnotherAddressForm(forms.Form):
    """The address, typed anew."""

    email = AddressField(
        label=gettext_lazy("Is the address wrong?"),
        help_text=gettext_lazy("Enter your email address. Your comment stays as it is"),
        widget=forms.EmailInput(
            attrs={"autocomplete": "email", "spellcheck": "false", "class": "govuk-input--width-30"}
        ),
    )


@csrf_exempt  # it takes no POST: the answer is 405
@behind_link
@require_safe
def sent(request: BlogRequest, token: str) -> HttpResponse:
    """Where the mail went, and what to do if it does not come."""
    comment = shown_to_its_sender(request, token)
    return _page(request, comment, token) if comment else dead_link(request)


@csrf_exempt
@behind_link
@require_http_methods(["GET", "HEAD", "POST"])
def again(request: BlogRequest, token: str) -> HttpResponse:
    """Send the mail again; and the page that says so."""
    comment = shown_to_its_sender(request, token)
    if comment is None:
        return dead_link(request)
    if request.method == "POST":
        try:
            budgets.admit(client_network(request))
        except BudgetExceeded as error:
            return _too_many(request, comment, token, forms.Form({}), error)
        comment.send_again()
    return _page(request, comment, token, again=True)


@csrf_exempt
@behind_link
@require_http_methods(["GET", "HEAD", "POST"])
def address(request: BlogRequest, token: str) -> HttpResponse:
    """Send the same words from another address."""
    comment = shown_to_its_sender(request, token)
    if comment is None:
        return dead_link(request)
    if request.method != "POST":
        return to_sent(comment)
    form = AnotherAddressForm(request.POST)
    if not form.is_valid():
        return _page(request, comment, token, HTTPStatus.UNPROCESSABLE_ENTITY, form=form, address_form=form)
    try:
        return to_sent(comment.correct(form.cleaned_data["email"], client_network(request)))
    except BudgetExceeded as error:
        return _too_many(request, comment, token, form, error, address_form=form)


@csrf_exempt
@behind_link
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: BlogRequest, token: str) -> HttpResponse:
    """Confirm by the code, which is as good as the link."""
    comment = shown_to_its_sender(request, token)
    if comment is None:
        return dead_link(request)
    if request.method != "POST":
        return to_sent(comment)
    form = CodeForm(request.POST)
    try:
        if form.is_valid() and comment.try_code(form.cleaned_data["code"], client_network(request)):
            link = tokens.make("comment-confirm", comment.pk, comment.serial)
            return confirming.prove(request, comment, link)
    except BudgetExceeded as error:
        return _too_many(request, comment, token, form, error, code_form=form)
    if form.is_valid():
        form.add_error("code", WRONG_CODE)
    return _page(request, comment, token, HTTPStatus.UNPROCESSABLE_ENTITY, form=form, code_form=form)


def shown_to_its_sender(request: BlogRequest, token: str) -> Comment | None:
    """The comment of this page. It lives as long as one that nobody confirms, whatever became of it."""
    comment = named_by(request, "comment-sent", token)
    return comment if comment and comment.is_shown_to_its_sender() else None


def _page(
    request: BlogRequest, comment: Comment, token: str, status: int = HTTPStatus.OK, **more: object
) -> HttpResponse:
    context = {
        "blog": request.blog,
        "comment": comment,
        "token": token,
        "hours": settings.COMMENT_CONFIRM_HOURS,
        "days": settings.PROOF_DAYS,
        "shared": "shared" in request.POST,
        "code_form": CodeForm(),
        "address_form": AnotherAddressForm(),
        **more,
    }
    return render(request, "moderation/sent.html", context, status=status)


def _too_many(
    request: BlogRequest, comment: Comment, token: str, form: forms.Form, error: BudgetExceeded, **more: object
) -> HttpResponse:
    time = timezone.localtime(error.ends_at)
    form.add_error(None, _("There was too much of this from your network. Try again after %s") % f"{time:%H:%M}")
    response = _page(request, comment, token, HTTPStatus.TOO_MANY_REQUESTS, form=form, **more)
    response["Retry-After"] = str(error.wait)
    return response
