"""forms/field.html and forms/error_summary.html: the Design System's markup."""

import re

import pytest
from django import forms
from django.template.loader import render_to_string

WHEN = [("now", "Each time"), ("daily", "Once a day")]


class Everything(forms.Form):
    name = forms.CharField(
        max_length=5,
        help_text="As on your letters",
        error_messages={"required": "Enter your name"},
        widget=forms.TextInput(attrs={"autocomplete": "name", "spellcheck": "false", "class": "govuk-input--width-20"}),
    )
    email = forms.EmailField()
    secret = forms.CharField(widget=forms.PasswordInput)
    text = forms.CharField(widget=forms.Textarea(attrs={"rows": 7, "data-maxlength": 50}))
    plain = forms.CharField(widget=forms.Textarea)
    agree = forms.BooleanField(error_messages={"required": "Say yes"})
    when = forms.ChoiceField(choices=WHEN, widget=forms.RadioSelect, error_messages={"required": "Choose when"})
    several = forms.MultipleChoiceField(choices=WHEN, widget=forms.CheckboxSelectMultiple)
    one = forms.ChoiceField(choices=WHEN)


def field(name: str, data: dict[str, object] | None = None) -> str:
    """The markup of one question, in one line."""
    html = render_to_string("forms/field.html", {"field": Everything(data)[name]})
    return re.sub(r"\s+", " ", html)


@pytest.mark.parametrize("name", Everything.base_fields)
def test_no_question_blocks_what_is_typed(name: str) -> None:
    assert not re.search(r"\s(required|maxlength|minlength)\b", field(name))


def test_the_hint_and_the_error_belong_to_the_input() -> None:
    html = field("name", {"name": ""})
    assert 'aria-describedby="id_name-hint id_name-error"' in html
    assert 'id="id_name-hint"' in html and 'id="id_name-error"' in html and "govuk-input--error" in html
    assert html.index("<label") < html.index("id_name-hint") < html.index('id="id_name-error"') < html.index("<input")


def test_the_widget_says_what_the_browser_should_know() -> None:
    html = field("name")
    assert 'autocomplete="name"' in html and 'spellcheck="false"' in html
    assert 'class="govuk-input govuk-input--width-20"' in html


@pytest.mark.parametrize(("name", "kind"), [("name", "text"), ("email", "email"), ("secret", "password")])
def test_each_input_has_its_type(name: str, kind: str) -> None:
    assert f'type="{kind}"' in field(name)


def test_what_was_typed_is_kept_but_for_passwords() -> None:
    typed = "<b>&\"'"
    assert 'value="&lt;b&gt;&amp;&quot;&#x27;"' in field("name", {"name": typed})
    assert "&lt;b&gt;&amp;" in field("text", {"text": typed})
    assert "value" not in field("secret", {"secret": typed})


def test_a_limit_is_told_and_counted() -> None:
    html = field("text")
    assert 'data-module="govuk-character-count" data-maxlength="50"' in html
    assert 'rows="7"' in html and "You can enter up to 50 characters" in html and "id_text-info" in html
    assert "character-count" not in field("plain")


def test_choices_keep_what_was_chosen() -> None:
    assert re.findall(r'value="(\w+)"[^>]*checked', field("when", {"when": "daily"})) == ["daily"]
    assert re.findall(r'value="(\w+)"[^>]*checked', field("several", {"several": ["now", "daily"]})) == ["now", "daily"]
    assert re.findall(r'value="(\w+)" selected', field("one", {"one": "daily"})) == ["daily"]
    assert "checked" in field("agree", {"agree": "on"}) and "checked" not in field("agree", {})


def test_the_summary_leads_to_each_field() -> None:
    form = Everything({})
    summary = render_to_string("forms/error_summary.html", {"form": form})
    page = "".join(field(name, {}) for name in form.fields)
    leads = re.findall(r'href="#([^"]+)"', summary)
    assert "There is a problem" in summary and len(leads) == len(form.errors)
    assert all(f'id="{target}"' in page for target in leads)


def test_there_is_no_summary_without_errors() -> None:
    assert "govuk-error-summary" not in render_to_string("forms/error_summary.html", {"form": Everything()})
