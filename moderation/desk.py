"""The desk: what awaits a decision, and the decision. Every query starts from the blogs that the person may see."""

from http import HTTPStatus

from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from blog.views import BlogRequest
from moderation.forms import DecisionForm
from moderation.models import Comment, CommentQuerySet, Moderator, NotPossible, Overtaken
from postbag.private import private

PAGE = 25


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
def comment(request: BlogRequest, pk: int) -> HttpResponse:
    """One comment, in its context, with its history."""
    found = get_object_or_404(_seen_by(request).for_desk(), pk=pk)
    return _comment_page(request, found, DecisionForm(comment=found))


@private
def decision(request: BlogRequest, pk: int) -> HttpResponse:
    """Decide one comment. 409, with who and what, when somebody was faster."""
    if not request.user.is_authenticated:  # signed out meanwhile: back to the comment, not to this address
        return redirect_to_login(reverse("desk-comment", args=[pk]))
    return _decide(request, pk)


@require_POST
def _decide(request: BlogRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(_seen_by(request).for_desk(), pk=pk)
    form = DecisionForm(request.POST, comment=found)
    if not form.is_valid():
        return _comment_page(request, found, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        made = form.save(by=request.user)
    except (Overtaken, NotPossible):
        return _comment_page(request, found, form, status=HTTPStatus.CONFLICT, overtaken=True)
    return redirect(f"{reverse('desk')}?decided={made.pk}")


def _seen_by(request: BlogRequest) -> CommentQuerySet:
    return Comment.objects.of_blogs(Moderator.objects.blogs_of(request.user))


def _list(request: BlogRequest, comments: CommentQuerySet, tab: str) -> HttpResponse:
    page = Paginator(comments.for_desk(), PAGE).get_page(request.GET.get("page"))
    context = {
        "desk": True,
        "blog": request.blog,
        "tab": tab,
        "page": page,
        "waiting": _seen_by(request).queue().count(),
        "just_decided": _just_decided(request),
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
    if overtaken:
        found = get_object_or_404(_seen_by(request).for_desk(), pk=found.pk)
    context = {
        "desk": True,
        "blog": request.blog,
        "comment": found,
        "form": form,
        "reasons": found.post.blog.reasons.all(),
        "overtaken": overtaken,
        "errors_shown": overtaken or bool(form.errors),
    }
    return render(request, "moderation/desk/comment.html", context, status=status)
