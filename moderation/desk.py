"""The desk: what awaits a decision, and the decision. Every query starts from the blogs that the person may see."""

from http import HTTPStatus
from typing import Any

from django.contrib.auth.decorators import login_required, permission_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from blog.views import BlogRequest
from moderation import bulk, claims, keyset, queue, second
from moderation.appeals import NotYours, is_open, may_answer
from moderation.beside import beside
from moderation.deciding import AnswerForm, DecisionForm, EditDecisionForm, form_for
from moderation.editing import edit_at, html_at, waiting
from moderation.hindrances import hindrance
from moderation.models import Comment, CommentQuerySet, Decision, Moderator, NotPossible, Overtaken
from moderation.narrowing import FilterForm
from moderation.roles import DECIDE, MAIL, SEE, deciding
from moderation.signed_out import sign_in_first
from postbag.private import private

BULK = ["queue", "held", "spam", "published"]  # the lists on which comments can be ticked
KEYS = [
    ("j", _("next comment")),
    ("k", _("comment before")),
    ("a", _("approve, keep, or publish the edit")),
    ("r", _("reject: choose a rule")),
    ("s", _("mark as spam")),
    ("u", _("undo")),
    ("e", _("escalate")),
    ("n", _("write a note")),
    ("o", _("open")),
    ("x", _("tick")),
    ("/", _("search")),
    ("?", _("show these keys")),
]
KEYS_OF_ONE = [key for key in KEYS if key[0] in "arsuen?"]


@private
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def listed(request: BlogRequest, tab: str) -> HttpResponse:
    """One of the desk's lists: moderation.queue says what stands on it. Who looks after mail alone is led there.

    A POST decides those that are ticked, and shows the list again as its address narrows it.
    """
    if request.method == "POST":
        return _decide_ticked(request, tab)
    if not request.user.has_perm(queue.TABS[tab].permission):
        if request.user.has_perm(MAIL) and tab == "queue":
            return redirect("mailouts")
        raise PermissionDenied
    return show_list(request, tab)


@private
@login_required
@permission_required(SEE, raise_exception=True)
@require_safe
def comment(request: BlogRequest, pk: int) -> HttpResponse:
    """One comment, in its context, with its history."""
    found = comment_for(request, pk)
    return comment_page(request, found)


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


def _decide_ticked(request: BlogRequest, tab: str) -> HttpResponse:
    """What came of it stands above the list."""
    if tab not in BULK:
        return HttpResponseNotAllowed(["GET", "HEAD"])
    if not request.user.has_perm(DECIDE):
        raise PermissionDenied
    outcome, picked = request.POST.get("outcome"), bulk.picked(request.POST.getlist("pick"))
    if outcome not in bulk.OUTCOMES or not picked:
        return show_list(request, tab, nothing_picked=True)
    made = bulk.decide(_seen_by(request, DECIDE), picked, Decision.Outcome(outcome), by=request.user)
    return show_list(request, tab, bulk=made)


def _decision(request: BlogRequest, pk: int, kind: type[DecisionForm], then: str) -> HttpResponse:
    if not request.user.is_authenticated:
        return sign_in_first(request, pk)
    return _decide(request, pk, kind, then)


@require_POST
def _decide(request: BlogRequest, pk: int, kind: type[DecisionForm], then: str) -> HttpResponse:
    found = comment_for(request, pk, DECIDE)
    form = kind(request.POST, comment=found)
    if why := hindrance(found, request.user, request.POST.get("outcome", "")):
        return _refused(request, found, **why, **_typed(found, form))
    if not form.is_valid():
        return _refused(request, found, HTTPStatus.UNPROCESSABLE_ENTITY, form=form)
    was_unseen = found.unseen
    try:
        made = form.save(by=request.user)
    except NotYours:
        form.add_error(None, _("You had a part in this refusal, so somebody else answers the appeal"))
        return _refused(request, found, HTTPStatus.FORBIDDEN, form=form)
    except (Overtaken, NotPossible):
        return overtaken_page(request, found, form.cleaned_data["version"], form)
    if "HX-Request" in request.headers:
        return _in_place(request, found)
    if isinstance(made, Decision):
        then = "desk-published" if was_unseen or found.unseen else then
        return redirect(f"{reverse(then)}?decided={made.pk}")
    return redirect("desk-comment", pk=pk)  # proposed: another confirms it


def _refused(request: BlogRequest, found: Comment, status: int, **why: Any) -> HttpResponse:
    """Why the decision was not taken: on its card, for the script; else on its page.

    To the script no 403 is said: it puts none into a card, because that can be another page.
    """
    if "HX-Request" in request.headers:
        status = HTTPStatus.CONFLICT if status == HTTPStatus.FORBIDDEN else status
        return _in_place(request, found, status, **why)
    return comment_page(request, found, why.pop("form", None), status=status, **why)


def _in_place(request: BlogRequest, found: Comment, status: int = HTTPStatus.OK, **why: Any) -> HttpResponse:
    """What a script puts in the place of the comment's card: that it was decided, with an undo; or the card again."""
    found = comment_for(request, found.pk)
    pending = found.state == Comment.State.PENDING and (found.escalated_at is None or status != HTTPStatus.OK)
    edited = status != HTTPStatus.OK and not (pending or found.unseen) and waiting(found)
    reported = not (pending or found.unseen or edited) and _is_reported_again(found)
    waits = pending or found.unseen or edited or reported
    part = "moderation/desk/_card.html" if waits else "moderation/desk/_done.html"
    tab = "edits" if edited else "reported" if reported else "queue"
    context = {"comment": found, "tab": tab, "deciding": deciding(request.user), **why}
    return render(request, part, {"refused": status != HTTPStatus.OK, **context}, status=status)


def _is_reported_again(found: Comment) -> bool:
    """Whether it is on the list of those reported because an undo put it there."""
    newest = found.newest_decision()
    put_back = found.state == Comment.State.APPROVED and newest and newest.outcome == Decision.Outcome.REOPENED
    return bool(put_back and found.open_reports)  # type: ignore[attr-defined]


def comment_for(request: BlogRequest, pk: int, permission: str = SEE) -> Comment:
    """The comment, for this person to do this with.

    Raises Http404 where they may not look, and PermissionDenied where they may only look.
    """
    found: Comment = get_object_or_404(_seen_by(request).for_desk(), pk=pk)
    if not request.user.has_perm(permission, found.post.blog):
        raise PermissionDenied
    return found


def _seen_by(request: BlogRequest, permission: str = SEE) -> CommentQuerySet:
    blogs = Moderator.objects.blogs_of(request.user, permission)
    return Comment.objects.of_blogs(list(blogs.values_list("pk", flat=True)))  # asked for once, not by each count


def show_list(request: BlogRequest, name: str, **context: Any) -> HttpResponse:
    """The page of one list, narrowed as its address says."""
    tab, seen = queue.TABS[name], _seen_by(request)
    mine = seen if tab.permission == SEE else _seen_by(request, tab.permission)
    here = {"promised": tab.has_promise, "decided": tab.has_outcomes}
    form = FilterForm(request.GET, blogs=Moderator.objects.blogs_of(request.user), **here)
    page = keyset.page(form.narrow(tab.lists(mine), wait=tab.waits), tab.order, request.GET.get("after", ""))
    context |= {
        "desk": True,
        "blog": request.blog,
        "tab": name,
        "heading": tab.heading,
        "empty": tab.empty,
        "filter": form,
        "kept": form.kept(),
        "page": page,
        "just_decided": _just_decided(request),
        "counts": queue.counts(seen, {name: form.number}),
        "deciding": deciding(request.user),
        "bulk_tabs": BULK,
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


def overtaken_page(
    request: BlogRequest, found: Comment, version: int, form: DecisionForm | None = None, **said: Any
) -> HttpResponse:
    """409: the comment has changed since `version`. Who did what and when, the words of both, and what was typed."""
    now = comment_for(request, found.pk)
    gone: dict[str, Any] = {"gone": html_at(now, version), "gone_edit": edit_at(now, version)}
    typed = _typed(now, form) if form else {}
    return _refused(request, now, HTTPStatus.CONFLICT, overtaken=True, **gone, **typed, **said)


def _typed(found: Comment, form: DecisionForm) -> dict[str, Any]:
    """What a moderator typed: in the form, where that can be sent once more; else to be copied."""
    fits = claims.awaits(found) and type(form) is type(form_for(found))
    return {"form": form} if fits else {"typed": form["note"].value()}


def comment_page(
    request: BlogRequest, found: Comment, form: DecisionForm | None = None, status: int = HTTPStatus.OK, **said: Any
) -> HttpResponse:
    """The page of one comment, with what can be done about it and all that the desk knows; `said` is on top of it."""
    form = form or form_for(found)
    given_up = any(
        said.get(name) for name in ["overtaken", "unclaimed", "for_leads", "needs_another", "no_longer", "own_post"]
    )
    context: dict[str, Any] = {
        "desk": True,
        "blog": request.blog,
        "comment": found,
        "form": form,
        "reasons": found.post.blog.reasons.all(),
        "errors_shown": given_up or bool(form.errors),
        "revision": waiting(found),
        "appeal": found.appeal if is_open(found) else None,
        "may_answer": is_open(found) and may_answer(found, request.user),
        "may_decide": request.user.has_perm(DECIDE, found.post.blog),
        "proposal": second.standing(found),
        "may_confirm": second.may_confirm(found, request.user),
        "keys": KEYS_OF_ONE,
    }
    context |= beside(found, request.user) | said
    return render(request, "moderation/desk/comment.html", context, status=status)
