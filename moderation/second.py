"""What one person alone does not decide: refusals with certain reasons, and what an author takes off their own post."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from moderation import clearing, editing
from moderation.claims import FREED
from moderation.decisions import unappealed
from moderation.models import Comment, Decision, Event, Moderator, Overtaken, Proposal, Reason, is_refusal
from moderation.roles import Duty
from moderation.states import State


class NeedsAnother(Exception):
    """Whoever proposed a refusal does not confirm it, nor does one author of a post for another."""


class NoLonger(Exception):
    """What was proposed has become impossible; the message says why, to a moderator."""


def decide(
    comment: Comment, outcome: Decision.Outcome, *, by: Any, version: int, **explained: Any
) -> Decision | Proposal:
    """Take the decision, or, where it takes two people, propose it; the second of them takes it.

    Raises Overtaken and NotPossible as Comment.decide does.
    """
    if outcome == Decision.Outcome.APPROVED and comment.unseen:
        return clearing.keep(comment, by=by, version=version)
    if needs_second(comment, outcome, explained.get("reason"), by) and not _agrees(comment, outcome, by, **explained):
        return _propose(comment, outcome, by=by, version=version, **explained)
    return _take(comment, outcome, by=by, version=version, **explained)


def decide_edit(
    comment: Comment, outcome: Decision.Outcome, *, by: Any, version: int, **explained: Any
) -> Decision | Proposal:
    """The same about the edit of a published comment: not to publish it is a refusal, and so is to take it back."""
    if needs_second(comment, outcome, explained.get("reason"), by) and not _agrees(comment, outcome, by, **explained):
        return _propose(comment, outcome, by=by, version=version, **explained)
    return _take(comment, outcome, by=by, version=version, **explained)


def confirm(comment: Comment, *, by: Any, version: int) -> Decision:
    """Take the decision that somebody else proposed. Raises NeedsAnother, NoLonger, and as above."""
    proposal = standing(comment)
    if proposal is None or proposal.version != version:
        raise Overtaken(comment)
    if not may_confirm(comment, by):
        raise NeedsAnother
    if proposal.outcome == Decision.Outcome.CHANGE and (why := editing.why_no_change(comment)):
        raise NoLonger(why)
    explained: dict[str, Any] = {"reason": proposal.reason, "note": proposal.note}
    if proposal.team:
        explained["team"] = proposal.team
    return _take(comment, Decision.Outcome(proposal.outcome), by=by, version=version, **explained)


def drop(comment: Comment, *, by: Any, version: int) -> None:
    """Do without the proposal: the comment stands as before. Raises as above."""
    with transaction.atomic():
        comment.advance(version, Decision.MOVABLE if standing(comment) else [])
        Event.objects.note_down(Event.Kind.PROPOSED, comment.post.blog, by, comment, outcome="dropped")


def people(comment: Comment, refusal: Decision | None) -> set[int]:
    """The numbers of those who took this refusal: who decided it, and who had proposed it."""
    if refusal is None:
        return set()
    proposal = getattr(comment, "proposal", None)
    proposed = {proposal.moderator_id} if proposal and proposal.version == refusal.version else set()
    return {refusal.moderator_id} | proposed


def refusers(comment: Comment) -> set[int]:
    """The numbers of all who refused it since it was last approved; an approval on appeal is about their refusals."""
    found: set[int] = set()
    for made in comment.decisions.all():
        if made.outcome == Decision.Outcome.APPROVED and made.appeal_id is None:
            found = set()
        elif is_refusal(made.outcome):
            found |= people(comment, made)
    return found


def standing(comment: Comment) -> Proposal | None:
    """The refusal that awaits a second person, if nothing has happened to the comment since."""
    proposal = getattr(comment, "proposal", None)
    return proposal if proposal and proposal.stands else None


def may_confirm(comment: Comment, person: Any) -> bool:
    """Whether this person counts as the second: another than who proposed it, and not both are authors of the post."""
    proposal = standing(comment)
    if proposal is None or proposal.moderator_id == person.pk:
        return False
    return not (is_own_post(comment, person) and is_own_post(comment, proposal.moderator))


def needs_second(comment: Comment, outcome: Decision.Outcome, reason: Reason | None, by: Any) -> bool:
    """Whether it takes two people for this person to decide this."""
    if outcome == Decision.Outcome.REOPENED or (outcome == Decision.Outcome.UNDONE and comment.state == State.APPROVED):
        return is_own_post(comment, by)
    if not is_refusal(outcome) and outcome != Decision.Outcome.KEPT:
        return False
    return bool(reason and reason.needs_second) or is_own_post(comment, by)


def is_own_post(comment: Comment, person: Any) -> bool:
    """Whether this person has the duty of an author, and wrote the post."""
    here = Moderator.objects.filter(user=person, blog=comment.post.blog_id, duty=Duty.AUTHOR)
    return here.filter(author__posts=comment.post_id).exists()


def _agrees(comment: Comment, outcome: Decision.Outcome, person: Any, **explained: Any) -> bool:
    """Whether this is what somebody else has proposed, whatever they add in their own words."""
    proposal = standing(comment)
    if proposal is None or not may_confirm(comment, person):
        return False
    said = (outcome, explained.get("reason"), explained.get("team"))
    return said == (proposal.outcome, proposal.reason, proposal.team)


def _take(comment: Comment, outcome: Decision.Outcome, *, by: Any, version: int, **explained: Any) -> Decision:
    """About the comment, or its edit, as the outcome says."""
    if outcome == Decision.Outcome.REOPENED:
        return editing.reopen_edit(comment, by=by, version=version)
    if outcome in editing.DECIDED:
        return editing.decide_edit(comment, outcome, by=by, version=version, **explained)
    return comment.decide(outcome, by=by, version=version, **explained)


def _propose(comment: Comment, outcome: Decision.Outcome, *, by: Any, version: int, **explained: Any) -> Proposal:
    with transaction.atomic():
        comment.advance(version, _open_to(comment, outcome), unappealed(), **FREED)
        # An earlier proposal's row is taken.
        nothing_more: dict[str, Any] = {"reason": None, "note": "", "team": None, "made_at": timezone.now()}
        proposed = {"version": comment.version, "outcome": outcome, "moderator": by, **nothing_more, **explained}
        proposal, _is_new = Proposal.objects.update_or_create(comment=comment, defaults=proposed)
        Event.objects.note_down(Event.Kind.PROPOSED, comment.post.blog, by, comment, outcome=str(outcome))
    return proposal


def _open_to(comment: Comment, outcome: Decision.Outcome) -> list[State]:
    """In which states this can be decided of it."""
    if outcome == Decision.Outcome.KEPT:
        return [State.APPROVED] if editing.waiting(comment) else []
    if outcome == Decision.Outcome.REOPENED:
        return [State.APPROVED] if editing.may_reopen(comment) else []
    return [state for state in Decision.MOVABLE if state != Decision.STATE_AFTER[outcome]]
