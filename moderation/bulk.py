"""Many decisions in one go: each on the version that was seen, so what changed meanwhile is skipped, and named."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from moderation import second
from moderation.hindrances import hindrance
from moderation.models import Comment, CommentQuerySet, Decision, NotPossible, Overtaken

MOST = 100  # in one go
PICKED = re.compile(r"(\d{1,18}):(\d{1,9})")
OUTCOMES = {Decision.Outcome.APPROVED, Decision.Outcome.SPAM}  # a refusal needs its reason, one by one


@dataclass
class Result:
    """What was decided, and what was not, because somebody had changed it, or it is no longer on this desk."""

    outcome: Decision.Outcome
    decided: list[Comment] = field(default_factory=list)
    proposed: list[Comment] = field(default_factory=list)
    skipped: list[Comment] = field(default_factory=list)
    gone: int = 0  # of those that were ticked: erased since, and nothing is left to name them by


def picked(values: Iterable[str]) -> dict[int, int]:
    """The version of each comment that was ticked, by its number."""
    found = [match for value in values if (match := PICKED.fullmatch(value))][:MOST]
    return {int(match[1]): int(match[2]) for match in found}


def decide(comments: CommentQuerySet, versions: dict[int, int], outcome: Decision.Outcome, *, by: Any) -> Result:
    """Decide each of these comments as it was at its version; each stands by itself."""
    result = Result(outcome)
    for comment in comments.filter(pk__in=versions).for_desk().order_by("pk"):
        try:
            if hindrance(comment, by):
                raise NotPossible(comment)
            made = second.decide(comment, outcome, by=by, version=versions[comment.pk])
            (result.decided if isinstance(made, Decision) else result.proposed).append(comment)
        except (Overtaken, NotPossible):
            result.skipped.append(comment)
    result.gone = len(versions) - len(result.decided) - len(result.proposed) - len(result.skipped)
    return result
