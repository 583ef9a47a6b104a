"""Edits: changed in place while nobody has decided, sent again after a refusal, or waiting while the old words stay up.

Each is one conditional UPDATE on the comment as its writer, or its moderator, saw it; whoever comes second is told.
"""

import datetime

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from moderation import claims, mail, promise
from moderation.models import NO_CONDITION, Comment, Decision, NotPossible, Overtaken, Reason, Revision
from moderation.text import as_html
from moderation.wording import worded

Way, Outcome, State = Revision.Way, Decision.Outcome, Revision.State
FROM = {
    Way.IN_PLACE: [Comment.State.PENDING],
    Way.AGAIN: Comment.REFUSED,
    Way.PUBLISHED: [Comment.State.APPROVED],
}
DECIDED = {Outcome.EDITED: State.APPROVED, Outcome.KEPT: State.REJECTED}


class TooLate(Exception):
    """The comment is no longer where this could be done with it."""


def way_of(comment: Comment) -> Revision.Way | None:
    """What an edit by its writer would do now, if there can be one."""
    if comment.escalated_at or not comment.post.takes_comments():
        return None
    if comment.edits >= settings.COMMENT_EDITS and not _is_refused(comment):
        return None
    if _is_refused(comment):
        return None if _was_sent_again(comment) or _has_open_appeal(comment) else Way.AGAIN
    if comment.state == Comment.State.PENDING:
        return Way.IN_PLACE if free_until(comment) > timezone.now() and claims.holder(comment) is None else None
    return Way.PUBLISHED if comment.state == Comment.State.APPROVED else None


def why_no_change(comment: Comment) -> str:
    """Why its writer cannot be asked for a change, for a moderator; nothing when they can."""
    if _was_sent_again(comment):
        return _("You cannot ask for a change, because the writer has changed this comment and sent it again before")
    if not comment.post.takes_comments():
        return _("You cannot ask for a change, because comments on this post are closed")
    return ""


def why_not(comment: Comment) -> str:
    """Why there can be no edit, for its writer."""
    if comment.state == Comment.State.UNCONFIRMED:
        return _("Confirm your comment first")
    if comment.state == Comment.State.WITHDRAWN:
        return _("You have withdrawn this comment")
    if not comment.post.takes_comments():
        return _("Comments on this post are closed, so a comment cannot be changed any more")
    if _is_refused(comment):
        if _has_open_appeal(comment):
            return _("Your appeal is not answered yet. After that you can change your comment and send it again")
        return _("You have changed this comment and sent it again before, which is possible once")
    if comment.edits >= settings.COMMENT_EDITS:
        return _("You have changed this comment %(count)s times, which is as often as one can") % {
            "count": comment.edits
        }
    if claims.holder(comment) or comment.escalated_at:
        return _(
            "Our moderators are reading your comment at this moment. When they have decided, it can be changed again"
        )
    return _(
        "A comment can be changed for %(minutes)s minutes after it is confirmed. When our moderators have decided, "
        "it can be changed again"
    ) % {"minutes": settings.EDIT_MINUTES}


def free_until(comment: Comment) -> datetime.datetime:
    """How long it can be changed in place, while nobody decides."""
    return (comment.confirmed_at or comment.submitted_at) + datetime.timedelta(minutes=settings.EDIT_MINUTES)


def waiting(comment: Comment) -> Revision | None:
    """Its edit that awaits a decision; from the prefetched rows where there are some."""
    return next((revision for revision in comment.revisions.all() if revision.state == State.WAITING), None)


def kept(comment: Comment) -> Decision | None:
    """The decision not to publish its newest edit, if that is so."""
    newest = max(comment.revisions.all(), key=lambda revision: revision.pk, default=None)
    if newest is None or newest.state != State.REJECTED:
        return None
    about = [made for made in comment.decisions.all() if made.revision_id == newest.pk]
    return about[-1] if about else None


def edit(comment: Comment, way: Revision.Way, text: str) -> Revision:
    """Its writer gives it other words, clean ones. An edit that waits is replaced. Raises TooLate."""
    fields = worded(comment, text)
    changes = {} if way == Way.PUBLISHED else fields
    if way == Way.AGAIN:  # the mailed link proves the address anew; the promise counts from now; its writer waits
        now = timezone.now()
        promised = {"confirmed_at": now, "due_at": promise.due_at(comment.post.blog, now)}
        changes = {**fields, **promised, "state": Comment.State.PENDING, "decided_at": None, "at_once": False}
    before, version = comment.text, comment.version
    state = State.WAITING if way == Way.PUBLISHED else State.DONE
    with transaction.atomic():
        try:
            when = claims.unclaimed() if way == Way.IN_PLACE else NO_CONDITION
            comment.advance(version, FROM[way], when & Q(escalated_at=None), **changes, edits=F("edits") + 1)
        except (Overtaken, NotPossible) as error:
            raise TooLate from error
        comment.revisions.replace()
        if way == Way.AGAIN:
            mail.cancel_decision(comment)
        kept = {"text": fields["text"], "html": fields["html"], "held": fields["held"]}
        return comment.revisions.create(way=way, state=state, version=version, before=before, **kept)


def decide_edit(
    comment: Comment,
    outcome: Decision.Outcome,
    *,
    by: User,
    version: int,
    reason: Reason | None = None,
    note: str = "",
) -> Decision:
    """Publish the edit that waits, or keep the old words, on the comment as it was at `version`.

    Raises Overtaken and NotPossible, as Comment.decide does. The writer's mail is owed after the time for an undo.
    """
    revision = comment.revisions.filter(state=State.WAITING).first()
    now, changes = timezone.now(), {}
    if revision and outcome == Outcome.EDITED:
        changes = {**worded(comment, revision.text), "edition": F("edition") + 1, "edited_at": now}
    with transaction.atomic():
        comment.advance(version, [Comment.State.APPROVED] if revision else [], **changes, **claims.FREED)
        Revision.objects.filter(pk=revision.pk).update(state=DECIDED[outcome], decided_at=now)  # type: ignore[union-attr]
        return _record(comment, outcome, revision, moderator=by, version=version, reason=reason, note=note)


def reopen_edit(comment: Comment, *, by: User, version: int) -> Decision:
    """Take back the newest decision, if it was about an edit: that waits again, and the old words are back.

    Raises Overtaken and NotPossible; the latter, too, when the writer has sent another edit since.
    """
    newest = comment.newest_decision()
    revision = _decided_last(comment)
    changes = {}
    if revision and newest and newest.outcome == Outcome.EDITED:
        changes = {
            **worded(comment, revision.before),
            "edition": F("edition") - 1,
            "edited_at": _edited_before(revision),
        }
    with transaction.atomic():
        comment.advance(version, [Comment.State.APPROVED] if may_reopen(comment) else [], **changes)
        Revision.objects.filter(pk=revision.pk).update(state=State.WAITING, decided_at=None)  # type: ignore[union-attr]
        return _record(comment, Outcome.REOPENED, revision, moderator=by, version=version)


def may_reopen(comment: Comment) -> bool:
    """Whether the newest decision is about an edit, and the newest one."""
    revision = _decided_last(comment)
    return revision is not None and not comment.revisions.filter(pk__gt=revision.pk).exists()


def text_at(comment: Comment, version: int) -> str:
    """The words that stood there at `version`: a moderator is shown what has gone since."""
    text = comment.text
    for changed_at, before in sorted(_changes(comment), reverse=True):
        if changed_at >= version:
            text = before
    return text


def html_at(comment: Comment, version: int) -> str:
    """The same, to be shown; nothing when the words are the same still."""
    text = text_at(comment, version)
    return "" if text == comment.text else as_html(text)


def edit_at(comment: Comment, version: int) -> Revision | None:
    """The edit that waited at `version`, if its writer has replaced it since."""
    made = [revision for revision in comment.revisions.all() if revision.way == Way.PUBLISHED]
    before = [revision for revision in made if revision.version < version]
    return before[-1] if before and before[-1].state == State.REPLACED else None


def _changes(comment: Comment) -> list[tuple[int, str]]:
    """At which version its words changed, and what they were."""
    revisions = {revision.pk: revision for revision in comment.revisions.all()}
    changes = [(made.version, made.before) for made in revisions.values() if made.state == State.DONE]
    edited: set[int] = set()
    for decision in comment.decisions.all():
        revision = revisions.get(decision.revision_id or 0)
        if revision and decision.outcome == Outcome.EDITED:
            edited.add(revision.pk)
            changes.append((decision.version, revision.before))
        elif revision and decision.outcome == Outcome.REOPENED and revision.pk in edited:
            edited.discard(revision.pk)
            changes.append((decision.version, revision.text))
    return changes


def _decided_last(comment: Comment) -> Revision | None:
    newest = comment.newest_decision()
    return newest.revision if newest and newest.outcome in DECIDED else None


def _record(comment: Comment, outcome: Decision.Outcome, revision: Revision | None, **made: object) -> Decision:
    decision = comment.decisions.create(outcome=outcome, revision=revision, **made)
    comment.post.blog.raise_page_version()
    mail.cancel_edit(comment)
    mail.owe_decision(comment, decision)
    return decision


def _edited_before(revision: Revision) -> datetime.datetime | None:
    earlier = revision.comment.revisions.filter(state=State.APPROVED, pk__lt=revision.pk)
    return earlier.values_list("decided_at", flat=True).last()


def _is_refused(comment: Comment) -> bool:
    return comment.state in Comment.REFUSED


def _was_sent_again(comment: Comment) -> bool:
    return any(revision.way == Way.AGAIN for revision in comment.revisions.all())


def _has_open_appeal(comment: Comment) -> bool:
    appeal = getattr(comment, "appeal", None)
    return bool(appeal and appeal.state == appeal.State.OPEN)
