"""What we accept from those who decide edits and appeals."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from moderation import appeals, editing
from moderation.forms import DecisionForm
from moderation.models import Comment, Decision

Outcome = Decision.Outcome


class EditDecisionForm(DecisionForm):
    """A decision on the edit of a published comment; not to publish it has a reason, as a refusal has."""

    EXPLAINED = {Outcome.KEPT}
    outcome = forms.ChoiceField(
        choices=[(outcome, outcome.label) for outcome in [Outcome.EDITED, Outcome.KEPT, Outcome.REOPENED]],
        error_messages={"required": gettext_lazy("Choose a decision")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].label = _("Which rule does the edit break?")

    def save(self, by: Any) -> Decision:
        """Decide. Raises moderation.models.Overtaken and NotPossible."""
        outcome, version = Outcome(self.cleaned_data["outcome"]), self.cleaned_data["version"]
        if outcome == Outcome.REOPENED:
            return editing.reopen_edit(self.comment, by=by, version=version)
        explained = {name: self.cleaned_data[name] for name in ["reason", "note"] if outcome in self.EXPLAINED}
        return editing.decide_edit(self.comment, outcome, by=by, version=version, **explained)


class AnswerForm(DecisionForm):
    """The answer to an appeal: whoever is told that a refusal stands is told why."""

    outcome = forms.ChoiceField(
        choices=[(outcome, outcome.label) for outcome in [Outcome.APPROVED, Outcome.UPHELD, Outcome.REOPENED]],
        error_messages={"required": gettext_lazy("Choose an answer")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["reason"]
        self.fields["note"].label = _("Message to the writer")
        self.fields["note"].help_text = _("Needed when you uphold the refusal")

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("outcome") == Outcome.UPHELD and not data.get("note") and "note" not in self.errors:
            self.add_error("note", _("Enter why the refusal stands"))
        return data

    def save(self, by: Any) -> Decision:
        """Answer. Raises moderation.appeals.NotYours, moderation.models.Overtaken and NotPossible."""
        outcome, version = Outcome(self.cleaned_data["outcome"]), self.cleaned_data["version"]
        if outcome == Outcome.REOPENED:
            return appeals.reopen_appeal(self.comment, by=by, version=version)
        return appeals.answer(self.comment, outcome, by=by, version=version, note=self.cleaned_data["note"])


def form_for(comment: Comment) -> DecisionForm:
    """What can be decided of it now: its edit, the appeal about it, or itself."""
    if comment.state == Comment.State.APPROVED and editing.waiting(comment):
        return EditDecisionForm(comment=comment)
    if appeals.is_open(comment):
        return AnswerForm(comment=comment)
    return DecisionForm(comment=comment)
