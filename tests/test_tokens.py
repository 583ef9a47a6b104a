"""postbag/tokens.py: altered, foreign and made-up tokens all read as None."""

import re
import secrets

import pytest

from postbag import tokens
from tests.moderation.links import LETTERS


@pytest.mark.parametrize("number", [0, 1, 255, 2**31, 2**63, 2**64 - 1])
@pytest.mark.parametrize("serial", [0, 1, 255])
def test_what_was_sealed_is_read(number: int, serial: int) -> None:
    token = tokens.make("stop", number, serial)
    assert re.fullmatch("[a-z2-7]{40}", token)
    assert tokens.read("stop", token) == (number, serial)


def test_a_serial_wraps() -> None:
    assert tokens.read("stop", tokens.make("stop", 1, 256)) == (1, 0)


def test_every_other_letter_at_every_place_is_refused() -> None:
    token = tokens.make("comment-confirm", 7)
    for place in range(40):
        for letter in set(LETTERS) - {token[place]}:
            assert tokens.read("comment-confirm", token[:place] + letter + token[place + 1 :]) is None


def test_another_purpose_is_refused() -> None:
    for other in ["comment-status", "comment-confirm ", "comment-confir", "", "Comment-confirm", "stop"]:
        assert tokens.read(other, tokens.make("comment-confirm", 7)) is None


@pytest.mark.parametrize(
    "made_up",
    ["", "a", "a" * 39, "a" * 40, "a" * 41, "1" * 40, "=" * 40, "é" * 40, "ß" * 20, "\0" * 40, "\ud800" * 40, " " * 40],
)
def test_what_was_made_up_is_refused(made_up: str) -> None:
    assert tokens.read("stop", made_up) is None


def test_a_token_is_written_in_one_way_only() -> None:
    token = tokens.make("stop", 7)
    for other in [token.upper(), token.title(), f" {token}", f"{token}=", f"{token}\n"]:
        assert tokens.read("stop", other) is None


def test_neighbours_look_nothing_alike() -> None:
    made = {tokens.make("stop", number) for number in range(200)}
    assert len(made) == 200
    assert len({token[:5] for token in made}) > 190 and len({token[-5:] for token in made}) > 190


def test_another_key_reads_nothing(settings) -> None:
    token = tokens.make("stop", 7)
    settings.SECRET_KEY = secrets.token_urlsafe(60)
    assert tokens.read("stop", token) is None


def test_an_older_key_reads_while_it_is_kept(settings) -> None:
    token, old = tokens.make("stop", 7), settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = secrets.token_urlsafe(60), [old]
    assert tokens.read("stop", token) == (7, 0)
    assert tokens.make("stop", 7) != token, "new ones are sealed with the new key"


@pytest.mark.parametrize("number", [-1, 2**64])
def test_a_number_that_does_not_fit_is_our_own_error(number: int) -> None:
    with pytest.raises(Exception, match=r"int|format|range|ubyte"):
        tokens.make("stop", number)


def test_a_code_is_six_digits_of_its_own_for_each_purpose_row_and_serial() -> None:
    codes = {tokens.code(purpose, number, serial) for purpose in "ab" for number in range(20) for serial in range(5)}
    assert len(codes) > 195, "of 200, as good as drawn by lot"
    assert all(len(code) == 6 and code.isdigit() for code in codes)
    assert tokens.code("a", 1, 256) == tokens.code("a", 1, 0), "serials wrap as they do in tokens"


def test_only_the_code_itself_is_the_code(settings) -> None:
    code = tokens.code("a", 1)
    assert tokens.is_code("a", 1, 0, code)
    for other in ["", code[:5], code + "0", "٣" * 6, "\ud800", tokens.code("b", 1), tokens.code("a", 2)]:
        assert not tokens.is_code("a", 1, 0, other)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another " * 8
    assert tokens.is_code("a", 1, 0, code) and tokens.code("a", 1) != code


def test_what_is_sealed_is_read_for_its_purpose_only() -> None:
    sealed = tokens.seal("a", b"x" * 24)
    assert len(sealed) == 64 and tokens.unseal("a", sealed) == b"x" * 24
    for text in ["", "=" * 8, "a" * 64, sealed.upper(), sealed[:-1], sealed + "a" * 8, "é" * 64, tokens.make("a", 1)]:
        assert tokens.unseal("a", text) is None or text == tokens.make("a", 1)
    assert tokens.unseal("b", sealed) is None
