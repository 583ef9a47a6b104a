"""The lists of the desk: what is on each tab, in which order, how it is narrowed, and a page of it."""

import datetime
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.expressions import OrderBy, RawSQL
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from blog.models import Blog, Post
from moderation import spam
from moderation.models import Comment, CommentQuerySet
from moderation.promise import Band
from moderation.roles import LEAD, SEE
from moderation.rules import TITLES

PAGE = 25
RARE = 2000  # comments with the same words
MATCHES = (  # the words of moderation/migrations/0017_search.py, for its index
    "to_tsvector('simple', moderation_comment.name || ' ' || moderation_comment.text)"
    " @@ websearch_to_tsquery('simple', %s)"
)
MANY = 1000  # nobody needs to know how many more wait

Lister = Callable[[CommentQuerySet], CommentQuerySet]
Words = str | Promise


@dataclass(frozen=True)
class Tab:
    """One list: its address's name, heading, the words when it is empty, what stands on it and in which order."""

    url: str
    heading: Words
    empty: Words
    lists: Lister
    order: tuple[str, ...]
    permission: str = SEE


Queries = CommentQuerySet
WAITING = ("due_at", "confirmed_at", "pk")  # the oldest promise first; without one, the longest waiting
ASKED = ("made_at", "pk")
LATEST = ("-decided_at", "-pk")
TABS = {
    "queue": Tab("desk", _("Awaiting a decision"), _("No comment awaits a decision."), Queries.queue, WAITING),
    "held": Tab("desk-held", _("Held by a rule"), _("No rule holds a comment."), Queries.held_in_queue, WAITING),
    "spam": Tab("desk-spam", _("Likely spam"), _("Nothing looks like spam."), lambda seen: likely_spam(seen), WAITING),
    "published": Tab(
        "desk-published",
        _("Published, to be looked at"),
        _("Nothing was published that nobody has looked at."),
        Queries.unseen,
        WAITING,
    ),
    "reported": Tab(
        "desk-reported", _("Reported"), _("No reader has reported a comment."), Queries.reported, ("-weight", "pk")
    ),
    "edits": Tab("desk-edits", _("Edits"), _("No edit awaits a decision."), Queries.with_edits, ASKED),
    "appeals": Tab("desk-appeals", _("Appeals"), _("No appeal awaits an answer."), Queries.appealed, ASKED),
    "escalated": Tab(
        "desk-escalated",
        _("Escalated"),
        _("Nothing is with the leads."),
        Queries.escalated,
        ("escalated_at", "pk"),
        LEAD,
    ),
    "decided": Tab("desk-decided", _("Decided"), _("Nothing has been decided yet."), Queries.decided, LATEST),
}


class FilterForm(forms.Form):
    """What a list is narrowed by: all of it stands in the address, to be kept and shared."""

    q = forms.CharField(required=False, max_length=200, label=_("Words in the comment or name"))
    blog = forms.ModelChoiceField(Blog.objects.none(), required=False, label=_("Blog"), empty_label=_("All"))
    post = forms.ModelChoiceField(Post.objects.none(), required=False, label=_("Post"), empty_label=_("All"))
    kind = forms.ChoiceField(required=False, label=_("Held because of"), choices=[("", _("Anything")), *TITLES.items()])
    band = forms.ChoiceField(required=False, label=_("The promise"), choices=[("", _("Any")), *Band.choices])

    def __init__(self, *args: Any, blogs: QuerySet[Blog], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["blog"].queryset = blogs.order_by("name")  # type: ignore[attr-defined]
        self.fields["post"].queryset = Post.objects.filter(blog__in=blogs)  # type: ignore[attr-defined]
        self.fields["post"].widget = forms.HiddenInput()

    def narrow(self, comments: CommentQuerySet) -> CommentQuerySet:
        """Those that are asked for; what cannot be understood narrows nothing."""
        self.full_clean()
        asked = self.cleaned_data
        if asked.get("blog"):
            comments = comments.filter(post__blog=asked["blog"])
        if asked.get("post"):
            comments = comments.filter(post=asked["post"])
        if asked.get("kind"):
            comments = comments.filter(pk__in=_held_because(comments, asked["kind"]))
        if asked.get("band"):
            comments = comments.filter(in_band(Band(asked["band"])))
        return search(comments, asked["q"]) if asked.get("q") else comments

    def is_used(self) -> bool:
        """Whether the list is narrowed."""
        return any(self.cleaned_data.values())


@dataclass
class Page:
    """Some comments of a list, and the number of the last one where there are more."""

    comments: list[Comment]
    after: int | None


def page(comments: CommentQuerySet, order: Iterable[str], after: str) -> Page:
    """The first comments behind the one with this number, or the first of all."""
    fields = list(order)
    if row := _row(comments, fields, after):
        comments = comments.filter(_behind(fields, row))
    found = list(comments.order_by(*[_ordered(name) for name in fields]).for_desk()[: PAGE + 1])
    return Page(found[:PAGE], found[PAGE - 1].pk if len(found) > PAGE else None)


def count(comments: CommentQuerySet) -> str:
    """How many, up to a thousand: a list needs no more, and a million take long to count."""
    number = comments.order_by()[: MANY + 1].count()
    return f"{MANY}+" if number > MANY else str(number)


def counts(seen: CommentQuerySet) -> dict[str, str]:
    """How many stand on each tab that all may see, but for the decided, which never end."""
    shown = {name: tab for name, tab in TABS.items() if name != "decided" and tab.permission == SEE}
    return {name: count(tab.lists(seen)) for name, tab in shown.items()}


def likely_spam(comments: CommentQuerySet) -> CommentQuerySet:
    """Those of the queue that look like spam, once the guess has proved itself; none before."""
    if not spam.is_proved(Comment.objects):
        return comments.none()
    return comments.queue().filter(spam_percent__gte=spam.LIKELY)


def search(comments: CommentQuerySet, words: str) -> CommentQuerySet:
    """Those with all these words in their text or name: by an index on PostgreSQL, letter by letter on SQLite."""
    if connection.vendor == "postgresql":
        return _search_index(comments, words.replace("\0", ""))
    for word in words.split()[:10]:
        comments = comments.filter(Q(text__icontains=word) | Q(name__icontains=word))
    return comments


def _search_index(comments: CommentQuerySet, words: str) -> CommentQuerySet:
    """Of rare words, the comments that have them; for others, a condition.

    Left to itself, PostgreSQL looks for words that it takes for common by reading comments in the list's order: for
    words that no comment has, all of them, which takes minutes.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"SELECT id FROM moderation_comment WHERE {MATCHES} LIMIT {RARE + 1}", [words])  # noqa: S608
        found = [pk for (pk,) in cursor.fetchall()]
        cursor.execute("SET LOCAL enable_seqscan = on")
    if len(found) <= RARE:
        return comments.filter(pk__in=found)
    return comments.annotate(matches=RawSQL(MATCHES, [words])).filter(matches=True)  # noqa: S611


def _held_because(comments: CommentQuerySet, kind: str) -> list[int]:
    """Among those that rules hold, which are few: JSON is looked into differently by each database."""
    rows = comments.order_by().filter(is_held=True).values_list("pk", "held")[:5000]
    return [pk for pk, held in rows if any(entry["kind"] == kind for entry in held)]


def in_band(band: Band) -> Q:
    """Which comments stand so against the promise."""
    now = timezone.localtime()
    tonight = datetime.datetime.combine(now.date(), datetime.time.max, now.tzinfo)
    return {
        Band.LATE: Q(due_at__lt=now),
        Band.DUE_TODAY: Q(due_at__gte=now, due_at__lte=tonight),
        Band.ON_TIME: Q(due_at__gt=tonight) | Q(due_at=None),
    }[band]


def _ordered(name: str) -> OrderBy:
    column = F(name.removeprefix("-"))
    # Where the latest are first, no value is missing; and PostgreSQL takes the index only for the order that it has.
    return column.desc() if name.startswith("-") else column.asc(nulls_last=True)


def _row(comments: CommentQuerySet, order: list[str], after: str) -> dict[str, Any] | None:
    """Where the comment with this number stands in the order, even when it is no longer on the list."""
    if not (after.isascii() and after.isdigit() and len(after) < 19):
        return None
    names = [name.removeprefix("-") for name in order]
    return comments.filter(pk=after).values(*names).first() or (
        Comment.objects.filter(pk=after).values(*names).first() if set(names) <= PLAIN else None
    )


PLAIN = {"due_at", "escalated_at", "confirmed_at", "decided_at", "pk"}


def _behind(order: list[str], row: dict[str, Any]) -> Q:
    """What comes after `row` in this order: a later first field, or the same and a later second one, and so on."""
    behind, same = Q(pk__in=[]), Q()
    for name in order:
        field = name.removeprefix("-")
        value = row[field]
        if value is not None:
            later = Q(**{f"{field}__{'lt' if name.startswith('-') else 'gt'}": value}) | Q(**{field: None})
            behind |= same & (later if field != "pk" else Q(**{f"pk__{'lt' if name.startswith('-') else 'gt'}": value}))
        same &= Q(**{field: value})
    return behind
