"""What we accept from those who ask what we hold about them."""

from http import HTTPStatus
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from blog.models import Blog
from mail.addresses import AddressField
from postbag.mine import letters


class WhoseForm(forms.Form):
    """An address, which gets a mail."""

    email = AddressField(
        label=gettext_lazy("Email"),
        help_text=gettext_lazy("The one that you commented or signed up with. We only use it to send you the link"),
        widget=forms.EmailInput(
            attrs={"autocomplete": "email", "spellcheck": "false", "class": "govuk-input--width-30"}
        ),
    )
    homepage = forms.CharField(required=False, label=gettext_lazy("Leave this field empty"))

    def __init__(self, *args: Any, blog: Blog, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.blog = blog
        self.error_status = HTTPStatus.UNPROCESSABLE_ENTITY

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("homepage"):
            self.add_error(None, _("Something filled in a field that people cannot see. Submit again"))
        return data

    def save(self, network: str) -> None:
        """Owe the mail. Raises mail.budgets.BudgetExceeded."""
        letters.answer(self.blog, self.cleaned_data["email"], network)
