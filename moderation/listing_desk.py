"""/desk/lists/: what holds comments, edited by those who lead a desk, and tried before it counts."""

import re
from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from blog.models import Blog
from blog.views import BlogRequest
from moderation import keyset
from moderation.audit import Event
from moderation.lists import ListEntry
from moderation.models import Comment, Moderator
from moderation.roles import LEAD
from postbag.private import private

PAGE = 100  # entries
TRIED = 1000  # of the latest comments


class EntryForm(forms.ModelForm):
    """One entry. Whoever leads all blogs may leave the blog empty: then it counts on all."""

    class Meta:
        model = ListEntry
        fields = ["kind", "entry", "blog", "shadow", "blur", "expires_on", "why"]
        labels = {
            "kind": gettext_lazy("What is listed"),
            "entry": gettext_lazy("Entry"),
            "blog": gettext_lazy("Blog"),
            "shadow": gettext_lazy("Only record what it would hold"),
            "blur": gettext_lazy("Hide the comment’s text at the desk until somebody asks for it"),
            "expires_on": gettext_lazy("Stops counting on (optional)"),
            "why": gettext_lazy("Why (optional)"),
        }
        help_texts = {
            "entry": gettext_lazy(
                "A word or phrase, however it is written; a pattern (RE2); a domain; an email address or its domain"
            ),
            "shadow": "",
            "blur": "",
            "expires_on": gettext_lazy("For example, 31/12/2026"),
            "why": "",
            "blog": "",
        }
        error_messages = {
            "kind": dict.fromkeys(["required", "invalid_choice"], gettext_lazy("Select what is listed")),
            "expires_on": {"invalid": gettext_lazy("Enter a date, like 31/12/2026")},
            NON_FIELD_ERRORS: {"unique_together": gettext_lazy("This is listed already")},
            "entry": {"required": gettext_lazy("Enter what is listed")},
        }
        widgets = {"expires_on": forms.TextInput(attrs={"class": "govuk-input--width-10"})}

    def __init__(self, *args: Any, blogs: QuerySet[Blog], may_all: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["blog"].queryset = blogs  # type: ignore[attr-defined]
        self.fields["blog"].required = not may_all
        self.fields["blog"].empty_label = _("All blogs") if may_all else _("Select a blog")  # type: ignore[attr-defined]
        self.fields["blog"].error_messages |= dict.fromkeys(["required", "invalid_choice"], _("Select a blog"))


@private
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def lists(request: BlogRequest) -> HttpResponse:
    """All entries of the blogs that this person leads, and a form for one more: to try, or to add."""
    blogs = led(request)
    form = entry_form(request, blogs, request.POST or None)
    if request.method == "POST" and form.is_valid():
        if "try" in request.POST:
            return page(request, blogs, form, **_tried(form.instance, blogs))
        if _add(request, form):
            return redirect_to_added(1)
        form.add_error(None, _("This is listed already"))
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return page(request, blogs, form, status=status)


@private
@login_required
@require_POST
def remove(request: BlogRequest, pk: int) -> HttpResponse:
    """Take one entry off its list."""
    entry = get_object_or_404(_editable(request, led(request)), pk=pk)
    with transaction.atomic():
        _note_down(request, entry, "removed")
        entry.delete()
    return redirect("desk-lists")


def led(request: BlogRequest) -> QuerySet[Blog]:
    """The blogs whose lists this person keeps. Raises PermissionDenied when there are none."""
    blogs = Moderator.objects.blogs_of(request.user, LEAD).order_by("name")
    if not blogs:
        raise PermissionDenied
    return blogs


def redirect_to_added(number: int) -> HttpResponse:
    """To the entries, where it says how many were added."""
    return redirect(f"{reverse('desk-lists')}?added={number}")


def entry_form(request: BlogRequest, blogs: QuerySet[Blog], data: Any = None) -> EntryForm:
    """For one entry of these blogs."""
    return EntryForm(data, blogs=blogs, may_all=bool(request.user.is_superuser))


def page(
    request: BlogRequest, blogs: QuerySet[Blog], form: EntryForm, status: int = HTTPStatus.OK, **context: Any
) -> HttpResponse:
    """The entries, a hundred at a time, and the forms."""
    listed = ListEntry.objects.of_blogs(blogs).select_related("blog")
    entries, after = keyset.newest_first(listed, request.GET.get("after", ""), PAGE)
    here = [entry.pk for entry in entries]
    context |= {
        "desk": True,
        "blog": request.blog,
        "tab": "lists",
        "form": form,
        "entries": entries,
        "editable": set(_editable(request, blogs).filter(pk__in=here).values_list("pk", flat=True)),
        "page": {"after": after},
        "added": _added(request),
        "errors_shown": bool(form.errors) or "problem" in context,
    }
    return render(request, "moderation/desk/lists.html", context, status=status)


def _editable(request: BlogRequest, blogs: QuerySet[Blog]) -> QuerySet[ListEntry]:
    """Those that this person may change: what counts on all blogs belongs to superusers."""
    entries = ListEntry.objects.of_blogs(blogs)
    return entries if request.user.is_superuser else entries.exclude(blog=None)


def _add(request: BlogRequest, form: EntryForm) -> bool:
    """Add it. False when somebody did, by a second click perhaps, since it was looked for."""
    try:
        with transaction.atomic():
            form.save()
            _note_down(request, form.instance, "added")
    except IntegrityError:
        return False
    return True


def _note_down(request: BlogRequest, entry: ListEntry, what: str) -> None:
    details = {"what": what, "listed": entry.kind, "entry": "address" if entry.mailbox else entry.entry}
    Event.objects.note_down(Event.Kind.LIST_CHANGED, entry.blog or request.blog, request.user, **details)


def _tried(entry: ListEntry, blogs: QuerySet[Blog]) -> dict[str, Any]:
    """What it would have held of the latest comments that this person may see, and of how many."""
    seen = Comment.objects.of_blogs(blogs.filter(pk=entry.blog_id) if entry.blog_id else blogs)
    latest = seen.select_related("post__blog").order_by("-pk")[:TRIED]
    return {"tried": entry.would_hold(latest), "tried_of": len(latest)}


def _added(request: BlogRequest) -> int | None:
    """How many entries this person has just added."""
    number = request.GET.get("added", "")
    return int(number) if re.fullmatch("[0-9]{1,4}", number) else None
