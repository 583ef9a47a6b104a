"""What readers type: cleaned on the way in, text on the way out."""

import re
import time
import unicodedata
from html.parser import HTMLParser

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from moderation.text import as_html, clean_name, clean_text, shown_name, shows

SCOTLAND = "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"
PAYLOADS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    '"><script>alert(1)</script>',
    "'><b onmouseover=alert(1)>x</b>",
    "<a href='javascript:alert(1)'>x</a>",
    "</p></div><h1>x",
    "<!--<script>",
    "<![CDATA[<script>alert(1)</script>]]>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;",
    "<scr\0ipt>alert(1)</scr\0ipt>",
    "\ufe64script\ufe65alert(1)",
    "{{ 7*7 }}{% debug %}${7*7}",
    "https://example.org/\"onmouseover='alert(1)'",
    "https://example.org/<script>alert(1)</script>",
    "https://example.org/'><img src=x onerror=alert(1)>",
    'https://x"style="x:expression(alert(1))',
    "http://example.org/&quot;onclick=&quot;alert(1)",
    "http://user:pass@example.org/%22%3E%3Cscript%3E",
]


class Read(HTMLParser):
    """A page as a browser reads it: its elements, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attributes)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment in the markup: {data}")

    def unknown_decl(self, data: str) -> None:
        raise AssertionError(f"a declaration in the markup: {data}")


@pytest.mark.parametrize("payload", PAYLOADS)
def test_markup_of_a_reader_is_text(payload: str) -> None:
    text = clean_text(payload)
    read = Read(as_html(text))
    assert read.text == text
    for tag, attributes in read.elements:
        assert tag in {"p", "a", "br"}
        assert set(attributes) <= {"dir", "class", "rel", "href"}
        assert tag != "a" or re.match(r"https?://", attributes["href"] or "")


@pytest.mark.parametrize("url", ["http://example.org", "https://example.org/a?b=c&d=e#f", "HTTPS://EXAMPLE.org/"])
def test_a_bare_web_address_is_a_link_that_says_whose_it_is(url: str) -> None:
    read = Read(as_html(f"See {url}, it is good."))
    assert read.elements[1] == ("a", {"class": "govuk-link", "rel": "ugc nofollow noopener", "href": url})
    assert read.text == f"See {url}, it is good."


@pytest.mark.parametrize(
    "text",
    [
        "javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "ftp://example.org/x",
        "mailto:ann@example.org",
        "ann@example.org",
        "//example.org/x",
        "www.example.org",
        "example.org",
        "vbscript:x",
        "file:///etc/passwd",
        "java\tscript:alert(1)",
        "javascript://example.org/%0aalert(1)",
        "tel:+441234567890",
    ],
)
def test_nothing_else_is_a_link(text: str) -> None:
    assert "<a" not in as_html(clean_text(text))


def test_paragraphs_and_line_breaks_are_kept() -> None:
    assert as_html("one\ntwo\n\n\n \nthree") == '<p dir="auto">one<br>two</p><p dir="auto">three</p>'


def test_each_paragraph_takes_its_own_direction() -> None:
    read = Read(as_html("שלום\n\nHello"))
    assert [attributes for _tag, attributes in read.elements] == [{"dir": "auto"}] * 2


def test_text_is_normalised_and_trimmed() -> None:
    assert clean_text(" \r\n e\u0301 \r b\x00\x07 \n") == "\u00e9 \n b"


@pytest.mark.parametrize("override", ["\u202a", "\u202b", "\u202c", "\u202d", "\u202e"])
def test_direction_overrides_leave_and_isolates_stay(override: str) -> None:
    assert clean_text(f"a{override}b \u2067שלום\u2069") == "ab \u2067שלום\u2069"


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n", "\x0b", "\x0c", "\x85", "\u2028", "\u2029"])
def test_whatever_ends_a_line_is_a_line_break(end: str) -> None:
    assert clean_text(f"one{end}two") == "one\ntwo"


def test_lone_surrogates_are_replaced() -> None:
    assert clean_text("a\ud800b").encode() == "a\ufffdb".encode()


def test_cleaning_twice_is_cleaning_once() -> None:
    for payload in [*PAYLOADS, "e\u0301\0\u0301", "\ufb2c\u202e\u0301", " \x00 a \x00 "]:
        assert clean_text(clean_text(payload)) == clean_text(payload)


@pytest.mark.parametrize("name", ["Ann", "Zoë O’Brien-Łoś", "محمد", "李小龍", "R2", "क्\u200dष", "می\u200cخواهم"])
def test_honest_names_stay_as_they_are(name: str) -> None:
    assert clean_name(name) == name


def test_a_name_is_tidied() -> None:
    assert clean_name("  Ann \u00a0 B\u200bob\u00ad ") == "Ann Bob"
    assert clean_name("Zoe\u0308") == "Zo\u00eb"


@pytest.mark.parametrize(
    "name", ["a\nb", "a\rb", "a\tb", "a\0b", "a\x85b", "a\u2029b", "a\u202eb", "a\u2066b", "a\ud800b"]
)
def test_names_that_deceive_are_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        clean_name(name)


@pytest.mark.parametrize(
    "text", ["", "\u200b", "\u3164", "\u2800", "\u0301", "\U000e0041", "\u200d\u200c", "\u2066\u2069"]
)
def test_what_shows_nothing_is_known(text: str) -> None:
    assert not shows(text)


@pytest.mark.parametrize("text", ["a", "1", "?", "👍", "€", "🏴\U000e0067\U000e0062\U000e007f"])
def test_what_shows_something_is_known(text: str) -> None:
    assert shows(text)


@pytest.mark.parametrize(
    "text",
    [
        "http://" * 700,
        "http://a" + "." * 5000,
        "http://" + "a." * 2500,
        "http://a/" + "(" * 5000,
        "http://a/" + "('\"[{" * 1000,
        "http://" + "@" * 5000,
        "http://" + ":" * 5000,
        "http://a/?" + "&amp;" * 1000,
        "\n \n" * 1700,
        "\n" + " " * 4998,
        "a" * 5000,
        "/" * 5000,
    ],
)
def test_no_text_of_our_longest_takes_long(text: str) -> None:
    started = time.perf_counter()
    as_html(clean_text(text))
    assert time.perf_counter() - started < 0.5


def test_a_hopeless_paste_is_cleaned_in_a_moment() -> None:
    for paste in ["a" * 1_000_000, "\0" * 1_000_000, "e\u0301" * 500_000, "\r\n" * 500_000, "\u0301" * 1_000_000]:
        started = time.perf_counter()
        shows(clean_text(paste))
        assert time.perf_counter() - started < 2


def test_marks_heaped_on_one_letter_are_cut_down_and_honest_ones_stay() -> None:
    assert clean_text("Z" + "\u0334" * 100 + "algo") == "Z" + "\u0334" * 8 + "algo"
    assert clean_text("Tiếng Việt, हिन्दी, עִבְרִית") == unicodedata.normalize("NFC", "Tiếng Việt, हिन्दी, עִבְרִית")


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=60))
def test_cleaning_any_text_twice_is_cleaning_it_once(text: str) -> None:
    assert clean_text(clean_text(text)) == clean_text(text)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("\u2067שלום\u2069 b", "\u2067שלום\u2069 b"),
        ("a \u2066b\u2068c", "a \u2066b\u2068c\u2069\u2069"),
        ("a\u2069\u2069 b", "a b"),
        ("\u2067one\ntwo\u2069", "\u2067one\u2069\ntwo"),
        ("\u2066" * 20 + "x" + "\u2069" * 20, "\u2066" * 8 + "x" + "\u2069" * 8),
    ],
)
def test_isolates_end_with_their_line(typed: str, stored: str) -> None:
    assert clean_text(typed) == stored


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("a" + "\u200b" * 500 + "b", "a\u200b\u200bb"),
        ("a\u200d\u200c\ufeff\u00adb", "a\u200d\u200cb"),
        ("❤" + "\ufe0f" * 9, "❤\ufe0f"),
        ("x\U000e0041\U000e0042\U000e007fy", "xy"),
        ("می\u200cخواهم क्\u200dष", "می\u200cخواهم क्\u200dष"),
        (
            "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
            "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
        ),
        ("👩\u200d👩\u200d👧", "👩\u200d👩\u200d👧"),
    ],
)
def test_hidden_floods_are_tamed_and_honest_joiners_stay(typed: str, stored: str) -> None:
    assert clean_text(typed) == stored


@pytest.mark.parametrize(
    ("url", "address", "words"),
    [
        ("https://аррӏе.com/x", "https://xn--80ak6aa92e.com/x", "https://аррӏе.com/x (xn--80ak6aa92e.com)"),
        ("https://bücher.example:8080/ü", "https://xn--bcher-kva.example:8080/ü", None),
        ("https://ｅxample.org", "https://example.org", "https://ｅxample.org (example.org)"),
        ("https://xn--80ak6aa92e.com", "https://xn--80ak6aa92e.com", "https://xn--80ak6aa92e.com"),
    ],
)
def test_a_link_in_other_letters_says_which_host_it_asks(url: str, address: str, words: str | None) -> None:
    read = Read(as_html(url))
    link = next(attributes for tag, attributes in read.elements if tag == "a")
    assert link["href"] == address and (words is None or read.text == words)
    assert url.isascii() or link["dir"] == "ltr"


@pytest.mark.parametrize("url", ["https://gov.uk@evil.example/", "http://☃.net/", "http://" + "é" * 300 + ".org/"])
def test_an_address_that_deceives_or_cannot_be_is_no_link(url: str) -> None:
    assert "<a" not in as_html(url)


def test_places_are_marked_in_words_and_links_and_never_in_markup() -> None:
    text = "Call <b> now\n\nor https://example.org/&x, thanks"
    spans = [(0, 4), (5, 16), (20, 22), (40, 999)]
    html = as_html(text, spans)
    assert Read(html).text == text.replace("\n\n", "")
    assert html.startswith('<p dir="auto"><mark>Call</mark> <mark>&lt;b&gt; now</mark></p>')
    assert '<mark><a class="govuk-link"' in html and html.count("<mark>") == html.count("</mark>") == 5


@pytest.mark.parametrize(
    "name", ["Z" + "\u0334" * 90 + "x", "\u202eAnn", "\u2067Ann", "Ann\nBob", "A\0b", "\U000e0041Ann"]
)
def test_a_name_that_came_another_way_is_harmless_where_it_is_shown(name: str) -> None:
    shown = shown_name(name)
    assert len(shown) <= 12 and not set(shown) & set("\u202e\u2067\n\0\U000e0041")


def test_an_honest_name_is_shown_as_it_is() -> None:
    for name in ["Ann", "Zoë O’Brien", "محمد", "می\u200cخواهم"]:
        assert shown_name(name) == name
