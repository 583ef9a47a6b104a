"""What moderators do around a decision: claims, notes, a look at the address, redactions, second persons, previews."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from blog.views import BlogRequest
from moderation import claims, desk, redacting, second
from moderation.comment_forms import NoteForm, RedactionForm
from moderation.deciding import DecisionForm
from moderation.hindrances import hindrance
from moderation.models import Comment, Event, Note, NotPossible, Overtaken
from moderation.roles import DECIDE, SEE_ADDRESS
from moderation.signed_out import sign_in_first
from postbag.private import private

Act = Callable[[BlogRequest, Comment], HttpResponse]


def act(permission: str = DECIDE) -> Callable[[Act], Callable[..., HttpResponse]]:
    """A POST about one comment by somebody who may do this. Signed out meanwhile, they come back to the comment."""

    def decorate(view: Act) -> Callable[..., HttpResponse]:
        @wraps(view)
        def wrapped(request: BlogRequest, pk: int) -> HttpResponse:
            if not request.user.is_authenticated:
                return sign_in_first(request, pk)
            if request.method != "POST":
                return HttpResponseNotAllowed(["POST"])
            return view(request, desk.comment_for(request, pk, permission))

        return private(wrapped)  # type: ignore[return-value]

    return decorate


@act()
def claim(request: BlogRequest, comment: Comment) -> HttpResponse:
    """Claim a comment, or give it back. 409 with who has it; Http404 for anything else."""
    todo = {"claim": claims.claim, "release": claims.release}.get(request.POST.get("act", ""))
    if todo is None:
        raise Http404
    if not todo(comment, request.user) and request.POST["act"] == "claim":
        return desk.comment_page(request, comment, status=HTTPStatus.CONFLICT, unclaimed=True)
    return redirect("desk-comment", pk=comment.pk)


@act()
def note(request: BlogRequest, comment: Comment) -> HttpResponse:
    """Write a note about a comment or its writer."""
    form = NoteForm({"about": "comment", **request.POST.dict()})
    if not form.is_valid():
        return _again(request, comment, note_form=form)
    Note.objects.add(comment, request.user, form.cleaned_data["note"], form.cleaned_data["about"] == "writer")
    return redirect(f"{reverse('desk-comment', args=[comment.pk])}#notes")


@act(SEE_ADDRESS)
def address(request: BlogRequest, comment: Comment) -> HttpResponse:
    """Show the writer's address, this once: who looked is recorded."""
    Event.objects.note_down(Event.Kind.ADDRESS_SEEN, comment.post.blog, request.user, comment)
    return desk.comment_page(request, comment, shown_address=comment.address or _("It is no longer kept"))


@act()
def redaction(request: BlogRequest, comment: Comment) -> HttpResponse:
    """Take words out of a comment, with a mark. 409 as a decision, and 403 for an author of the post."""
    form = RedactionForm(request.POST, comment=comment)
    if why := hindrance(comment, request.user):
        return desk.comment_page(request, comment, **why, redaction_form=form)
    if not form.is_valid():
        return _again(request, comment, redaction_form=form)
    try:
        redacting.redact(comment, form.cleaned_data["words"], by=request.user, version=form.cleaned_data["version"])
    except second.NeedsAnother:
        return desk.comment_page(request, comment, status=HTTPStatus.FORBIDDEN, own_post=True)
    except (Overtaken, NotPossible):
        return desk.overtaken_page(request, comment, form.cleaned_data["version"], redaction_form=form)
    return redirect("desk-comment", pk=comment.pk)


@act()
def proposal(request: BlogRequest, comment: Comment) -> HttpResponse:
    """Confirm the refusal that somebody else proposed, or drop it.

    403 for who proposed it, 409 as a decision, and when it has become impossible.
    """
    todo = {"confirm": second.confirm, "drop": second.drop}.get(request.POST.get("act", ""))
    version = request.POST.get("version", "")
    if todo is None or not (version.isascii() and version.isdigit() and len(version) < 10):
        raise Http404
    if why := hindrance(comment, request.user):
        return desk.comment_page(request, comment, **why)
    try:
        todo(comment, by=request.user, version=int(version))
    except second.NeedsAnother:
        return desk.comment_page(request, comment, status=HTTPStatus.FORBIDDEN, needs_another=True)
    except second.NoLonger as error:
        return desk.comment_page(request, comment, status=HTTPStatus.CONFLICT, no_longer=str(error))
    except (Overtaken, NotPossible):
        return desk.overtaken_page(request, comment, int(version))
    return redirect("desk-comment", pk=comment.pk)


@act()
def preview(request: BlogRequest, comment: Comment) -> HttpResponse:
    """The mail that the writer would get: nothing is decided, and nothing sent."""
    if request.POST.get("preview") not in DecisionForm.TOLD:
        raise Http404
    form = DecisionForm({**request.POST.dict(), "outcome": request.POST["preview"]}, comment=comment)
    if not form.is_valid():
        return desk.comment_page(request, comment, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return desk.comment_page(request, comment, form, letter=form.letter(request.user))


def _again(request: HttpRequest, comment: Comment, **forms_shown: Any) -> HttpResponse:
    (wrong,) = forms_shown.values()
    shown = {**forms_shown, "wrong": wrong, "errors_shown": True}
    return desk.comment_page(request, comment, status=HTTPStatus.UNPROCESSABLE_ENTITY, **shown)  # type: ignore[arg-type]
