"""Appeals: a writer asks once that a refusal be looked at again, and somebody else than who refused answers."""

from django.contrib.auth.models import AnonymousUser, User
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from moderation import mail, second
from moderation.claims import FREED
from moderation.editing import TooLate
from moderation.models import Appeal, Comment, Decision, Moderator, NotPossible, Overtaken, is_refusal
from moderation.replies import ReplyNotice
from moderation.reports import Report
from moderation.roles import DECIDE, Duty, duties_with

Outcome, State = Decision.Outcome, Appeal.State
ANSWERS = {Outcome.APPROVED: State.GRANTED, Outcome.UPHELD: State.UPHELD}


class NotYours(Exception):
    """Whoever refused a comment does not answer the appeal, as long as there is somebody else."""


def may_appeal(comment: Comment) -> bool:
    """Whether its writer can: of any refusal, once."""
    return comment.state in Comment.REFUSED and getattr(comment, "appeal", None) is None


def is_open(comment: Comment) -> bool:
    """Whether its writer awaits an answer. A refusal that was undone needs none."""
    asked = getattr(comment, "appeal", None)
    return bool(asked and asked.state == State.OPEN and comment.state in Comment.REFUSED)


def why_not(comment: Comment) -> str:
    """Why there can be no appeal, for its writer."""
    if comment.state in Comment.REFUSED:
        return _("You have appealed before, which is possible once")
    return _("There is nothing to appeal against: your comment is not refused")


def appeal(comment: Comment, words: str) -> Appeal:
    """Its writer asks that somebody look again. Raises TooLate when that was done before, or nothing is refused."""
    try:
        with transaction.atomic():
            comment.advance(comment.version, Comment.REFUSED)
            return Appeal.objects.create(comment=comment, words=words)
    except (Overtaken, NotPossible, IntegrityError) as error:
        raise TooLate from error


def may_answer(comment: Comment, person: User | AnonymousUser) -> bool:
    """Whether this person may answer the appeal: nobody who had a part in the refusal, unless there is nobody else.

    Who refused it since it was last approved, who proposed that, and an author of the post have. It is the same for a
    superuser, who sees all blogs: one who refused leaves it to the blog's moderators, one who did not may always
    answer. Whether they may see the comment at all is asked before.
    """
    took_part = second.refusers(comment)
    if person.pk not in took_part and not second.is_own_post(comment, person):
        return True
    deciding = Moderator.objects.filter(duty__in=duties_with(DECIDE), user__is_active=True)
    others = deciding.filter(blog=comment.post.blog_id).exclude(user__in=[*took_part, person.pk])
    return not others.exclude(duty=Duty.AUTHOR, author__posts=comment.post_id).exists()


def answer(comment: Comment, outcome: Decision.Outcome, *, by: User, version: int, note: str = "") -> Decision:
    """Publish the comment after all, or uphold the refusal, as it was at `version`; its writer is told.

    Raises NotYours, and Overtaken and NotPossible as Comment.decide does.
    """
    asked = Appeal.objects.filter(comment=comment, state=State.OPEN).first()
    if not may_answer(comment, by):
        raise NotYours
    with transaction.atomic():
        if asked and outcome == Outcome.APPROVED and comment.state in Comment.REFUSED:
            decision = comment.decide(outcome, by=by, version=version, note=note, appeal=asked)
        else:
            comment.advance(version, Comment.REFUSED if asked else [], **FREED)
            decision = _record(comment, outcome, asked, moderator=by, version=version, note=note)
        Appeal.objects.filter(comment=comment).update(state=ANSWERS[outcome], decided_at=timezone.now())
    return decision


def reopen_appeal(comment: Comment, *, by: User, version: int) -> Decision:
    """Take back the newest decision, if it was about the appeal: the refusal stands, and the appeal is open again.

    Whoever answered may do that, and whoever could answer. Raises NotYours, Overtaken and NotPossible.
    """
    newest = comment.newest_decision()
    asked = newest.appeal if newest and newest.outcome in ANSWERS else None
    if asked and newest and newest.moderator_id != by.pk and not may_answer(comment, by):
        raise NotYours
    with transaction.atomic():
        if asked and newest and newest.outcome == Outcome.APPROVED:
            refusal = [made for made in comment.decisions.all() if is_refusal(made.outcome)][-1]
            changes = {"state": Decision.STATE_AFTER[Outcome(refusal.outcome)], "decided_at": refusal.made_at}
            comment.advance(version, [Comment.State.APPROVED], **changes)
            comment.post.blog.raise_page_version()
            ReplyNotice.objects.follow(comment)
            Report.objects.follow(comment, Comment.State.APPROVED, taken_back=True)
        else:
            comment.advance(version, Comment.REFUSED if asked else [])
        Appeal.objects.filter(comment=comment).update(state=State.OPEN, decided_at=None)
        return _record(comment, Outcome.REOPENED, asked, moderator=by, version=version)


def _record(comment: Comment, outcome: Decision.Outcome, asked: Appeal | None, **made: object) -> Decision:
    decision = comment.decisions.create(outcome=outcome, appeal=asked, **made)
    mail.cancel_decision(comment)
    mail.owe_decision(comment, decision)
    return decision
