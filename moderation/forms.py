"""What we accept from those who write comments and those who decide them."""

from http import HTTPStatus
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from blog.models import Post, PrivacyNotice
from mail.addresses import AddressField
from moderation.models import Comment, Decision, Reason
from moderation.text import clean_name, clean_text, shows

TRAPPED = gettext_lazy("Something filled in a field that people cannot see. Submit again")


class RawField(forms.CharField):
    """Text that our own rules clean, NUL and all."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(strip=False, **kwargs)
        self.validators = []


def as_script_counts(text: str) -> int:
    """The length of `text` in UTF-16 units, which is what the counter below the field counts."""
    return len(text.encode("utf-16-le")) // 2


class CommentForm(forms.Form):
    """A comment on `post`. One definition for the page, the reply page and the API."""

    comment = RawField(
        label=gettext_lazy("Enter your comment"),
        error_messages={"required": gettext_lazy("Enter your comment")},
        widget=forms.Textarea(attrs={"rows": 10}),
    )
    name = RawField(
        label=gettext_lazy("Name"),
        error_messages={"required": gettext_lazy("Enter your name")},
        widget=forms.TextInput(attrs={"autocomplete": "name", "spellcheck": "false", "class": "govuk-input--width-20"}),
    )
    email = AddressField(
        label=gettext_lazy("Email"),
        help_text=gettext_lazy("We only ask for your email address so we know you’re a real person"),
        widget=forms.EmailInput(
            attrs={"autocomplete": "email", "spellcheck": "false", "class": "govuk-input--width-30"}
        ),
    )
    homepage = RawField(required=False, label=gettext_lazy("Leave this field empty"))
    parent = RawField(required=False, widget=forms.HiddenInput)
    notice = RawField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, post: Post, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.post = post
        self.error_status = HTTPStatus.UNPROCESSABLE_ENTITY
        self.limit = post.blog.comment_limit
        self.fields["comment"].widget.attrs["data-maxlength"] = self.limit
        self.initial.setdefault("notice", self.current_notice.pk)

    @cached_property
    def current_notice(self) -> PrivacyNotice:
        """The privacy notice that this form shows. Raises PrivacyNotice.DoesNotExist on a blog without one."""
        return PrivacyNotice.objects.current(self.post.blog)

    def clean_comment(self) -> str:
        text = clean_text(self.cleaned_data["comment"])
        if not shows(text):
            raise ValidationError(_("Enter your comment"))
        if as_script_counts(text) > self.limit:
            raise ValidationError(_("Comment must be %(limit)s characters or less"), params={"limit": self.limit})
        return text

    def clean_name(self) -> str:
        typed = self.cleaned_data["name"].strip()
        if not typed:
            raise ValidationError(_("Enter your name"))
        if len(typed) > 100 or len(name := clean_name(typed)) > 100:  # NFC makes three of some characters
            raise ValidationError(_("Name must be 100 characters or less"))
        return name

    def clean_parent(self) -> Comment | None:
        """The comment that this one answers: one that anybody can read, on the same post."""
        typed = self.cleaned_data["parent"]
        if not typed:
            return None
        known = Comment.objects.public().filter(post=self.post)
        parent = known.filter(pk=typed).first() if typed.isascii() and typed.isdigit() and len(typed) < 19 else None
        if parent is None:
            self._come_back_with(parent="")
            raise ValidationError(
                _("The comment that you are replying to is no longer here. Submit again to comment on the post instead")
            )
        return parent

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not self.post.takes_comments():
            raise ValidationError(_("Comments on this post are closed"))
        if data.get("homepage"):
            self.add_error(None, TRAPPED)
        if self.data.get("notice") != str(self.current_notice.pk):
            self._show_new_notice()
        return data

    def save(self, network: str) -> Comment:
        """Submit what was written. Raises mail.budgets.BudgetExceeded."""
        data = self.cleaned_data
        return Comment.objects.submit(
            network=network,
            post=self.post,
            parent=data["parent"],
            name=data["name"],
            address=data["email"],
            text=data["comment"],
            notice=self.current_notice,
        )

    def _show_new_notice(self) -> None:
        """The writer agreed to other words, or to none: show the new ones once, and keep the text."""
        changed = _("Our privacy notice has changed. Read the new notice, then submit your comment again")
        unseen = _("Read our privacy notice, then submit your comment again")
        self.add_error(None, changed if self.data.get("notice") else unseen)
        self._come_back_with(notice=self.current_notice.pk)

    def _come_back_with(self, **hidden: object) -> None:
        """Change what stands in hidden fields when the form is shown again: its sender cannot."""
        self.data = {**dict(self.data.items()), **{name: str(value) for name, value in hidden.items()}}


class DecisionForm(forms.Form):
    """A decision on `comment`, made on the version that its moderator saw."""

    outcome = forms.ChoiceField(
        choices=Decision.Outcome, error_messages={"required": gettext_lazy("Choose a decision")}
    )
    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
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

    def __init__(self, *args: Any, comment: Comment, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.comment = comment
        self.fields["reason"].empty_label = None  # type: ignore[attr-defined]
        self.fields["reason"].queryset = comment.post.blog.reasons.all()  # type: ignore[attr-defined]

    def clean_note(self) -> str:
        note = clean_text(self.cleaned_data["note"])
        if len(note) > 1000:
            raise ValidationError(_("Message must be 1000 characters or less"))
        return note

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("outcome") == Decision.Outcome.REJECTED:
            self._check_that_it_is_explained(data)
        return data

    def save(self, by: Any) -> Decision:
        """Decide. Raises moderation.models.Overtaken and NotPossible."""
        data = self.cleaned_data
        refused = data["outcome"] == Decision.Outcome.REJECTED
        return self.comment.decide(
            Decision.Outcome(data["outcome"]),
            by=by,
            version=data["version"],
            reason=data["reason"] if refused else None,
            note=data["note"] if refused else "",
        )

    def _check_that_it_is_explained(self, data: dict[str, Any]) -> None:
        """By a rule of the blog; where it has none, in the moderator's words."""
        if self.comment.post.blog.reasons.exists():
            if not data.get("reason") and "reason" not in self.errors:
                self.add_error("reason", _("Select the rule that the comment breaks"))
        elif not data.get("note"):
            self.add_error("note", _("Enter a message to the writer"))
