"""What looks like a personal detail, and what does not. The numbers are from the ranges kept for drama and tests."""

import time

import pytest

from moderation.personal import details

FOUND = [
    ("phone", "Call 07700 900123 today", "07700 900123"),
    ("phone", "Ring (020) 7946 0123.", "(020) 7946 0123"),
    ("phone", "+44 (0)20 7946 0123", "+44 (0)20 7946 0123"),
    ("phone", "Tel.: 0044-7700-900123", "0044-7700-900123"),
    ("phone", "+33 1 99 00 12 34", "+33 1 99 00 12 34"),
    ("email", "I am ann.b+c@example.org, write!", "ann.b+c@example.org"),
    ("postcode", "Near SW1A 1AA, I think", "SW1A 1AA"),
    ("postcode", "near m11ae", "m11ae"),
    ("address", "I live at 12a High Street.", "12a High Street"),
    ("ni-number", "Mine is AB 12 34 56 C", "AB 12 34 56 C"),
    ("ni-number", "mine is ab123456c.", "ab123456c"),
    ("card", "Card 4111 1111 1111 1111", "4111 1111 1111 1111"),
    ("card", "5500005555555559", "5500005555555559"),
]
HONEST = [
    "In 2014, 2015, 2016 and 2017 there were 1,234,567 visits.",
    "Order 4111111111111112, please",
    "ISBN 9780306406157",
    "It takes 10 minutes at 3pm on 20 June 2014, 10:30-11:45.",
    "Section 12(3) of SI 2014/1234, page 7, £12.50",
    "BG123456C has a prefix that nobody has",
    "https://example.org/07700900123?id=4111111111111111",
    "@example and me@ and a @ b",
    "1.2.3.4 and 192.0.2.1 and ::1",
    "The 12 High Wycombe commuters",
    "b12 3cd",
]


@pytest.mark.parametrize(("kind", "text", "words"), FOUND)
def test_it_is_found_where_it_stands(kind: str, text: str, words: str) -> None:
    (found,) = details(text)
    assert (found.kind, text[found.start : found.end]) == (kind, words)


@pytest.mark.parametrize("text", HONEST)
def test_other_numbers_are_left_alone(text: str) -> None:
    assert details(text) == ()


def test_several_are_found_in_their_order() -> None:
    assert [found.kind for found in details("a@b.org, 07700 900123 and SW1A 1AA")] == ["email", "phone", "postcode"]


@pytest.mark.parametrize(
    "part", ["1", "1 ", "0.", "(1", "+1-", "a@", "a.", "@a.", "1 Aa ", "12 Aa Bb ", "AB1", "AB 1", "A1 ", "٣"]
)
def test_no_text_takes_long(part: str) -> None:
    text = part * (20_000 // len(part))
    started = time.perf_counter()
    details(text)
    assert time.perf_counter() - started < 0.3
