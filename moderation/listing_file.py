"""/desk/lists/ as a file: its entries as CSV, and those of a CSV file added."""

import csv
import io
import itertools
from collections import Counter
from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from blog.models import Blog
from blog.views import BlogRequest
from moderation.audit import Event
from moderation.listing_desk import EntryForm, entry_form, led, page, redirect_to_added
from moderation.lists import ListEntry
from postbag.private import private
from postbag.spreadsheets import plain

COLUMNS = ["blog", "kind", "entry", "shadow", "blur", "expires_on", "why"]
SWITCHES = ["shadow", "blur"]
LARGEST = 1_000_000  # bytes of one import
NO_FILE = gettext_lazy("Select a CSV file with the columns kind and entry")
MOST = 5000  # lines of one import


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
@require_safe
def export(request: BlogRequest) -> HttpResponse:
    """The entries as CSV. Addresses are not in it: of them only a hash is kept."""
    blogs = led(request)
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
    blogs = led(request)
    try:
        made = _read(request, blogs)
    except ValidationError as error:
        return page(
            request, blogs, entry_form(request, blogs), HTTPStatus.UNPROCESSABLE_ENTITY, problem=error.messages[0]
        )
    _add_all(request, made)
    return redirect_to_added(len(made))


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


def _cell(text: str) -> str:
    """Not a formula, whatever program opens it (OWASP, CSV injection)."""
    return f"'{text}" if text.startswith("'") else plain(text)  # so that a file comes back as it went
