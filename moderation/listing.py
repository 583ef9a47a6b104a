"""A page's comments as nested lists of HTML."""

import re
from collections.abc import Callable
from datetime import date, datetime
from functools import cache
from html import escape

from django.core.paginator import Paginator
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import get_current_timezone
from django.utils.translation import get_language

from blog.models import Post
from moderation.text import shown_name
from moderation.threads import Said, Threads, in_order

SLOTS = ["pk", "comments_url", "name", "official", "at", "day", "edited", "html", "answered", "answered_url"]
SLOT = re.compile("--([a-z_]+)--")
DEEPER, SHALLOWER = '<ol class="comments__list comments__list--replies">', "</li></ol>"


class Listing:
    """The list of what a page shows.

    The template of a comment is rendered once for each kind of comment, with slots that are then filled, what people
    typed escaped: a template for each of 200 comments takes ten times as long.
    """

    def __init__(self, post: Post, page: Threads, *, whole: bool = False) -> None:
        """`whole` for the page of one thread, which no link to that page follows."""
        self.post, self.page, self.whole = post, page, whole
        self.comments_url = reverse("comments", kwargs=post.url_parts())
        self.is_open = post.takes_comments()
        self.shown = {said.pk: said for said in page.said}
        self.language, self.zone = get_language(), get_current_timezone()
        self.day: Callable[[date], str] = cache(lambda day: date_format(day, "j F Y"))

    def html(self) -> SafeString:
        """The items of the list, or nothing."""
        parts, depth, root = [], -1, None
        for said, level, answered in in_order(self.page, self.post.blog.comment_depth):
            parts += [self._between(depth, level, root), self._filled(said, answered)]
            depth, root = level, root if level else said
        return mark_safe("".join([*parts, self._between(depth, 0, root)]))  # noqa: S308 - made of safe parts

    def _between(self, depth: int, level: int, root: Said | None) -> str:
        """What ends an item at `depth` and leads to one at `level`; after a thread, the way to the rest of it."""
        if level > depth:
            return DEEPER if root else ""
        rest = self._rest(root) if root and level == 0 else ""
        return f"{SHALLOWER * (depth - level)}{rest}</li>"

    def _rest(self, root: Said) -> str:
        if self.whole or root.length <= self.page.shown_of_each:
            return ""
        url = f"{self.comments_url}{root.pk}/"
        return render_to_string("moderation/_rest.html", {"url": url, "root": root})

    def _filled(self, said: Said, answered: Said | None) -> str:
        is_edited, is_outdated = said.edited_at is not None, self._is_outdated(said)
        shape = (said.state, said.official != "", answered is not None, is_edited, is_outdated, self.is_open)
        return skeleton(self.language, *shape) % {
            "pk": said.pk,
            "comments_url": self.comments_url,
            "name": escape(shown_name(said.name)),
            "official": escape(said.official),
            "at": said.at,
            "day": self._day(said.submitted_at),
            "edited": self._day(said.edited_at) if said.edited_at else "",
            "html": said.html,  # made by moderation.text.as_html
            "answered": escape(shown_name(answered.name)) if answered else "",
            "answered_url": self._url(answered) if answered else "",
        }

    def _day(self, at: datetime) -> str:
        return self.day(at.astimezone(self.zone).date())

    def _is_outdated(self, said: Said) -> bool:
        """Whether it answers words that have been edited since."""
        parent = self.shown.get(said.parent or 0) or self.page.elsewhere.get(said.parent or 0)
        return bool(parent and said.parent_edition and parent.edition > said.parent_edition)

    def _url(self, said: Said) -> str:
        return f"#comment-{said.pk}" if said.pk in self.shown else reverse("comment-permalink", args=[said.pk])


@cache
def skeleton(
    language: str, state: str, is_official: bool, answers: bool, is_edited: bool, is_outdated: bool, is_open: bool
) -> str:
    """A comment of one kind, with slots for %; nothing that people typed is in it."""
    kind = {"state": state, "is_official": is_official, "answers": answers, "is_open": is_open}
    kind |= {"is_edited": is_edited, "is_outdated": is_outdated}
    slots = {name: f"--{name}--" for name in SLOTS}
    html = " ".join(render_to_string("moderation/_comment.html", {**slots, **kind}).split()).replace("%", "%%")
    return SLOT.sub(r"%(\1)s", html)


def links(page: Threads, url: Callable[[int], str]) -> dict[str, object]:
    """What leads to other pages, for _comment_pages.html: an ellipsis stands where numbers are left out."""
    around = Paginator(range(page.pages), 1).get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    return {
        "links": [(number, url(number) if isinstance(number, int) else "") for number in around],
        "prev_url": url(page.number - 1) if page.number > 1 else "",
        "next_url": url(page.number + 1) if page.number < page.pages else "",
    }
