"""Whatever a writer types after the comment was sent: an edit, an appeal, a code, another address. It is text, too."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from blog.models import Post
from moderation.models import Comment
from postbag import tokens
from tests.factories import make_comment
from tests.moderation.test_hostile import HEADERS, MARKUP, UNICODE, elements
from tests.moderation.writer import edit, make_refused, now, send, status_url

pytestmark = pytest.mark.django_db
PIECES = [group[first::3] for group in [MARKUP, HEADERS, UNICODE] for first in range(3)]


def shown(client: Client, desk: Client, post: Post, mo: User, words: str) -> dict[str, set[str]]:
    """The elements of every page that shows an edit or an appeal."""
    Comment.objects.all().delete()
    public, refused = make_comment(post, "approved"), make_refused(post, mo)
    assert edit(client, public, words).status_code == send(client, refused, "appeal", words=words).status_code == 302
    theirs = [client.get(status_url(comment)) for comment in [public, refused]]
    ours = ["/desk/edits/", "/desk/appeals/", *(f"/desk/comments/{row.pk}/" for row in [public, refused])]
    public.withdraw()
    late = client.post(status_url(now(public), "edit"), {"comment": words})
    pages = [*theirs, *map(desk.get, ours), late]
    return {str(place): {element[0] for element in elements(page.text)} for place, page in enumerate(pages)}


@pytest.mark.parametrize("piece", PIECES)
def test_edits_and_appeals_are_words(client: Client, desk: Client, post: Post, mo: User, piece: list[str]) -> None:
    words = "\n\n".join(part[:300] for part in piece)
    plain = shown(client, desk, post, mo, "Other words.")
    for page, found in shown(client, desk, post, mo, words).items():
        assert found <= plain[page] | {"ins", "del", "mark", "br", "strong", "span"}, page


@pytest.mark.parametrize("piece", PIECES)
def test_codes_and_addresses_come_back_as_text(client: Client, post: Post, piece: list[str]) -> None:
    sent = f"/comments/sent/{tokens.make('comment-sent', make_comment(post, 'unconfirmed').pk)}"
    for url, field in [(f"{sent}/code/", "code"), (f"{sent}/address/", "email"), ("/my/", "email")]:
        plain, hostile = (client.post(url, {field: words}) for words in ["x", " ".join(piece)])
        assert plain.status_code == hostile.status_code == 422
        assert elements(hostile.text) == elements(plain.text), url
