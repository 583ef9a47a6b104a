"""What we accept from those who decide comments, edits and appeals."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from moderation import appeals, clearing, editing, escalating, second
from moderation.forms import RawField
from moderation.mail import about_decision
from moderation.models import Comment, Decision, Proposal, Reason, Team
from moderation.text import clean_text

Outcome = Decision.Outcome


class DecisionForm(forms.Form):
    """A decision on `comment`, made on the version that its moderator saw."""

    EXPLAINED = {Outcome.REJECTED}
    TAKEN = [*Decision.STATE_AFTER, Outcome.ESCALATED, Outcome.CLEARED]
    TOLD = [Outcome.REJECTED, Outcome.CHANGE, Outcome.PASSED]  # what was chosen and written stands in a mail

    outcome = forms.ChoiceField(
        choices=[(outcome, outcome.label) for outcome in TAKEN],
        error_messages={"required": gettext_lazy("Choose a decision")},
    )
    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    newest_report = forms.IntegerField(min_value=1, required=False, widget=forms.HiddenInput)  # of those shown
    reason = forms.ModelChoiceField(
        Reason.objects.none(),
        required=False,
        blank=True,
        label=gettext_lazy("Which rule does the comment break?"),
        help_text=gettext_lazy("The writer is sent this rule and its explanation"),
        widget=forms.RadioSelect,
    )
    note = RawField(
        required=False,
        label=gettext_lazy("Add a message to the writer (optional)"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    team = forms.ModelChoiceField(
        Team.objects.none(),
        required=False,
        label=gettext_lazy("Which team is the comment for?"),
        empty_label=gettext_lazy("Choose a team"),
    )

    def __init__(self, *args: Any, comment: Comment, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.comment = comment
        self.fields["reason"].empty_label = None  # type: ignore[attr-defined]
        self.fields["reason"].queryset = comment.post.blog.reasons.all()  # type: ignore[attr-defined]
        self.fields["team"].queryset = comment.post.blog.teams.all()  # type: ignore[attr-defined]

    @property
    def why_no_change(self) -> str:
        """Why no change can be asked for; nothing when it can."""
        return editing.why_no_change(self.comment)

    def clean_note(self) -> str:
        note = clean_text(self.cleaned_data["note"])
        if len(note) > 1000:
            raise ValidationError(_("Message must be 1000 characters or less"))
        return note

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        outcome = data.get("outcome")
        if outcome in self.EXPLAINED:
            self._check_that_it_is_explained(data)
        if outcome == Outcome.CHANGE and (why := self.why_no_change):
            self.add_error(None, why)
        elif outcome == Outcome.CHANGE and not data.get("note") and "note" not in self.errors:
            self.add_error("note", _("Enter what the writer should change"))
        if outcome == Outcome.PASSED and not data.get("team") and "team" not in self.errors:
            self.add_error("team", _("Select the team that the comment is for"))
        return data

    def save(self, by: Any) -> Decision | Proposal:
        """Decide, or propose it. Raises moderation.models.Overtaken and NotPossible."""
        outcome, version = Outcome(self.cleaned_data["outcome"]), self.cleaned_data["version"]
        if outcome == Outcome.ESCALATED:
            return escalating.escalate(self.comment, by=by, version=version)
        if outcome == Outcome.CLEARED or (outcome == Outcome.APPROVED and self.comment.unseen):
            newest_report = self.cleaned_data["newest_report"] or 0
            return clearing.keep(self.comment, by=by, version=version, newest_report=newest_report)
        if outcome == Outcome.UNDONE and clearing.may_look_again(self.comment):
            return clearing.look_again(self.comment, by=by, version=version)
        if outcome == Outcome.UNDONE and self.comment.escalated_at:
            return escalating.take_back(self.comment, by=by, version=version)
        return second.decide(self.comment, outcome, by=by, version=version, **self.explained())

    def explained(self) -> dict[str, Any]:
        """What the writer is told with the decision."""
        data, outcome = self.cleaned_data, Outcome(self.cleaned_data["outcome"])
        return {
            "reason": data["reason"] if outcome in {Outcome.REJECTED, Outcome.CHANGE} else None,
            "note": data["note"] if outcome in self.TOLD else "",
            "team": data["team"] if outcome == Outcome.PASSED else None,
        }

    def letter(self, by: Any) -> dict[str, str]:
        """The mail that the writer would get: subject, text and HTML. Sends and stores nothing."""
        outcome, version = Outcome(self.cleaned_data["outcome"]), self.cleaned_data["version"]
        thought_of = Decision(comment=self.comment, outcome=outcome, moderator=by, version=version, **self.explained())
        return about_decision(self.comment, thought_of).words

    def _check_that_it_is_explained(self, data: dict[str, Any]) -> None:
        """By a rule of the blog; where it has none, in the moderator's words."""
        if self.fields["reason"].queryset.exists():  # type: ignore[attr-defined]
            if not data.get("reason") and "reason" not in self.errors:
                self.add_error("reason", _("Select the rule that the comment breaks"))
        elif not data.get("note"):
            self.add_error("note", _("Enter a message to the writer"))


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
        del self.fields["team"]

    def save(self, by: Any) -> Decision | Proposal:
        """Decide, or propose it. Raises moderation.models.Overtaken and NotPossible."""
        outcome, version = Outcome(self.cleaned_data["outcome"]), self.cleaned_data["version"]
        explained = {name: self.cleaned_data[name] for name in ["reason", "note"] if outcome in self.EXPLAINED}
        return second.decide_edit(self.comment, outcome, by=by, version=version, **explained)


class AnswerForm(DecisionForm):
    """The answer to an appeal: whoever is told that a refusal stands is told why."""

    outcome = forms.ChoiceField(
        choices=[(outcome, outcome.label) for outcome in [Outcome.APPROVED, Outcome.UPHELD, Outcome.REOPENED]],
        error_messages={"required": gettext_lazy("Choose an answer")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["reason"], self.fields["team"]
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
