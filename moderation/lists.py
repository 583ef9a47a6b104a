"""What a blog, or all of them, holds for a look: listed words, patterns, domains and writers.

Matching takes time in proportion to the text, whatever is listed and whatever is typed: words are looked up, patterns
are RE2's, which does not go back and forth.
"""

import datetime
import re
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Self

import re2
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from blog.models import Blog
from mail.addresses import clean_address, mailbox
from moderation.folding import Folded, fold

if TYPE_CHECKING:
    from moderation.models import Comment

MEMORY = 1 << 20  # bytes that one pattern may use
HOST = re.compile(r"(?<![\w.-])(?:[\w-]{1,63}\.)+(?!\d)[\w-]{2,63}(?![\w-])")  # a link's, or one that is only named
LABELS = 127  # a domain has no more (RFC 1035: 255 bytes), and a text of nothing else would take long


class ListEntryQuerySet(QuerySet["ListEntry"]):
    def of_blogs(self, blogs: QuerySet[Blog]) -> Self:
        """Of these blogs, and those of all blogs: every list of the desk starts here."""
        return self.filter(Q(blog__in=blogs) | Q(blog=None))

    def in_force(self, blog: int, day: datetime.date) -> Self:
        """Those that count on the blog of this number on a day."""
        return self.filter(Q(blog=blog) | Q(blog=None)).filter(Q(expires_on=None) | Q(expires_on__gt=day))

    def matcher(self, blog: int, day: datetime.date, state: Hashable) -> "Matcher":
        """All of them, ready to match: made anew only when their `state` is another (moderation.compared)."""
        return _matcher(blog, day, state)

    def count_hits(self, numbers: Iterable[int]) -> None:
        """Remember which entries found something."""
        self.filter(pk__in=list(numbers)).update(hits=F("hits") + 1, last_hit_at=timezone.now())


class ListEntry(models.Model):
    """One listed thing. In shadow it only shows what it would have held."""

    class Kind(models.TextChoices):
        WORDS = "words", _("Word or phrase")
        PATTERN = "pattern", _("Pattern")
        DOMAIN = "domain", _("Domain of a link")
        WRITER = "writer", _("Email address, or its domain")

    blog = models.ForeignKey(Blog, models.CASCADE, null=True, blank=True, related_name="+", help_text=_("Empty: all"))
    kind = models.CharField(max_length=8, choices=Kind)
    entry = models.CharField(max_length=200)
    mailbox = models.CharField(max_length=16, blank=True, editable=False)
    shadow = models.BooleanField(default=False, help_text=_("Record what it would hold, and hold nothing"))
    blur = models.BooleanField(
        default=False, db_default=False, help_text=_("Hide the text at the desk until somebody asks for it")
    )
    expires_on = models.DateField(null=True, blank=True, help_text=_("From this day on it does not count"))
    why = models.CharField(max_length=200, blank=True, help_text=_("For colleagues"))
    hits = models.PositiveIntegerField(default=0, editable=False)
    last_hit_at = models.DateTimeField(null=True, editable=False)
    changed_at = models.DateTimeField(auto_now=True)

    objects = ListEntryQuerySet.as_manager()

    class Meta:
        ordering = ["kind", "entry", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["blog", "kind", "entry"], name="listed_once", nulls_distinct=False)
        ]

    def __str__(self) -> str:
        return self.entry

    @property
    def word(self) -> str:
        """What the desk is told of it: of a writer nothing, whose address not everybody there may see."""
        return "" if self.kind == self.Kind.WRITER else self.entry

    def clean(self) -> None:
        """Raises ValidationError for what could never match, or could take too long."""
        self.entry = self.entry.strip()
        match self.kind:
            case self.Kind.WORDS:
                self._clean_words()
            case self.Kind.PATTERN:
                self._clean_pattern()
            case self.Kind.DOMAIN:
                self._clean_domain()
            case self.Kind.WRITER:
                self._clean_writer()

    def would_hold(self, comments: Iterable["Comment"]) -> list["Comment"]:
        """Which of these comments it would have held."""
        alone = Matcher.of([self])
        return [comment for comment in comments if any(alone.hits(comment))]

    def _clean_words(self) -> None:
        if not fold(self.entry).words():
            raise ValidationError({"entry": _("Enter a word with a letter or a number")})

    def _clean_pattern(self) -> None:
        try:
            matches_all = _compiled(self.entry).search("") is not None
        except re2.error as error:
            raise ValidationError({"entry": _("The pattern cannot be used: %s") % _said(error)}) from error
        if matches_all:
            raise ValidationError({"entry": _("The pattern matches every comment")})

    def _clean_domain(self) -> None:
        self.entry = self.entry.lower().removeprefix("https://").removeprefix("http://").removeprefix("*").strip("/.")
        if not HOST.fullmatch(_looked_up(self.entry)):
            raise ValidationError({"entry": _("Enter a domain, like example.org")})

    def _clean_writer(self) -> None:
        """Of an address only the keyed hash is kept, as of every mailbox that we know only to know it again."""
        name, _at, domain = self.entry.rpartition("@")
        try:
            address = clean_address(f"{name or 'any'}@{domain}")
        except ValidationError as error:
            raise ValidationError({"entry": _("Enter an email address, like name@example.com, or a domain")}) from error
        if name:
            self.mailbox = mailbox(address)
            self.entry = f"address {self.mailbox}"
        elif not self.mailbox:
            self.entry = f"@{address.rpartition('@')[2]}"


@dataclass(frozen=True)
class Hit:
    """An entry that matched, and where in the text."""

    entry: ListEntry
    spans: tuple[tuple[int, int], ...] = ()


@dataclass
class Matcher:
    """Listed things, sorted for looking up."""

    phrases: dict[tuple[str, ...], ListEntry] = field(default_factory=dict)
    lengths: set[int] = field(default_factory=set)
    patterns: list[tuple[Any, ListEntry]] = field(default_factory=list)
    domains: dict[str, ListEntry] = field(default_factory=dict)
    writers: dict[str, ListEntry] = field(default_factory=dict)

    @classmethod
    def of(cls, entries: Iterable[ListEntry]) -> "Matcher":
        """For these entries. Of two for the same, the one that acts counts, and the one that hides more."""
        made = cls()
        for entry in sorted(entries, key=lambda entry: (not entry.shadow, entry.blur)):
            made._add(entry)
        return made

    def hits(self, comment: "Comment") -> Iterator[Hit]:
        """What is listed of this comment, each entry once."""
        if self == NOTHING_LISTED:
            return
        folded = fold(comment.text)
        yield from self._phrases_in(folded)
        yield from self._patterns_in(folded)
        yield from map(Hit, self._known(self.domains, _hosts(comment.text)))
        domain = comment.address.lower().rpartition("@")[2]
        box = comment.mailbox or (mailbox(comment.address) if comment.address else "")
        yield from map(Hit, self._known(self.writers, [box, domain]))

    def _phrases_in(self, folded: Folded) -> Iterator[Hit]:
        words = folded.words()
        found: dict[int, tuple[ListEntry, list[tuple[int, int]]]] = {}
        for length in self.lengths:
            for first in range(len(words) - length + 1):
                run = words[first : first + length]
                if entry := self.phrases.get(tuple(word for word, _start, _end in run)):
                    place = folded.span(run[0][1], run[-1][2])
                    found.setdefault(id(entry), (entry, []))[1].append(place)
        yield from (Hit(entry, tuple(spans)) for entry, spans in found.values())

    def _patterns_in(self, folded: Folded) -> Iterator[Hit]:
        for pattern, entry in self.patterns:
            if spans := [folded.span(*match.span()) for match in pattern.finditer(folded.text) if match.group()]:
                yield Hit(entry, tuple(spans))

    def _add(self, entry: ListEntry) -> None:
        match entry.kind:
            case ListEntry.Kind.WORDS:
                phrase = tuple(word for word, _start, _end in fold(entry.entry).words())
                self.phrases[phrase] = entry
                self.lengths.add(len(phrase))
            case ListEntry.Kind.PATTERN:
                self.patterns.append((_compiled(entry.entry), entry))
            case ListEntry.Kind.DOMAIN:
                self.domains[_looked_up(entry.entry)] = entry
            case ListEntry.Kind.WRITER:
                self.writers[entry.mailbox or entry.entry.removeprefix("@")] = entry

    @staticmethod
    def _known(listed: dict[str, ListEntry], names: Iterable[str]) -> list[ListEntry]:
        """Those that stand for one of these names, or a domain that one is in."""
        if not listed:
            return []
        all_names = {part for name in names if name for part in _with_parents(name)}
        return [listed[name] for name in sorted(all_names & listed.keys())]


NOTHING_LISTED = Matcher()


@lru_cache(maxsize=64)
def _matcher(blog: int, day: datetime.date, state: Hashable) -> Matcher:
    return Matcher.of(ListEntry.objects.in_force(blog, day))


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> Any:
    options = re2.Options()
    options.max_mem, options.log_errors, options.case_sensitive = MEMORY, False, False
    return re2.compile(pattern, options)


def _hosts(text: str) -> Iterator[str]:
    """Those that a text links to or names, as domains are looked up."""
    yield from map(_looked_up, HOST.findall(fold(text.lower()).text))


def _looked_up(domain: str) -> str:
    """A domain as it is looked up: folded, whether it was written in its own script or in Punycode."""
    return ".".join(map(_read, fold(domain.lower()).text.split(".")))


def _read(label: str) -> str:
    """“xn--bcher-kva” as one reads it, folded; any other label, or one that stands for nothing, as it is."""
    if not label.startswith("xn--"):
        return label
    try:
        return fold(label[4:].encode("ascii").decode("punycode").lower()).text
    except UnicodeError:
        return label


def _with_parents(name: str) -> list[str]:
    """“a.b.org”, “b.org”, “org”: a listed domain stands for all that is below it."""
    parts = name.split(".")[-LABELS:]
    return [".".join(parts[start:]) for start in range(len(parts))]


def _said(error: re2.error) -> str:
    """What RE2 has against a pattern: it says so in bytes."""
    words = error.args[0] if error.args else ""
    return words.decode() if isinstance(words, bytes) else str(words)
