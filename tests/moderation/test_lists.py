"""Listed words, patterns, domains and writers: what they hold, and in how much time."""

import datetime
import time

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from blog.models import Blog, Post
from moderation import rules
from moderation.lists import ListEntry, Matcher
from moderation.models import Comment
from tests.factories import make_blog, make_comment, make_post

pytestmark = pytest.mark.django_db
WORDS, PATTERN, DOMAIN, WRITER = ListEntry.Kind


def listed(kind: str, entry: str, **fields: object) -> ListEntry:
    made = ListEntry(kind=kind, entry=entry, **fields)
    made.full_clean()
    made.save()
    return made


def held(post: Post, text: str, **fields: str) -> list[str]:
    comment = make_comment(post, text=text, **fields)
    found = rules.held(comment)
    return [f"{entry['kind']} {text[slice(entry.get('start', 0), entry.get('end', 0))]}" for entry in found]


@pytest.mark.parametrize(
    "text",
    ["viagra", "VIAGRA!", "v1agra", "ｖｉａｇｒａ", "viа\u200bgrа", "víágrà", "Buy viagra, now"],
)
def test_a_word_is_found_however_it_is_disguised(post: Post, text: str) -> None:
    listed(WORDS, "Viagra")
    (found,) = held(post, text)
    assert found.startswith("listed-words ") and len(found) > len("listed-words viagr")


@pytest.mark.parametrize("text", ["Aviagraph", "via gravel", "A viable plan"])
def test_a_word_is_not_found_inside_others(post: Post, text: str) -> None:
    listed(WORDS, "viagra")
    assert held(post, text) == []


def test_a_phrase_is_marked_where_it_stands(post: Post) -> None:
    listed(WORDS, "make money fast")
    assert held(post, "You can Make  money, FAST here") == ["listed-words Make  money, FAST"]


def test_a_pattern_is_marked_where_it_stands(post: Post) -> None:
    listed(PATTERN, r"\b\d{2}% off\b")
    assert held(post, "Now 70% OFF!") == ["listed-pattern 70% OFF"]


@pytest.mark.parametrize("text", ["https://spam.example.com/x", "go to SPAM.example.com", "me@spam.example.com"])
def test_a_domain_stands_for_all_below_it(post: Post, text: str) -> None:
    listed(DOMAIN, "https://Example.com/")
    assert "listed-domain " in held(post, text)


@pytest.mark.parametrize("text", ["https://example.org", "notexample.com", "example.community"])
def test_a_domain_stands_for_no_other(post: Post, text: str) -> None:
    listed(DOMAIN, "example.com")
    assert "listed-domain " not in held(post, text)


@pytest.mark.parametrize(("entry", "text"), [
    ("bücher.de", "http://BÜCHER.de/x"), ("bücher.de", "xn--bcher-kva.de"), ("xn--bcher-kva.de", "see www.bücher.de."),
    ("пример.рф", "ПРИМЕР.РФ"), ("пример.рф", "https://xn--e1afmkfd.xn--p1ai"), ("x.xn--p1ai", "x.рф"),
    ("*.example.com", "a.example.com"), ("例え.jp", "http://例え.jp/"), ("xn--zz-999.de", "xn--zz-999.de"),
])  # fmt: skip
def test_a_domain_is_known_in_any_script_and_in_punycode(post: Post, entry: str, text: str) -> None:
    listed(DOMAIN, entry)
    assert "listed-domain " in held(post, text)


@pytest.mark.parametrize("entry", ["bücher.de", "@BÜCHER.de", "xn--bcher-kva.de", "bob@bücher.de"])
def test_a_writer_at_a_domain_beyond_ascii_is_known(post: Post, entry: str) -> None:
    listed(WRITER, entry)
    assert held(post, "Hello", address="bob@xn--bcher-kva.de") == ["listed-writer "]


@pytest.mark.parametrize("entry", ["Bob+tag@example.net", "@example.net", "example.net"])
def test_a_writer_is_known_by_address_or_domain(post: Post, entry: str) -> None:
    kept = listed(WRITER, entry)
    assert "listed-writer " in held(post, "Hello", address="bob@example.net")
    assert held(post, "Hello", address="bob@example.com") == []
    assert "bob" not in kept.entry.lower(), "no address is kept"


def test_an_entry_of_another_blog_does_not_count_one_of_all_does(post: Post) -> None:
    elsewhere = make_blog(address="http://other.example")
    listed(WORDS, "casino", blog=elsewhere)
    assert held(post, "casino") == []
    listed(WORDS, "casino")
    assert held(post, "casino") == ["listed-words casino"]


def test_an_entry_ends_on_its_day(post: Post) -> None:
    today = timezone.localdate()
    entry = listed(WORDS, "casino", expires_on=today + datetime.timedelta(days=1))
    assert held(post, "casino")
    entry.expires_on = today
    entry.save()
    assert held(post, "casino") == []


def test_an_entry_in_shadow_hides_no_other_for_the_same_words(post: Post) -> None:
    listed(WORDS, "Casino", blog=None), listed(WORDS, "casino", shadow=True)
    assert held(post, "casino") == ["listed-words casino"]


def test_shadow_records_and_holds_nothing(post: Post) -> None:
    entry = listed(WORDS, "casino", shadow=True)
    assert held(post, "casino") == ["shadow casino"]
    entry.refresh_from_db()
    assert entry.hits == 1 and entry.last_hit_at


def test_shadow_hides_no_text(post: Post) -> None:
    listed(WORDS, "casino", shadow=True, blur=True)
    (found,) = rules.held(make_comment(post, text="casino"))
    assert found["kind"] == "shadow" and "blur" not in found


def test_a_change_counts_at_once(post: Post) -> None:
    entry = listed(WORDS, "casino")
    assert held(post, "casino")
    entry.delete()
    assert held(post, "casino") == []


@pytest.mark.parametrize(
    ("kind", "entry"),
    [
        (WORDS, "..."), (WORDS, " "), (PATTERN, "("), (PATTERN, ".*"), (PATTERN, r"(a)\1"), (PATTERN, "(?=x)"),
        (PATTERN, "a{1000}{1000}"), (DOMAIN, "example"), (DOMAIN, "a b.org"), (WRITER, "bob"), (WRITER, "@"),
        (DOMAIN, "example.com:8080"), (DOMAIN, "a..b"), (DOMAIN, "192.0.2.1"), (WRITER, "bob@a..b"),
    ],
)  # fmt: skip
def test_what_cannot_match_or_is_evil_is_refused(kind: str, entry: str) -> None:
    with pytest.raises(ValidationError):
        listed(kind, entry)


def test_the_tester_says_what_it_would_have_held(blog: Blog) -> None:
    comments = [make_comment(make_post(blog, slug=f"p{n}"), text=f"word{n} here") for n in range(3)]
    entry = ListEntry(kind=WORDS, entry="word1")
    assert entry.would_hold(comments) == [comments[1]]


@pytest.mark.parametrize(
    "unit", ["a", "a ", "a.", "casino ", "http://a", "xn--a.", "é.", "aa.aa", "(((", "\u0301", "\u202e", "1-"]
)
def test_time_grows_with_the_text_and_no_faster(unit: str) -> None:
    patterns = ["(a+)+$", "(a|aa)+b", "(.*){1,8}x", r"\w+\s?\w+z"]
    matcher = Matcher.of(
        [ListEntry(pk=n, kind=PATTERN, entry=entry) for n, entry in enumerate(patterns)]
        + [ListEntry(pk=99, kind=WORDS, entry="casino royale"), ListEntry(pk=98, kind=DOMAIN, entry="a.com")]
    )

    def cpu(size: int) -> float:
        comment = Comment(text=unit * (size // len(unit)))
        started = time.process_time()
        list(matcher.hits(comment))
        return time.process_time() - started

    cpu(1000)
    small, large = min(cpu(4000) for _ in range(3)), min(cpu(40000) for _ in range(2))
    assert large < 40 * small + 0.05


def test_a_listed_writer_is_not_named(post: Post) -> None:
    listed("writer", "tiny-family.example")
    assert rules.held(make_comment(post, address="ann@tiny-family.example")) == [{"kind": "listed-writer"}]
