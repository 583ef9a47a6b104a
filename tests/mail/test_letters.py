"""The frame that all mails share."""

from django.template.loader import render_to_string

from mail.templatetags.letters import letter

CONTEXT = {"blog_name": "Sticks & <stones>", "blog_address": "https://blog.example.org"}


def test_html_escapes_and_says_its_language() -> None:
    html = render_to_string("mail/letter.html", CONTEXT)
    assert "Sticks &amp; &lt;stones&gt;" in html and "<stones>" not in html
    assert '<html lang="en-gb" dir="ltr">' in html


def test_html_loads_nothing() -> None:
    html = render_to_string("mail/letter.html", CONTEXT)
    assert not any(word in html for word in ["<script", "<img", "<link", "url(", "@import"])


def test_text_is_not_escaped() -> None:
    text = render_to_string("mail/letter.txt", CONTEXT)
    assert text.startswith("Sticks & <stones>\nhttps://blog.example.org\n")


def test_long_lines_are_wrapped_and_addresses_are_not_broken() -> None:
    address = f"https://blog.example.org/{'a-' * 50}"
    lines = letter(f"{'word ' * 20}\n{address}\n* {'word ' * 20}").splitlines()
    assert address in lines
    assert max(len(line) for line in lines if line != address) <= 72
    assert lines[-1].startswith("  word")


def test_blank_lines_never_pile_up() -> None:
    assert letter("\n\none\n\n\n \n\ntwo\n\n") == "one\n\ntwo"
