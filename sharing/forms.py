"""What we accept from those who sign up."""

from http import HTTPStatus
from typing import Any

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from blog.models import Blog, PrivacyNotice
from mail.addresses import AddressField
from mail.budgets import BudgetExceeded
from sharing.models import Subscription


class SubscribeForm(forms.Form):
    """A sign-up for the alerts of `blog`. One definition for the page and the API."""

    email = AddressField(
        label=gettext_lazy("Email"),
        help_text=gettext_lazy("We will only use it to send you these alerts"),
        widget=forms.EmailInput(
            attrs={"autocomplete": "email", "spellcheck": "false", "class": "govuk-input--width-30"}
        ),
    )
    homepage = forms.CharField(required=False, label=gettext_lazy("Leave this field empty"))
    notice = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, blog: Blog, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.blog = blog
        self.error_status = HTTPStatus.UNPROCESSABLE_ENTITY
        self.budget: BudgetExceeded | None = None  # the one that was used up, with that status
        self.initial.setdefault("notice", self.current_notice.pk)

    @cached_property
    def current_notice(self) -> PrivacyNotice:
        """The privacy notice that this form shows."""
        return PrivacyNotice.objects.current(self.blog)

    def clean(self) -> dict[str, Any]:
        if self.cleaned_data.get("homepage"):
            self.add_error(None, _("Something filled in a field that people cannot see. Submit again"))
        if self.data.get("notice") != str(self.current_notice.pk):
            changed = _("Our privacy notice has changed. Read the new notice, then sign up again")
            self.add_error(
                None, changed if self.data.get("notice") else _("Read our privacy notice, then sign up again")
            )
            self.data = {**dict(self.data.items()), "notice": str(self.current_notice.pk)}
        return super().clean() or self.cleaned_data

    def save(self, network: str) -> Subscription:
        """Sign up. Raises mail.budgets.BudgetExceeded."""
        return Subscription.objects.sign_up(
            blog=self.blog, address=self.cleaned_data["email"], notice=self.current_notice, network=network
        )
