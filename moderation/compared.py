"""What the rules compare a comment with, asked of the database at once."""

from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.utils import timezone

from moderation import repeats
from postbag import statements

if TYPE_CHECKING:
    from moderation.models import Comment

RECENT = 300  # comments, over all blogs, that a new one is compared with

# By hand, because each comment asks: Django takes several times as long to write them.
LISTED = """
SELECT 'listed', CAST(MAX(changed_at) AS text), COUNT(*), MAX(id) FROM moderation_listentry
WHERE (blog_id = %s OR blog_id IS NULL) AND (expires_on IS NULL OR expires_on > %s)
"""
STAFF = """
UNION ALL SELECT 'name', name, 0, 0 FROM blog_author WHERE blog_id = %s
UNION ALL SELECT 'name', COALESCE(NULLIF(m.name, ''), u.first_name || ' ' || u.last_name), 0, 0
FROM moderation_moderator m JOIN auth_user u ON u.id = m.user_id WHERE m.blog_id = %s
"""
LATEST = """
UNION ALL SELECT 'latest', digest, fingerprint, id
FROM (SELECT digest, fingerprint, id FROM moderation_comment ORDER BY id DESC LIMIT %s) latest
WHERE fingerprint IS NOT NULL {near}
"""
NEAR = {"postgresql": f"AND bit_count((fingerprint # %s)::bit(64)) <= {repeats.ALIKE}"}  # it is several times as fast


class Compared:
    """What `comment` is compared with. It is asked when the first rule wants some of it."""

    def __init__(self, comment: "Comment") -> None:
        self._comment = comment
        self.day = timezone.localdate()

    @property
    def listed(self) -> tuple[Any, ...]:
        """What changes whenever something in the lists of its blog does."""
        return self._found["listed"][0]

    @property
    def names(self) -> list[str]:
        """Those of its blog's authors and moderators."""
        return [name for name, _, _ in self._found.get("name", [])]

    @property
    def latest(self) -> list[tuple[Any, ...]]:
        """Digest, fingerprint and number of the latest comments; where the database can tell, of those near it."""
        return self._found.get("latest", [])

    @cached_property
    def _found(self) -> dict[str, list[tuple[Any, ...]]]:
        blog, mine = self._comment.post.blog_id, self._comment.fingerprint
        asked = [blog, connection.ops.adapt_datefield_value(self.day), blog, blog]
        if mine is not None:
            asked += [RECENT, mine] if connection.vendor in NEAR else [RECENT]
        found: dict[str, list[tuple[Any, ...]]] = {}
        for kind, *row in statements.rows(_sql(mine is not None), *asked):
            found.setdefault(kind, []).append(tuple(row))
        return found


@cache
def _sql(has_words: bool) -> str:
    return LISTED + STAFF + (LATEST.format(near=NEAR.get(connection.vendor, "")) if has_words else "")
