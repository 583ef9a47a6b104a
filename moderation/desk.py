"""The desk: what awaits a decision, and the decision. Every query starts from the blogs that the person may see."""

from http import HTTPStatus
from typing import Any

from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from blog.views import BlogRequest
from moderation import queue, timeline
from moderation.appeals import NotYours, is_open, may_answer
from moderation.deciding import AnswerForm, EditDecisionForm, form_for
from moderation.editing import edit_at, html_at, waiting
from moderation.forms import DecisionForm
from moderation.models import Comment, CommentQuerySet, Moderator, NotPossible, Overtaken
from moderation.roles import DECIDE, SEE
from postbag.private import private

KEYS = [
    ("j", _("next comment")),
    ("k", _("comment before")),
    ("a", _("approve")),
    ("r", _("reject: choose a rule")),
    ("s", _("mark as spam")),
    ("u", _("undo")),
    ("o", _("open")),
    ("x", _("tick")),
    ("/", _("search")),
    ("?", _("show these keys")),
]


@private
@login_required
@require_safe
def listed(request: BlogRequest, tab: str) -> HttpResponse:
    """One of the desk's lists: moderation.queue says what stands on it."""
    return show_list(request, tab)


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
    if "HX-Request" in request.headers:
        return _in_place(request, pk)
    return redirect(f"{reverse(then)}?decided={made.pk}")


def _in_place(request: BlogRequest, pk: int) -> HttpResponse:
    """What a script puts in the place of the comment's card: that it was decided, with an undo; or the card again."""
    found = get_object_or_404(_seen_by(request).for_desk(), pk=pk)
    waits = found.state == Comment.State.PENDING
    part = "moderation/desk/_card.html" if waits else "moderation/desk/_done.html"
    return render(request, part, {"comment": found, "tab": "queue"})


def _seen_by(request: BlogRequest, permission: str = SEE) -> CommentQuerySet:
    return Comment.objects.of_blogs(Moderator.objects.blogs_of(request.user, permission))


def show_list(request: BlogRequest, name: str, **context: Any) -> HttpResponse:
    """The page of one list, narrowed as its address says."""
    tab, seen = queue.TABS[name], _seen_by(request)
    form = queue.FilterForm(request.GET, blogs=Moderator.objects.blogs_of(request.user))
    page = queue.page(form.narrow(tab.lists(seen)), tab.order, request.GET.get("after", ""))
    context |= {
        "desk": True,
        "blog": request.blog,
        "tab": name,
        "heading": tab.heading,
        "empty": tab.empty,
        "filter": form,
        "page": page,
        "just_decided": _just_decided(request),
        "counts": queue.counts(seen),
        "keys": KEYS,
    }
    return render(request, "moderation/desk/list.html", context)


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
