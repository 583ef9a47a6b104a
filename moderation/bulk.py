"""Many decisions in one go: each on the version that was seen, so what changed meanwhile is skipped, and named."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpResponse
from django.views.decorators.http import require_POST

from blog.views import BlogRequest
from moderation import desk, second
from moderation.hindrances import hindrance
from moderation.models import Comment, CommentQuerySet, Decision, Moderator, NotPossible, Overtaken
from moderation.roles import DECIDE
from postbag.private import private

MOST = 100  # in one go
PICKED = re.compile(r"(\d{1,18}):(\d{1,9})")
OUTCOMES = {Decision.Outcome.APPROVED, Decision.Outcome.SPAM}  # a refusal needs its reason, one by one


@dataclass
class Result:
    """What was decided, and what was not, because somebody had changed it."""

    outcome: Decision.Outcome
    decided: list[Comment] = field(default_factory=list)
    proposed: list[Comment] = field(default_factory=list)
    skipped: list[Comment] = field(default_factory=list)


@private
@login_required
@permission_required(DECIDE, raise_exception=True)
@require_POST
def bulk(request: BlogRequest) -> HttpResponse:
    """Decide the comments that were ticked, and show the list again, with what came of it."""
    outcome, picked = request.POST.get("outcome"), _picked(request.POST.getlist("pick"))
    tab = request.POST.get("tab", "")
    tab = tab if tab in desk.BULK else "queue"
    if outcome not in OUTCOMES or not picked:
        return desk.show_list(request, tab, nothing_picked=True)
    mine = Comment.objects.of_blogs(Moderator.objects.blogs_of(request.user, DECIDE))
    return desk.show_list(request, tab, bulk=decide(mine, picked, Decision.Outcome(outcome), by=request.user))


def decide(comments: CommentQuerySet, picked: dict[int, int], outcome: Decision.Outcome, *, by: Any) -> Result:
    """Decide each of these comments as it was at its version; each stands by itself."""
    result = Result(outcome)
    for comment in comments.filter(pk__in=picked).for_desk().order_by("pk"):
        try:
            if hindrance(comment, by):
                raise NotPossible(comment)
            made = second.decide(comment, outcome, by=by, version=picked[comment.pk])
            (result.decided if isinstance(made, Decision) else result.proposed).append(comment)
        except (Overtaken, NotPossible):
            result.skipped.append(comment)
    return result


def _picked(values: Iterable[str]) -> dict[int, int]:
    """The version of each comment that was ticked, by its number."""
    found = [match for value in values if (match := PICKED.fullmatch(value))][:MOST]
    return {int(match[1]): int(match[2]) for match in found}
