"""The desk: what awaits a decision, and the decision. Every query starts from the blogs that the person may see."""

from http import HTTPStatus
from typing import Any

from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from blog.views import BlogRequest
from moderation import timeline
from moderation.appeals import NotYours, is_open, may_answer
from moderation.deciding import AnswerForm, EditDecisionForm, form_for
from moderation.editing import edit_at, html_at, waiting
from moderation.forms import DecisionForm
from moderation.models import Comment, CommentQuerySet, Moderator, NotPossible, Overtaken
from moderation.roles import DECIDE, SEE
from postbag.private import private

PAGE = 25
TABS = {  # each with its heading, and what stands there when it is empty
    "queue": (_("Awaiting a decision"), _("No comment awaits a decision.")),
    "edits": (_("Edits"), _("No edit awaits a decision.")),
    "appeals": (_("Appeals"), _("No appeal awaits an answer.")),
    "decided": (_("Decided"), _("Nothing has been decided yet.")),
}


@private
@login_required
@require_safe
def queue(request: BlogRequest) -> HttpResponse:
    """What awaits a decision, the longest waiting first."""
    return _list(request, _seen_by(request).queue(), "queue")


@private
@login_required
@require_safe
def decided(request: BlogRequest) -> HttpResponse:
    """What has been decided, the latest first."""
    return _list(request, _seen_by(request).decided(), "decided")


@private
@login_required
@require_safe
def edits(request: BlogRequest) -> HttpResponse:
    """Edits of published comments, the longest waiting first."""
    return _list(request, _seen_by(request).with_edits(), "edits")


@private
@login_required
@require_safe
def appealed(request: BlogRequest) -> HttpResponse:
    """Refusals that their writers appealed against, the longest waiting first."""
    return _list(request, _seen_by(request).appealed(), "appeals")


@private
@login_required
@require_safe
def comment(request: BlogRequest, pk: int) -> HttpResponse:
    """One comment, in its context, with its history."""
    found = get_object_or_404(_seen_by(request).for_desk(), pk=pk)
    return _comment_page(request, found, form_for(found))


@private
def decision(request: BlogRequest, pk: int) -> HttpResponse:
    """Decide one comment. 409, with who and what, when somebody was faster."""
    return _decision(request, pk, DecisionForm, "desk")


@private
def edit_decision(request: BlogRequest, pk: int) -> HttpResponse:
    """Publish the edit of one comment, or keep its old words. 409 as above, with the words that have gone."""
    return _decision(request, pk, EditDecisionForm, "desk-edits")


@private
def appeal_answer(request: BlogRequest, pk: int) -> HttpResponse:
    """Answer the appeal about one comment. 409 as above, and 403 for who refused it."""
    return _decision(request, pk, AnswerForm, "desk-appeals")


def _decision(request: BlogRequest, pk: int, kind: type[DecisionForm], then: str) -> HttpResponse:
    if not request.user.is_authenticated:  # signed out meanwhile: back to the comment, not to this address
        return redirect_to_login(reverse("desk-comment", args=[pk]))
    return _decide(request, pk, kind, then)


@require_POST
def _decide(request: BlogRequest, pk: int, kind: type[DecisionForm], then: str) -> HttpResponse:
    found = get_object_or_404(_seen_by(request, DECIDE).for_desk(), pk=pk)
    form = kind(request.POST, comment=found)
    if not form.is_valid():
        return _comment_page(request, found, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        made = form.save(by=request.user)
    except NotYours:
        form.add_error(None, _("You refused this comment, so somebody else answers the appeal"))
        return _comment_page(request, found, form, status=HTTPStatus.FORBIDDEN)
    except (Overtaken, NotPossible):
        return _comment_page(request, found, form, status=HTTPStatus.CONFLICT, overtaken=True)
    return redirect(f"{reverse(then)}?decided={made.pk}")


def _seen_by(request: BlogRequest, permission: str = SEE) -> CommentQuerySet:
    return Comment.objects.of_blogs(Moderator.objects.blogs_of(request.user, permission))


def _list(request: BlogRequest, comments: CommentQuerySet, tab: str) -> HttpResponse:
    page = Paginator(comments.for_desk(), PAGE).get_page(request.GET.get("page"))
    context = {
        "desk": True,
        "blog": request.blog,
        "tab": tab,
        "heading": TABS[tab][0],
        "empty": TABS[tab][1],
        "page": page,
        "just_decided": _just_decided(request),
        **_counts(request),
    }
    return render(request, "moderation/desk/list.html", context)


def _counts(request: BlogRequest) -> dict[str, int]:
    """How much waits on each tab."""
    seen = _seen_by(request)
    return {
        "waiting": seen.queue().count(),
        "waiting_edits": seen.with_edits().count(),
        "waiting_appeals": seen.appealed().count(),
    }


def _just_decided(request: BlogRequest) -> Comment | None:
    """The comment of the decision that this person just took, to be shown with its undo while it is the newest."""
    number = request.GET.get("decided", "")
    if not number.isascii() or not number.isdigit() or len(number) > 18:
        return None
    mine = {"decisions": number, "decisions__moderator": request.user}
    found = _seen_by(request).for_desk().filter(**mine).first()
    newest = found.newest_decision() if found else None
    return found if newest and newest.pk == int(number) else None


def _comment_page(
    request: BlogRequest, found: Comment, form: DecisionForm, status: int = HTTPStatus.OK, overtaken: bool = False
) -> HttpResponse:
    context: dict[str, Any] = {}
    if overtaken:
        found = get_object_or_404(_seen_by(request).for_desk(), pk=found.pk)
        version = form.cleaned_data["version"]
        context = {"gone": html_at(found, version), "gone_edit": edit_at(found, version)}
        form = form_for(found)
    context |= {
        "desk": True,
        "blog": request.blog,
        "comment": found,
        "form": form,
        "reasons": found.post.blog.reasons.all(),
        "overtaken": overtaken,
        "errors_shown": overtaken or bool(form.errors),
        "revision": waiting(found),
        "appeal": found.appeal if is_open(found) else None,
        "may_answer": is_open(found) and may_answer(found, request.user),
        "moments": timeline.of(found),
    }
    return render(request, "moderation/desk/comment.html", context, status=status)
