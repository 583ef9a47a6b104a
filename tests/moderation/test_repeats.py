"""Texts that are alike have fingerprints that are alike."""

import random
import time

import pytest

from moderation.repeats import alike, fingerprint

TEXT = "We tried this in our office last year and it works well, see the notes that my colleagues wrote about it."


def is_alike(one: str, other: str) -> bool:
    return alike(fingerprint(one) or 0, fingerprint(other) or 0)


@pytest.mark.parametrize(
    "changed",
    [
        TEXT.upper(),
        f"  {TEXT}!!! ",
        TEXT.replace(" ", "\n"),
        TEXT.replace("well", "fine"),
        TEXT.replace("We tried", "ＷＥ tried"),
        f"{TEXT} Thanks!",
    ],
)
def test_the_same_words_with_little_changed_are_alike(changed: str) -> None:
    assert is_alike(TEXT, changed)


def test_two_comments_of_two_people_are_not() -> None:
    words, chance = TEXT.split(), random.Random(4)  # noqa: S311 - the same each time
    others = [" ".join(chance.sample(words, len(words))) for _ in range(500)]
    assert not any(is_alike(TEXT, other) for other in others)


@pytest.mark.parametrize("text", ["", "Well said.", "Thank you for this!", "👍" * 50])
def test_a_short_text_is_like_no_other(text: str) -> None:
    assert fingerprint(text) is None


def test_it_fits_the_column_and_takes_no_time() -> None:
    started = time.perf_counter()
    for text in [TEXT, "word " * 100, " ".join(map(str, range(5000)))]:
        assert -(2**63) <= (fingerprint(text) or 0) < 2**63
    assert time.perf_counter() - started < 0.2
