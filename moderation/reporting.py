"""The page on which a reader reports a comment."""

from http import HTTPStatus
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from blog.views import BlogRequest
from mail.budgets import BudgetExceeded
from moderation.forms import RawField
from moderation.models import Comment
from moderation.reports import LIMIT, Report
from moderation.text import clean_text
from postbag import pagecache
from postbag.throttle import client_network


class ReportForm(forms.Form):
    """What is wrong with a comment."""

    kind = forms.ChoiceField(
        choices=Report.Kind,
        label=gettext_lazy("What is wrong with this comment?"),
        error_messages={
            "required": gettext_lazy("Select what is wrong with the comment"),
            "invalid_choice": gettext_lazy("Select what is wrong with the comment"),
        },
        widget=forms.RadioSelect,
    )
    words = RawField(
        required=False,
        label=gettext_lazy("Tell us more (optional)"),
        help_text=gettext_lazy("Do not include personal details"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    homepage = RawField(required=False, label=gettext_lazy("Leave this field empty"))

    def clean_words(self) -> str:
        words = clean_text(self.cleaned_data["words"])
        if len(words) > LIMIT:
            raise ValidationError(_("What you tell us must be %(limit)s characters or less"), params={"limit": LIMIT})
        return words

    def send(self, comment: Comment, network: str) -> None:
        """Report it, unless a robot filled the form. Raises mail.budgets.BudgetExceeded."""
        data = self.cleaned_data
        if not data["homepage"]:
            Report.objects.make(comment, network, data["kind"], data["words"])


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: BlogRequest, pk: int) -> HttpResponse:
    """“Report this comment”: the form, the same for everybody, and on POST the report."""
    if request.method != "POST":
        return pagecache.page(request, request.blog.version, lambda: _render(_published(request, pk), ReportForm()))
    comment, form = _published(request, pk), ReportForm(request.POST)
    if not form.is_valid():
        return HttpResponse(_render(comment, form), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        form.send(comment, client_network(request))
    except BudgetExceeded:
        form.add_error(None, _("We have had too many reports just now. Keep this page open and send it in an hour"))
        return HttpResponse(_render(comment, form), status=HTTPStatus.TOO_MANY_REQUESTS)
    return redirect("comment-reported", pk=pk)


@require_safe
def reported(request: BlogRequest, pk: int) -> HttpResponse:
    """Thanks. It says nothing of whether somebody else reported it, too."""
    context: dict[str, Any] = {"blog": request.blog, "pk": pk}
    return pagecache.page(
        request, request.blog.version, lambda: render_to_string("moderation/reported.html", context), variant=""
    )


def _published(request: BlogRequest, pk: int) -> Comment:
    comments = Comment.objects.public().filter(post__blog=request.blog).select_related("post__blog")
    return get_object_or_404(comments, pk=pk)


def _render(comment: Comment, form: ReportForm) -> str:
    context = {"blog": comment.post.blog, "comment": comment, "form": form, "errors_shown": bool(form.errors)}
    return render_to_string("moderation/report.html", context)
