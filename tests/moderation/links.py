"""What holds for every page behind a link that proves something."""

import re
from collections.abc import Iterator

from django.http import HttpResponse
from django.test import Client

from postbag import tokens
from tests.database import whole_database

LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
BROWSERS = ["curl/8.5.0", "Mozilla/5.0 (compatible; MSFT SafeLinks)", "Mozilla/5.0 (X11; Linux x86_64) Chrome/130.0"]


def altered(token: str) -> Iterator[str]:
    """`token` with each of its characters changed, one at a time."""
    for place, letter in enumerate(token):
        other = LETTERS[(LETTERS.index(letter) + 1) % 32]
        yield token[:place] + other + token[place + 1 :]


def assert_dead(client: Client, url: str) -> None:
    """A friendly page, the same for whatever is wrong, and no act by GET or POST."""
    before = whole_database()
    unknown = re.sub("/[a-z2-7]{40}/", f"/{'a' * 40}/", url)
    for ask in [client.get, client.post]:
        answer = ask(url)
        assert answer.status_code in {405, 410}
        assert answer.status_code == 405 or "This link does not work" in answer.text
        assert_private(answer)
        assert (answer.status_code, answer.content) == (ask(unknown).status_code, ask(unknown).content)
    assert whole_database() == before


def assert_looking_changes_nothing(client: Client, url: str) -> None:
    """GET and HEAD, by scanners and people, again and again."""
    before = whole_database()
    for browser in BROWSERS:
        for ask in [client.head, client.get, client.get, client.options]:
            answer = ask(url, headers={"User-Agent": browser})
            assert_private(answer)
    assert whole_database() == before


def assert_private(answer: HttpResponse) -> None:
    """Not kept, not indexed, not told to other sites, and no cookie."""
    assert answer["Cache-Control"] == "no-store, private"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert not answer.cookies and "Cookie" not in answer.get("Vary", "")
    assert "https://" not in answer.text.replace("https://example.org", ""), "nothing is loaded from elsewhere"


def token_for(purpose: str, number: int) -> str:
    """A token of ours."""
    return tokens.make(purpose, number)
