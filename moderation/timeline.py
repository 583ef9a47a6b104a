"""Everything that happened to a comment, in its order, as the desk shows it."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from moderation.differences import difference
from moderation.models import Comment, Decision, Event, Note, Revision

WRITER = _("the writer")
MOVING = [Event.Kind.PROPOSED, Event.Kind.PUBLISHED, Event.Kind.HIDDEN]  # what raises a comment's version, of these
TOLD_ELSEWHERE = [Event.Kind.DECIDED, Event.Kind.NOTED, Event.Kind.REDACTED]  # by the rows themselves


@dataclass(frozen=True)
class Moment:
    """One thing that happened: when, what, by whom, and more about it where there is more."""

    at: datetime.datetime
    what: str | Promise
    who: str | Promise = WRITER
    reason: str = ""
    note: str = ""
    difference: str = ""


def of(comment: Comment) -> list[Moment]:
    """From the first word to the last decision. Fetches nothing when its decisions, revisions and appeal are there."""
    moments = list(map(_decided, comment.decisions.all()))
    if not comment.official:  # that was written at the desk
        moments.append(Moment(comment.submitted_at, _("Submitted")))
    revisions = list(comment.revisions.all())
    moments += map(_changed, revisions)
    if comment.confirmed_at and not comment.official and not any(made.way == Revision.Way.AGAIN for made in revisions):
        moments.append(Moment(comment.confirmed_at, _("Address confirmed")))
    if appeal := getattr(comment, "appeal", None):
        moments.append(Moment(appeal.made_at, _("Appealed"), note=appeal.words))
    if comment.state == Comment.State.WITHDRAWN and comment.decided_at:
        moments.append(Moment(comment.decided_at, _("Withdrawn")))
    return sorted(moments, key=lambda moment: moment.at)


def full(comment: Comment, notes: Iterable[Note]) -> list[Moment]:
    """The same with what moderators did around it: these notes, claims, looks at the address, proposals."""
    around = _done(Event.objects.exclude(kind__in=TOLD_ELSEWHERE), comment)
    written = [Moment(note.written_at, _("Note"), note.person.get_username(), note=note.text) for note in notes]
    return sorted([*of(comment), *around, *written], key=lambda moment: moment.at)


def in_words(event: Event) -> str:
    """What was done, with what was decided: “Decided: Approved”."""
    outcome, kind = event.details.get("outcome", ""), event.get_kind_display()
    if outcome == "dropped":
        return str(_("Dropped a proposed refusal"))
    label = Decision.Outcome(outcome).label if outcome in Decision.Outcome.values else outcome
    return f"{kind}: {label}" if label else kind


def newest(comment: Comment) -> Moment:
    """What happened last: whoever was overtaken is told of it."""
    moved = _done(Event.objects.filter(kind__in=MOVING), comment)
    return sorted([*of(comment), *moved], key=lambda moment: moment.at)[-1]


def _done(events: QuerySet[Event], comment: Comment) -> list[Moment]:
    about = events.filter(comment_number=comment.pk).select_related("person")
    return [Moment(event.at, in_words(event), event.who) for event in about]


def _decided(decision: Decision) -> Moment:
    return Moment(
        decision.made_at,
        decision.get_outcome_display(),
        decision.moderator.get_username(),
        decision.rule or (decision.team and decision.team.name) or "",
        decision.note,
    )


def _changed(revision: Revision) -> Moment:
    who = _("a moderator") if revision.way == Revision.Way.REDACTED else WRITER
    changed = difference(revision.before, revision.text)
    return Moment(revision.made_at, revision.get_way_display(), who, difference=changed)
