"""What changed between two texts, word by word, as HTML that says it without colour."""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

WORD = re.compile(r"\w+|\s+|[^\w\s]")
DEEPEST = 10  # how often a gap between words that both texts have is looked at again

Span = tuple[int, int]
Change = tuple[str, str]  # what went, and what came


def difference(before: str, after: str) -> SafeString:
    """`after`, with what it adds to `before` marked as inserted and what it leaves out as deleted.

    Not difflib, which takes the third power of the words' number where somebody wants it to.
    """
    old, new = WORD.findall(before), WORD.findall(after)
    return mark_safe("".join(_html(*change) for change in _joined(_changes(old, new))))  # noqa: S308


def _changes(old: list[str], new: list[str]) -> Iterator[tuple[str, Change]]:
    """What stayed, before each change, and the change; at the end what stayed after the last."""
    here, there, kept = 0, 0, ""
    for i, k in [*_pairs(old, new, (0, len(old)), (0, len(new)), DEEPEST), (len(old), len(new))]:
        if i > here or k > there:
            yield kept, ("".join(old[here:i]), "".join(new[there:k]))
            kept = ""
        kept += "".join(new[k : k + 1])
        here, there = i + 1, k + 1
    yield kept, ("", "")


def _pairs(old: list[str], new: list[str], mine: Span, theirs: Span, depth: int) -> Iterator[Span]:
    """Where the same words stand in these spans of both texts, in order.

    That is what both begin with, what both end with, and between that the words that each has once (patience sorting),
    and what lies in the gaps of those: linear, but for a logarithm.
    """
    (i, j), (k, m) = mine, theirs
    while i < j and k < m and old[i] == new[k]:
        yield i, k
        i, k = i + 1, k + 1
    end = 0
    while j - end > i and m - end > k and old[j - end - 1] == new[m - end - 1]:
        end += 1
    if depth:
        here, there = i, k
        for one, other in [*_anchors(old, new, (i, j - end), (k, m - end)), (j - end, m - end)]:
            if (one, other) == (j - end, m - end) and (here, there) == (i, k):
                break  # there was no anchor
            yield from _pairs(old, new, (here, one), (there, other), depth - 1)
            if one < j - end:
                yield one, other
            here, there = one + 1, other + 1
    yield from ((j - end + place, m - end + place) for place in range(end))


def _anchors(old: list[str], new: list[str], mine: Span, theirs: Span) -> list[Span]:
    """The most of the words that both spans have once, and in the same order in both."""
    here, there = Counter(old[slice(*mine)]), Counter(new[slice(*theirs)])
    places = {new[k]: k for k in range(*theirs)}
    both = [(i, places[old[i]]) for i in range(*mine) if here[old[i]] == 1 == there[old[i]]]
    ends: list[int] = []  # the lowest place in `new` at which a run of each length can end
    runs: list[tuple[Span, int]] = []  # each pair, and the one before it in its run
    last: list[int] = []
    for pair in both:
        length = bisect_left(ends, pair[1])
        runs.append((pair, last[length - 1] if length else -1))
        ends[length : length + 1], last[length : length + 1] = [pair[1]], [len(runs) - 1]
    found, at = [], last[-1] if last else -1
    while at >= 0:
        pair, at = runs[at]
        found.append(pair)
    return found[::-1]


def _joined(changes: Iterator[tuple[str, Change]]) -> Iterator[tuple[str, Change]]:
    """Changes with a word or less between them are one: fewer, longer marks are easier to read and to hear."""
    kept, went, came = "", "", ""
    for between, (old, new) in changes:
        if (went or came) and (old or new) and len(between.split()) <= 1:
            went, came = went + between + old, came + between + new
            continue
        yield kept, (went, came)
        kept, went, came = between, old, new
    yield kept, (went, came)


def _html(kept: str, change: Change) -> str:
    went, came = change
    html = _lines(kept)
    if went:
        html += format_html(
            '<del><span class="govuk-visually-hidden">{} </span>{}</del>',
            _("deleted:"),
            mark_safe(_lines(went)),  # noqa: S308
        )
    if came:
        html += format_html(
            '<ins><span class="govuk-visually-hidden">{} </span>{}</ins>',
            _("inserted:"),
            mark_safe(_lines(came)),  # noqa: S308
        )
    return html


def _lines(text: str) -> str:
    return escape(text).replace("\n", "<br>")
