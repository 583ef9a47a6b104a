"""Indexes that are made while people write, on the database that can do it."""

import pytest
from django.db import connection

from moderation.migrations import _live

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]
ONES = ["comment_words", "comment_words_wait", "comment_held", "comment_guessed", "comment_unseen", "comment_likely"]


def run(name: str, where: str = "") -> None:
    """What the migration does."""
    with connection.schema_editor(atomic=False) as editor:
        _live.index_words(name, where).code(None, editor)


def state(name: str) -> tuple[int, bool]:
    """The number of the index, and whether it is used."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexrelid, indisvalid FROM pg_index WHERE indexrelid = to_regclass(%s)", [name])
        return cursor.fetchone()


@pytest.mark.parametrize("name", ONES)
def test_a_fresh_database_has_it(name: str) -> None:
    assert state(name)[1]


def test_one_that_is_there_is_left_alone() -> None:
    before = state("comment_words")
    run("comment_words")
    assert state("comment_words") == before


def test_one_that_was_broken_off_is_made_anew() -> None:
    number, _valid = state("comment_words_wait")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = %s", [number])
    run("comment_words_wait", "WHERE state = 'pending'")
    made, valid = state("comment_words_wait")
    assert valid and made != number


def test_the_limits_of_a_request_are_back_afterwards() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        before = cursor.fetchone()
        run("comment_words")
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == before
