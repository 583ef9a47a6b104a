"""/desk/lists/: what holds comments, edited by those who lead a desk, tried before it counts, and carried as CSV."""

import csv
import io
import itertools
from collections import Counter
from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from blog.models import Blog
from blog.views import BlogRequest
from moderation import keyset
from moderation.audit import Event
from moderation.lists import ListEntry
from moderation.models import Comment, Moderator
from moderation.roles import LEAD
from postbag.private import private
from postbag.spreadsheets import plain

PAGE = 100  # entries
TRIED = 1000  # of the latest comments
COLUMNS = ["blog", "kind", "entry", "shadow", "blur", "expires_on", "why"]
SWITCHES = ["shadow", "blur"]
LARGEST = 1_000_000  # bytes of one import
NO_FILE = gettext_lazy("Select a CSV file with the columns kind and entry")
MOST = 5000  # lines of one import


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


class LineForm(EntryForm):
    """One line of a file: its blog is one of those `named`, and what is listed already is looked up for all at once."""

    blog = forms.CharField(required=False)

    def __init__(self, data: Any, *, named: dict[str, Blog], may_all: bool) -> None:
        forms.ModelForm.__init__(self, data)
        self.named, self.may_all = named, may_all

    def clean_blog(self) -> Blog | None:
        name = self.cleaned_data["blog"]
        if name not in self.named and (name or not self.may_all):
            raise ValidationError(_("Select a blog"))
        return self.named.get(name)

    def _get_validation_exclusions(self) -> set[str]:
        """With the blog, so that neither it nor what is listed there is asked for with each line."""
        return super()._get_validation_exclusions() | {"blog"}  # type: ignore[misc]


@private
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def lists(request: BlogRequest) -> HttpResponse:
    """All entries of the blogs that this person leads, and a form for one more: to try, or to add."""
    blogs = _led(request)
    form = _form(request, blogs, request.POST or None)
    if request.method == "POST" and form.is_valid():
        if "try" in request.POST:
            return _page(request, blogs, form, **_tried(form.instance, blogs))
        if _add(request, form):
            return redirect("desk-lists")
        form.add_error(None, _("This is listed already"))
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return _page(request, blogs, form, status=status)


@private
@login_required
@require_POST
def remove(request: BlogRequest, pk: int) -> HttpResponse:
    """Take one entry off its list."""
    entry = get_object_or_404(_editable(request, _led(request)), pk=pk)
    with transaction.atomic():
        _note_down(request, entry, "removed")
        entry.delete()
    return redirect("desk-lists")


@private
@login_required
@require_safe
def export(request: BlogRequest) -> HttpResponse:
    """The entries as CSV. Addresses are not in it: of them only a hash is kept."""
    blogs = _led(request)
    response = HttpResponse(
        content_type="text/csv; charset=utf-8", headers={"Content-Disposition": 'attachment; filename="lists.csv"'}
    )
    rows = csv.writer(response)
    rows.writerow(COLUMNS)
    for entry in ListEntry.objects.of_blogs(blogs).filter(mailbox="").select_related("blog"):
        switches = [int(entry.shadow), int(entry.blur)]
        values = [entry.blog or "", entry.kind, entry.entry, *switches, entry.expires_on or "", entry.why]
        rows.writerow([_cell(str(value)) for value in values])
    return response


@private
@login_required
@require_POST
def bring(request: BlogRequest) -> HttpResponse:
    """Add the entries of a CSV file that are not listed yet, all or none: the first line of no use is named."""
    blogs = _led(request)
    try:
        made = _read(request, blogs)
    except ValidationError as error:
        return _page(request, blogs, _form(request, blogs), HTTPStatus.UNPROCESSABLE_ENTITY, problem=error.messages[0])
    _add_all(request, made)
    return redirect(f"{request.path}../?added={len(made)}")


def _read(request: BlogRequest, blogs: QuerySet[Blog]) -> list[ListEntry]:
    """The file's entries that are not listed yet, not saved. Raises ValidationError that names the first bad line."""
    named = {blog.name: blog for blog in blogs}
    known: set[tuple[int | None, str, str]] = set(
        ListEntry.objects.of_blogs(blogs).values_list("blog", "kind", "entry")
    )
    made = []
    for line, row in enumerate(_rows(request.FILES.get("file")), 2):
        entry = _entry(request, row, named, line)
        if (once := (entry.blog_id, entry.kind, entry.entry)) not in known:
            known.add(once)
            made.append(entry)
    return made


def _rows(sent: Any) -> list[dict[str, Any]]:
    if not isinstance(sent, UploadedFile):
        raise ValidationError(NO_FILE)
    if (sent.size or 0) > LARGEST:
        raise ValidationError(_("The selected file must be smaller than 1 MB"))
    text = io.StringIO(sent.read().decode("utf-8-sig", "replace"), newline=None)
    try:
        rows = list(itertools.islice(csv.DictReader(text), MOST + 1))
    except csv.Error as error:
        raise ValidationError(NO_FILE) from error
    if not rows or not {"kind", "entry"} <= set(rows[0]):
        raise ValidationError(NO_FILE)
    if len(rows) > MOST:
        raise ValidationError(_("The file must have %(most)s lines or fewer") % {"most": MOST})
    return rows


def _entry(request: BlogRequest, row: dict[str, Any], named: dict[str, Blog], line: int) -> ListEntry:
    form = LineForm(_as_form(row), named=named, may_all=bool(request.user.is_superuser))
    if not form.is_valid():
        problem = next(iter(form.errors.values()))[0]
        raise ValidationError(_("Line %(line)s: %(problem)s") % {"line": line, "problem": problem})
    return form.instance


def _add_all(request: BlogRequest, made: list[ListEntry]) -> None:
    """Add them, and one record for each blog. What somebody else listed meanwhile stays as it is."""
    counts = Counter(entry.blog or request.blog for entry in made)
    with transaction.atomic():
        ListEntry.objects.bulk_create(made, ignore_conflicts=True)
        for blog, count in counts.items():
            details = {"what": "added", "listed": "file", "entries": count}
            Event.objects.note_down(Event.Kind.LIST_CHANGED, blog, request.user, **details)


def _as_form(row: dict[str, Any]) -> dict[str, Any]:
    words = {name: (row.get(name) or "").removeprefix("'") for name in COLUMNS}
    switches = {name: "on" if words[name] in {"1", "true"} else "" for name in SWITCHES}
    return words | switches


def _led(request: BlogRequest) -> QuerySet[Blog]:
    """The blogs whose lists this person keeps. Raises PermissionDenied when there are none."""
    blogs = Moderator.objects.blogs_of(request.user, LEAD).order_by("name")
    if not blogs:
        raise PermissionDenied
    return blogs


def _editable(request: BlogRequest, blogs: QuerySet[Blog]) -> QuerySet[ListEntry]:
    """Those that this person may change: what counts on all blogs belongs to superusers."""
    entries = ListEntry.objects.of_blogs(blogs)
    return entries if request.user.is_superuser else entries.exclude(blog=None)


def _form(request: BlogRequest, blogs: QuerySet[Blog], data: Any = None) -> EntryForm:
    return EntryForm(data, blogs=blogs, may_all=bool(request.user.is_superuser))


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
    details = {"what": what, "listed": entry.kind, "entry": entry.entry}
    Event.objects.note_down(Event.Kind.LIST_CHANGED, entry.blog or request.blog, request.user, **details)


def _tried(entry: ListEntry, blogs: QuerySet[Blog]) -> dict[str, Any]:
    """What it would have held of the latest comments that this person may see, and of how many."""
    seen = Comment.objects.of_blogs(blogs.filter(pk=entry.blog_id) if entry.blog_id else blogs)
    latest = seen.select_related("post__blog").order_by("-pk")[:TRIED]
    return {"tried": entry.would_hold(latest), "tried_of": len(latest)}


def _cell(text: str) -> str:
    """Not a formula, whatever program opens it (OWASP, CSV injection)."""
    return f"'{text}" if text.startswith("'") else plain(text)  # so that a file comes back as it went


def _page(
    request: BlogRequest, blogs: QuerySet[Blog], form: EntryForm, status: int = HTTPStatus.OK, **context: Any
) -> HttpResponse:
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
        "errors_shown": bool(form.errors) or "problem" in context,
    }
    return render(request, "moderation/desk/lists.html", context, status=status)
