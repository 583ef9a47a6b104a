"""What we accept from moderators beside decisions."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from moderation.forms import RawField
from moderation.models import Comment
from moderation.notes import LIMIT
from moderation.redacting import places
from moderation.text import clean_text, shows


class NoteForm(forms.Form):
    """A note for colleagues."""

    note = RawField(
        label=gettext_lazy("Note for colleagues"),
        help_text=gettext_lazy("The writer never sees it"),
        error_messages={"required": gettext_lazy("Enter a note")},
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    about = forms.ChoiceField(
        choices=[("comment", gettext_lazy("This comment")), ("writer", gettext_lazy("Its writer, on this blog"))],
        initial="comment",
        label=gettext_lazy("What is it about?"),
        widget=forms.RadioSelect,
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="id_colleagues_%s")  # on its page is a note to the writer, too

    def clean_note(self) -> str:
        note = clean_text(self.cleaned_data["note"])
        if not shows(note):
            raise ValidationError(_("Enter a note"))
        if len(note) > LIMIT:
            raise ValidationError(_("Note must be %(limit)s characters or less"), params={"limit": LIMIT})
        return note


class RedactionForm(forms.Form):
    """Words to take out of `comment`, as they stand in the version that its moderator saw."""

    words = RawField(
        label=gettext_lazy("Words to remove"),
        help_text=gettext_lazy("As they stand in the comment. Readers see “[removed by a moderator]” in their place"),
        error_messages={"required": gettext_lazy("Enter the words to remove")},
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, comment: Comment) -> None:
        super().__init__(data)
        self.comment = comment

    def clean_words(self) -> str:
        words = self.cleaned_data["words"].strip()
        if not places(self.comment.text, words):
            raise ValidationError(_("Enter words as they stand in the comment"))
        return words
