"""What stands beside a comment on its page at the desk: its writer's record, reports, notes, likely spam, history."""

from typing import Any

from moderation import claims, escalating, record, second, spam, timeline
from moderation.comment_forms import NoteForm, RedactionForm
from moderation.models import Comment, Decision, Note
from moderation.roles import SEE_ADDRESS


def beside(comment: Comment, person: Any) -> dict[str, Any]:
    """For the page's template, as this person may see it."""
    notes = list(Note.objects.seen_with(comment))
    reports = list(comment.reports.all())
    open_reports = any(report.was_right is None for report in reports)
    pending = comment.state == Comment.State.PENDING
    is_weighed = pending and comment.spam_percent is not None
    return {
        "record": record.of(comment),
        "may_see_address": person.has_perm(SEE_ADDRESS, comment.post.blog),
        "reports": reports,
        "newest_report": reports[-1].pk if reports else None,
        "is_doubted": comment.state == Comment.State.APPROVED and (open_reports or comment.escalated_at is not None),
        "notes": notes,
        "note_form": NoteForm(),
        "may_redact": pending and not second.is_own_post(comment, person),
        "with_leads": not escalating.may_decide(comment, person),
        "may_take_back": escalating.may_decide(comment, person, Decision.Outcome.UNDONE),
        "redaction_form": RedactionForm(comment=comment),
        "likely": spam.score(comment) if is_weighed and spam.is_proved(Comment.objects) else None,
        "awaits": claims.awaits(comment),
        "holder": claims.holder(comment),
        "held_since": claims.since(comment),
        "moments": timeline.full(comment, notes),
    }
