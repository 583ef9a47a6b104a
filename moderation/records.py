"""The record of what people did at the desk, for leads: a list, and a post's thread as a file. No page changes it."""

import datetime
from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required, permission_required
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from blog.models import Blog, Post
from blog.views import BlogRequest
from moderation import disclosure, keyset
from moderation.models import Comment, Event, Moderator
from moderation.roles import LEAD
from postbag.private import View, private

PAGE = 50
DAY: dict[str, Any] = {
    "help_text": gettext_lazy("For example, 31/12/2026"),
    "error_messages": dict.fromkeys(["required", "invalid"], gettext_lazy("Enter a date, like 31/12/2026")),
    "widget": forms.TextInput(attrs={"class": "govuk-input--width-10"}),
}


class ExportForm(forms.Form):
    """Which thread, and whether names are left out."""

    post = forms.CharField(
        label=gettext_lazy("Address of the post"),
        help_text=gettext_lazy("As it stands in a browser"),
        error_messages={"required": gettext_lazy("Enter the address of the post")},
        widget=forms.TextInput(attrs={"spellcheck": "false"}),
        max_length=500,
    )
    redacted = forms.BooleanField(
        required=False, initial=True, label=gettext_lazy("Leave out names and personal details")
    )

    def __init__(self, data: Any = None, *, blogs: QuerySet[Blog]) -> None:
        super().__init__(data)
        self.blogs = blogs

    def clean_post(self) -> Post:
        address = self.cleaned_data["post"].partition("?")[0].partition("#")[0].rstrip("/")
        slug = address.rpartition("/")[2]
        for post in Post.objects.filter(blog__in=self.blogs, slug=slug).select_related("blog"):
            if post.full_url().rstrip("/") == address:
                return post
        raise ValidationError(_("Enter the address of a post on a blog that you lead"))


class PeriodForm(forms.Form):
    """Which days of the record, and whether names are left out."""

    since = forms.DateField(label=gettext_lazy("First day"), **DAY)
    until = forms.DateField(label=gettext_lazy("Last day"), **DAY)
    redacted = forms.BooleanField(required=False, initial=True, label=gettext_lazy("Leave out names"))

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="record_%s")

    def clean_until(self) -> datetime.date:
        until: datetime.date = self.cleaned_data["until"]
        if until < self.cleaned_data.get("since", until):
            raise ValidationError(_("Last day must be the same as or after the first day"))
        return until


def for_leads(view: View) -> View:
    """A page for leads: 403 for everybody else at the desk."""
    return private(login_required(permission_required(LEAD, raise_exception=True)(view)))


@for_leads
@require_safe
def records(request: BlogRequest) -> HttpResponse:
    """What people did, the newest first."""
    return _page(request, ExportForm(blogs=Moderator.objects.blogs_of(request.user, LEAD)))


@for_leads
@require_POST
def export(request: BlogRequest) -> HttpResponse:
    """A post's thread as CSV. That somebody took it is recorded, so it is no GET."""
    form = ExportForm(request.POST, blogs=Moderator.objects.blogs_of(request.user, LEAD))
    if not form.is_valid():
        return _page(request, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    post, redacted = form.cleaned_data["post"], form.cleaned_data["redacted"]
    file = disclosure.as_csv(post, names=not redacted)
    Event.objects.note_down(Event.Kind.EXPORTED, post.blog, request.user, post=post.pk, redacted=redacted)
    response = HttpResponse(file, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="comments-{post.pk}.csv"'
    return response


@for_leads
@require_POST
def period(request: BlogRequest) -> HttpResponseBase:
    """Some days of the record as CSV. That somebody took it is recorded, too."""
    blogs = Moderator.objects.blogs_of(request.user, LEAD)
    form = PeriodForm(request.POST)
    if not form.is_valid():
        return _page(request, ExportForm(blogs=blogs), HTTPStatus.UNPROCESSABLE_ENTITY, form)
    since, until, redacted = (form.cleaned_data[name] for name in ["since", "until", "redacted"])
    days = Event.objects.of_blogs(blogs).filter(at__date__gte=since, at__date__lte=until)
    for blog in blogs:
        told = {"since": since.isoformat(), "until": until.isoformat(), "redacted": redacted}
        Event.objects.note_down(Event.Kind.EXPORTED, blog, request.user, **told)
    lines = disclosure.record_as_csv(days.select_related("blog", "person"), names=not redacted)
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="record-{since}-{until}.csv"'
    return response


def _page(
    request: BlogRequest, form: ExportForm, status: int = HTTPStatus.OK, period: PeriodForm | None = None
) -> HttpResponse:
    rows = Event.objects.of_blogs(form.blogs).select_related("person", "blog")
    events, after = keyset.newest_first(rows, request.GET.get("after", ""), PAGE)
    numbers = [event.comment_number for event in events if event.comment_number]
    context = {
        "desk": True,
        "blog": request.blog,
        "tab": "records",
        "events": events,
        "kept": set(Comment.objects.of_blogs(form.blogs).filter(pk__in=numbers).values_list("pk", flat=True)),
        "page": {"after": after},
        "form": form,
        "period": period or PeriodForm(),
        "wrong": period or form,
        "errors_shown": bool((period or form).errors),
    }
    return render(request, "moderation/desk/records.html", context, status=status)
