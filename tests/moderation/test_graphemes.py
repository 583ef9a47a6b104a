"""What counts as one character."""

import time

import pytest

from moderation import graphemes

ONE = [
    "a",
    "é",
    "e\u0301",
    "👩‍👩‍👧‍👦",
    "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "🇬🇧",
    "क्षि",
    "각",
    "\r\n",
    "\n",
    "👍🏽",
]


@pytest.mark.parametrize("character", ONE)
def test_what_people_see_as_one_counts_as_one(character: str) -> None:
    assert graphemes.count(character) == 1
    assert graphemes.count(f"a{character}a") == 3


def test_a_flood_in_one_cluster_counts_by_its_length() -> None:
    for flood in ["e" + "\u0301" * 1599, "👩" + "\u200d👩" * 800, "\u1100" * 1600]:
        assert graphemes.count(flood) > 99


def test_the_limit_itself_is_not_too_long() -> None:
    assert not graphemes.exceeds("👩‍👩‍👧‍👦" * 100, 100)
    assert graphemes.exceeds("👩‍👩‍👧‍👦" * 100 + ".", 100)


def test_a_hopeless_paste_is_told_in_a_moment() -> None:
    started = time.perf_counter()
    assert all(graphemes.exceeds(paste, 5000) for paste in ["a" * 10**6, "é" * 10**6, "\u0301" * 10**6])
    assert time.perf_counter() - started < 0.2


@pytest.mark.parametrize(
    ("text", "characters"), [("अ्क", 2), ("a\u094dक", 2), ("क्‍ष", 1), ("\u0600\n", 2), ("\u0301", 1)]
)
def test_what_does_not_belong_together_is_not_joined(text: str, characters: int) -> None:
    assert graphemes.count(text) == characters


@pytest.mark.parametrize("part", ["\u0915\u094d", "\u094d", "👩\u200d", "\u0600", "\u1100", "\u200d", "🇬", "é"])
def test_no_text_takes_long_to_count(part: str) -> None:
    started = time.perf_counter()
    graphemes.count(part * (100_000 // len(part)))
    assert time.perf_counter() - started < 0.5
