"""What changed between two texts, word by word."""

import html
import random
import re
import time

import pytest

from moderation.differences import difference

MARK = r'<{0}><span class="govuk-visually-hidden">\w+: </span>(.*?)</{0}>'


def sides(marked: str) -> tuple[str, str]:
    """The two texts that a difference is of."""
    old = re.sub(MARK.format("del"), r"\1", re.sub(MARK.format("ins"), "", marked))
    new = re.sub(MARK.format("ins"), r"\1", re.sub(MARK.format("del"), "", marked))
    return html.unescape(old.replace("<br>", "\n")), html.unescape(new.replace("<br>", "\n"))


def test_it_marks_what_went_and_what_came_and_says_so() -> None:
    assert difference("We agree with all.", "We disagree with all.") == (
        'We <del><span class="govuk-visually-hidden">deleted: </span>agree</del>'
        '<ins><span class="govuk-visually-hidden">inserted: </span>disagree</ins> with all.'
    )


def test_texts_that_are_the_same_have_no_marks() -> None:
    assert difference("One\n<two>", "One\n<two>") == "One<br>&lt;two&gt;"


def test_words_that_stay_alone_between_changes_go_with_them() -> None:
    marked = difference("Hello all. It was so narrow.", "We take all of it back.")
    assert marked.count("<del>") == marked.count("<ins>") == 1


def test_what_is_typed_is_text() -> None:
    marked = difference("<i>", "<script>alert(1)</script>")
    assert "<script>" not in marked and sides(marked) == ("<i>", "<script>alert(1)</script>")


@pytest.mark.parametrize("seed", range(60))
def test_both_texts_can_be_read_from_it(seed: int) -> None:
    lots = random.Random(seed)  # noqa: S311 - not for a secret
    words = [
        lots.choice(["a", "b ", " ", "\n", ".", "we ", "agree ", "<b>", "&amp;"]) for _ in range(lots.randrange(80))
    ]
    new = [word for word in words if lots.random() > 0.2]
    new.insert(lots.randrange(len(new) + 1), "new words ")
    old, new = "".join(words), "".join(new)
    assert sides(difference(old, new)) == (old, new)


def test_a_small_change_in_a_long_text_is_a_small_mark() -> None:
    text = " ".join(f"word{number % 90}" for number in range(900))
    marked = difference(text, text.replace("word7 ", "wort7 ", 1).replace("word80", "wort80", 1))
    assert len(re.findall("<ins>", marked)) == 2 and len(marked) < len(text) + 400


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (" ".join(f"w{n}" for n in range(2500)), " ".join(f"v{n}" for n in range(2500))),
        ("a b " * 2500, "b a " * 2500),
        ("." * 10000, ("..!" * 4000)[:10000]),
        (" ".join(f"{n}" for n in range(2500)), " ".join(f"{n}" for n in reversed(range(2500)))),
    ],
)
def test_no_text_takes_long(old: str, new: str) -> None:
    began = time.process_time()
    assert sides(difference(old, new)) == (old, new)
    assert time.process_time() - began < 1
