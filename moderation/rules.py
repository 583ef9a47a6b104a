"""What the desk should know of a comment: rules that hold it for a look, and neither refuse nor publish it.

They run when a comment is submitted and again when its address is proved. Each phase looks at one comment, saved or
not, and returns what it found.
"""

import logging
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from moderation import lookalikes, personal, repeats
from moderation.compared import Compared
from moderation.lists import ListEntry
from postbag import statements

if TYPE_CHECKING:
    from moderation.models import Comment

log = logging.getLogger(__name__)

LINKS = 2  # more than so many are held
SLOWED = "slowed"  # found when it was sent, and not again
SHADOW = "shadow"  # recorded, and holds nothing
FIRST = "first-time"  # found when it was confirmed, and not again
TELLS = frozenset({SLOWED, SHADOW, FIRST})  # what the desk is told, and what holds no comment

TITLES: dict[str, str | Promise] = {
    "phone": _("Phone number"),
    "email": _("Email address"),
    "address": _("Postal address"),
    "postcode": _("Postcode"),
    "ni-number": _("National Insurance number"),
    "card": _("Payment card number"),
    "lookalike-name": _("Name like one of ours"),
    "repeated-text": _("Repeated text"),
    "link-count": _("Many links"),
    FIRST: _("First comment here"),
    SLOWED: _("Sent without proof of work at a busy time"),
    "listed-words": _("Listed word"),
    "listed-pattern": _("Listed pattern"),
    "listed-domain": _("Listed domain"),
    "listed-writer": _("Listed writer"),
    SHADOW: _("Would be held by an entry in shadow"),
    "rule-failed": _("A check failed"),
}


@dataclass(frozen=True)
class Finding:
    """One thing that a rule found: its kind, a key of TITLES; where in the text; and a word about it for the desk."""

    kind: str
    spans: tuple[tuple[int, int], ...] = ()
    about: str = ""
    blur: bool = False

    def entries(self) -> list[dict[str, Any]]:
        """As `Comment.held` has it: one entry for each place, or one for the whole."""
        about: dict[str, Any] = {"about": self.about} if self.about else {}
        about |= {"blur": True} if self.blur else {}
        places: list[dict[str, int]] = [{"start": start, "end": end} for start, end in self.spans] or [{}]
        return [{"kind": self.kind, **place, **about} for place in places]


# By hand: Django takes several times as long to write it.
EARLIER = """
SELECT 1 FROM moderation_comment c JOIN blog_post p ON p.id = c.post_id
WHERE c.mailbox = %s AND p.blog_id = %s AND c.confirmed_at IS NOT NULL AND c.id <> %s LIMIT 1
"""

Phase = Callable[["Comment", Compared], Iterable[Finding]]


def held(comment: "Comment", proved: bool = False) -> list[dict[str, Any]]:
    """What all phases find in `comment`, and what was found when it was sent; `proved` when its address is just now.

    A phase that fails is a finding, too: a comment must not come through because a rule is broken.
    """
    found = [entry for entry in comment.held if entry["kind"] in {SLOWED, FIRST}]
    compared, in_transaction = Compared(comment), connection.in_atomic_block
    for phase in [*PHASES, first_time] if proved else PHASES:
        try:
            with transaction.atomic() if in_transaction else nullcontext():
                found += [entry for finding in phase(comment, compared) for entry in finding.entries()]
        except Exception as error:
            log.error("the rule %s failed: %s", phase.__name__, type(error).__name__)  # its words may be the writer's
            found += Finding("rule-failed", about=phase.__name__).entries()
    return found


def holds(found: list[dict[str, Any]]) -> bool:
    """Whether any of what was found holds the comment: what is only to be told does not."""
    return any(entry["kind"] not in TELLS for entry in found)


def personal_data(comment: "Comment", compared: Compared) -> list[Finding]:
    """What its writer was asked about, and left in."""
    return [Finding(detail.kind, ((detail.start, detail.end),)) for detail in personal.details(comment.text)]


def lookalike_name(comment: "Comment", compared: Compared) -> list[Finding]:
    """A name that readers could take for the blog's, its organisation's, or that of somebody who works on it."""
    blog = comment.post.blog
    theirs = [blog.name, blog.organisation, *compared.names]
    is_ours = isinstance(comment.official, str) and comment.official  # before it is saved it may be a DatabaseDefault
    like = "" if is_ours else lookalikes.resembles(comment.name, filter(None, theirs))
    return [Finding("lookalike-name", about=like)] if like else []


def repeated_text(comment: "Comment", compared: Compared) -> list[Finding]:
    """The same words as another comment of late, or nearly the same, on whichever post."""
    mine = comment.fingerprint
    if mine is None:
        return []
    itself = {comment.pk, comment.digest} - {None}
    others = [theirs for digest, theirs, number in compared.latest if itself.isdisjoint([digest, number])]
    times = sum(repeats.alike(mine, theirs) for theirs in others)
    return [Finding("repeated-text", about=str(times))] if times else []


def first_time(comment: "Comment", compared: Compared) -> list[Finding]:
    """A writer of whom this blog has had no comment that was confirmed, as far as addresses are kept."""
    known = statements.rows(EARLIER, comment.mailbox, comment.post.blog_id, comment.pk)
    return [] if known else [Finding(FIRST)]


def link_count(comment: "Comment", compared: Compared) -> list[Finding]:
    """More links than somebody who has something to say needs."""
    links = comment.html.count("<a ") if comment.html else comment.text.count("://")
    return [Finding("link-count", about=str(links))] if links > LINKS else []


def listed(comment: "Comment", compared: Compared) -> list[Finding]:
    """Words, patterns, domains and writers that are listed for this blog; and what is listed in shadow."""
    hits = list(ListEntry.objects.matcher(comment.post.blog_id, compared.day, compared.listed).hits(comment))
    if hits:
        ListEntry.objects.count_hits(hit.entry.pk for hit in hits)
    return [
        Finding(
            SHADOW if entry.shadow else f"listed-{entry.kind}", hit.spans, entry.word, entry.blur and not entry.shadow
        )
        for hit in hits
        for entry in [hit.entry]
    ]


PHASES: list[Phase] = [listed, personal_data, lookalike_name, repeated_text, link_count]
