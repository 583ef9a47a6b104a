"""What we accept from those who write comments and those who decide them."""

from copy import copy
from http import HTTPStatus
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.forms.utils import ErrorDict
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from blog.closures import Closed
from blog.models import Post, PrivacyNotice
from mail import budgets
from mail.addresses import AddressField
from moderation import graphemes, heat, personal, rules, stamp, work
from moderation.models import Comment
from moderation.personal import Detail
from moderation.text import as_html, clean_name, clean_text, shows

# Said alike of whatever a machine does and people hardly do: it teaches a machine nothing, and costs people one press.
AGAIN = gettext_lazy("Check your comment, then submit it again")


class RawField(forms.CharField):
    """Text that our own rules clean, NUL and all."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(strip=False, **kwargs)
        self.validators = []

    def __deepcopy__(self, memo: dict[int, Any]) -> "RawField":
        """Forms share its widget and its words: each has one of its own for nothing."""
        return copy(self)


class SharedFields(dict[str, forms.Field]):
    """Fields that all forms of a class share: Django copies each of them for each form, though hardly one is changed.

    A form that changes one puts a copy in its place.
    """

    def __deepcopy__(self, memo: dict[int, Any]) -> dict[str, forms.Field]:
        return dict(self)


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
    wants_replies = forms.BooleanField(required=False, label=gettext_lazy("Email me if someone replies to my comment"))
    homepage = RawField(required=False, label=gettext_lazy("Leave this field empty"))
    parent = RawField(required=False, widget=forms.HiddenInput)
    notice = RawField(required=False, widget=forms.HiddenInput)
    stamp = RawField(required=False, widget=forms.HiddenInput)
    work = RawField(required=False, widget=forms.HiddenInput)
    accepted = RawField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, post: Post, on_page: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})  # else it has “:” translated
        self.post, self.on_page = post, on_page
        self.warned: list[Detail] = []
        self.previewed = SafeString()
        self.error_status = HTTPStatus.UNPROCESSABLE_ENTITY
        self.budget: budgets.BudgetExceeded | None = None  # the one that was used up, with that status
        self.proved = False  # whether its sender's browser has proved the address
        self.limit = post.blog.comment_limit
        self.fields["comment"] = field = copy(self.fields["comment"])
        field.widget = copy(field.widget)
        field.widget.attrs = {**field.widget.attrs, "data-maxlength": self.limit}
        if not self.is_bound:
            self.initial = {"notice": self.current_notice.pk, "stamp": stamp.make(post), **self.initial}

    @cached_property
    def current_notice(self) -> PrivacyNotice:
        """The privacy notice that this form shows. Raises PrivacyNotice.DoesNotExist on a blog without one."""
        return self.post.blog.notice_in_force or PrivacyNotice.objects.current(self.post.blog)

    @cached_property
    def closed(self) -> Closed | None:
        """Why the post takes no comments, if it takes none."""
        return self.post.closure()

    def clean_comment(self) -> str:
        typed = self.cleaned_data["comment"]
        if graphemes.exceeds(typed.strip().replace("\r\n", "\n"), self.limit):
            raise ValidationError(_("Comment must be %(limit)s characters or less"), params={"limit": self.limit})
        text = clean_text(typed)
        if not shows(text):
            raise ValidationError(_("Enter your comment"))
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
        if self.closed:
            self.error_status = HTTPStatus.CONFLICT
            raise ValidationError(self.closed.words())
        if self.on_page:
            self._look_for_machines(data)
        if self.data.get("notice") != str(self.current_notice.pk):
            self._show_new_notice()
        self.warned = self._not_accepted(data)
        return data

    def preview(self) -> None:
        """Show the comment as it would be read. Of what is wrong, only the comment's own errors are said already."""
        self.full_clean()
        self._errors = ErrorDict(
            {field: errors for field, errors in self.errors.items() if field == "comment" or self.closed}
        )
        if not self._errors:
            self.error_status = HTTPStatus.OK
            self.previewed = as_html(self.cleaned_data["comment"])

    def preview_name(self) -> str:
        """The name as it would be read with it."""
        return self.cleaned_data.get("name", "")

    def warnings(self) -> list[tuple[str, str]]:
        """What the writer is asked about: in words, and as it stands in the text."""
        text = self.cleaned_data.get("comment", "")
        return [(str(personal.WORDS[kind]), text[start:end]) for kind, start, end in self.warned]

    def questions(self) -> dict[str, list[str]]:
        """The same for programs: by their kind, as they stand in the text, and the question itself."""
        text, kinds = self.cleaned_data.get("comment", ""), {detail.kind for detail in self.warned}
        found = {kind: [text[start:end] for same, start, end in self.warned if same == kind] for kind in sorted(kinds)}
        return {NON_FIELD_ERRORS: [_("The comment seems to have personal details in it")], **found}

    def acceptance(self) -> str:
        """What `accepted` says when the writer lets all of it stand."""
        return " ".join(sorted({detail.kind for detail in self.warned}))

    def save(self, network: str) -> Comment:
        """Submit what was written. Raises mail.budgets.BudgetExceeded."""
        data = self.cleaned_data
        is_hot = not budgets.admit(network, heat.of(self.post.blog))
        is_slowed = is_hot and not work.is_done(self.post, data["work"])
        return Comment.objects.submit(
            network=network,
            proved=self.proved,
            post=self.post,
            parent=data["parent"],
            name=data["name"],
            address=data["email"],
            text=data["comment"],
            notice=self.current_notice,
            wants_replies=data["wants_replies"],
            held=rules.Finding(rules.SLOWED).entries() if is_slowed else [],
        )

    def _look_for_machines(self, data: dict[str, Any]) -> None:
        """A field that nobody sees, filled in; a form sent in a moment, or not ours: it comes back, words and all."""
        age = stamp.age(self.post, data.get("stamp", ""))
        if age is None:
            self._come_back_with(stamp=stamp.make(self.post))
        if data.get("homepage") or age is None or age < settings.COMMENT_SECONDS:
            self.add_error(None, AGAIN)

    def _not_accepted(self, data: dict[str, Any]) -> list[Detail]:
        """Personal details in the text that its writer has not been asked about."""
        accepted = data.get("accepted", "").split()
        return [detail for detail in personal.details(data.get("comment", "")) if detail.kind not in accepted]

    def _show_new_notice(self) -> None:
        """The writer agreed to other words, or to none: show the new ones once, and keep the text."""
        changed = _("Our privacy notice has changed. Read the new notice, then submit your comment again")
        unseen = _("Read our privacy notice, then submit your comment again")
        self.add_error(None, changed if self.data.get("notice") else unseen)
        self._come_back_with(notice=self.current_notice.pk)

    def _come_back_with(self, **hidden: object) -> None:
        """Change what stands in hidden fields when the form is shown again: its sender cannot."""
        self.data = {**dict(self.data.items()), **{name: str(value) for name, value in hidden.items()}}


CommentForm.base_fields = SharedFields(CommentForm.base_fields)
