"""Which of a post's comments a reader asks for, as its address says it."""

import re
from dataclasses import dataclass
from typing import Self

from django.core.paginator import InvalidPage
from django.http import QueryDict

from blog.models import Post

NUMBER = re.compile(r"[2-9]|[1-9][0-9]{1,4}")


@dataclass(frozen=True)
class CommentPage:
    """A page of comments, oldest first unless `newest_first`. Its str is its query: "" for the post's own address."""

    number: int = 1
    newest_first: bool = False

    @classmethod
    def asked(cls, query: QueryDict) -> Self:
        """What `?comments=2&order=newest` asks for; other parameters count for nothing.

        Each page has one address. Raises InvalidPage for any other way to say it, such as `?comments=1`.
        """
        number, order = query.get("comments"), query.get("order")
        if (number is not None and not NUMBER.fullmatch(number)) or order not in {None, "newest"}:
            raise InvalidPage
        return cls(int(number or 1), order == "newest")

    def __str__(self) -> str:
        parts = [f"comments={self.number}"] if self.number > 1 else []
        parts += ["order=newest"] if self.newest_first else []
        return f"?{'&'.join(parts)}" if parts else ""

    def at(self, number: int) -> "CommentPage":
        """The page with this number, in the same order."""
        return CommentPage(number, self.newest_first)

    def url(self, post: Post) -> str:
        """Its address."""
        return f"{post.get_absolute_url()}{self}"


FIRST = CommentPage()
