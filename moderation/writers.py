"""What we accept from writers after their comment was sent."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from moderation import appeals, editing, graphemes
from moderation.forms import CommentForm, RawField
from moderation.models import Appeal, Comment, Revision
from moderation.text import clean_text, shows

APPEAL_LIMIT = 1000  # characters


class EditForm(CommentForm):
    """Other words for `comment`: the field for them, its cleaning and its limits are those of the comment form."""

    way = forms.ChoiceField(choices=Revision.Way, widget=forms.HiddenInput)

    def __init__(self, *args: Any, comment: Comment, way: Revision.Way, **kwargs: Any) -> None:
        stored = editing.waiting(comment) or comment
        kwargs["initial"] = {"comment": stored.text, "way": way}
        super().__init__(*args, post=comment.post, **kwargs)
        for name in set(self.fields) - {"comment", "way"}:
            del self.fields[name]
        self.fields["comment"].label = _("Your comment")
        self.about, self.now, self.stored = comment, way, stored.text

    def clean(self) -> dict[str, Any]:
        """What an edit does hangs on where the comment stands: the writer must have seen which it is."""
        data = forms.Form.clean(self) or self.cleaned_data
        if "way" not in self.errors and data.get("way") != self.now:
            self.data = {**dict(self.data.items()), "way": self.now}
            raise ValidationError(_("Our moderators decided while you wrote. Read what happens now, then submit again"))
        if self.now == Revision.Way.AGAIN and data.get("comment") == self.about.text:
            self.add_error("comment", _("Change your comment before you send it again"))
        return data

    def changes_nothing(self) -> bool:
        """Whether these words are the ones that we have: a second press, or a change of mind."""
        return bool(self.cleaned_data["comment"] == self.stored)

    def save_edit(self) -> Revision:
        """Take the words. Raises moderation.editing.TooLate."""
        return editing.edit(self.about, self.now, self.cleaned_data["comment"])


class AppealForm(forms.Form):
    """Why the refusal of a comment is wrong, in its writer's words."""

    words = RawField(
        label=gettext_lazy("Why should we publish your comment?"),
        help_text=gettext_lazy("Whoever reads this did not make the first decision"),
        error_messages={"required": gettext_lazy("Enter why we should publish your comment")},
        widget=forms.Textarea(attrs={"rows": 6, "data-maxlength": APPEAL_LIMIT}),
    )

    def clean_words(self) -> str:
        words = clean_text(self.cleaned_data["words"])
        if not shows(words):
            raise ValidationError(_("Enter why we should publish your comment"))
        if graphemes.exceeds(words, APPEAL_LIMIT):
            raise ValidationError(
                _("Your reasons must be %(limit)s characters or less"), params={"limit": APPEAL_LIMIT}
            )
        return words

    def save(self, comment: Comment) -> Appeal:
        """Appeal. Raises moderation.editing.TooLate."""
        return appeals.appeal(comment, self.cleaned_data["words"])
