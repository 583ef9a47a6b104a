"""How likely a comment is spam, learnt from this installation's own decisions (naive Bayes). It only sorts.

Words are kept as keyed hashes with two counts each. Nothing leaves the server, nobody is refused or hidden by it, and
until it has proved itself on the decisions of late, it stays in shadow: it scores, sorts nothing, and nobody is shown
it. One thing it does even then, to be on the safe side: what it finds likely is not published at once (ADR 12).
"""

import datetime
import hashlib
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import connection, models, transaction
from django.utils import timezone

from moderation.folding import fold

if TYPE_CHECKING:
    from moderation.models import Comment

FEWEST = 50  # comments of each kind before it says anything
LIKELY = 90  # per cent
JUDGED_ON = 200  # of the comments that it found likely and that were decided, the latest so many
PROVED_ON = 50  # at least
PRECISION = 0.99
STRONGEST = 25  # words of a comment that count
LONGEST = 400  # words of a comment that are read


class Word(models.Model):
    """A word, as a keyed hash, and in how many comments of each kind it stood."""

    key = models.BigIntegerField(primary_key=True)
    spam = models.IntegerField(default=0)
    honest = models.IntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.spam} : {self.honest}"


class Learnt(models.Model):
    """How far it has read the decisions, and how many comments of each kind it knows. One row."""

    decision = models.PositiveBigIntegerField(default=0)
    spam = models.IntegerField(default=0)
    honest = models.IntegerField(default=0)

    def __str__(self) -> str:
        return f"up to decision {self.decision}"


@dataclass(frozen=True)
class Score:
    """Per cent, and the words that weighed most, each with its own weight: above 0 speaks for spam."""

    percent: int
    words: tuple[tuple[str, float], ...]


def score(comment: "Comment") -> Score | None:
    """How likely it is spam; None before there are enough decisions to tell."""
    known = Learnt.objects.first()
    if known is None or min(known.spam, known.honest) < FEWEST:
        return None
    words = _words(comment)
    counts = Word.objects.in_bulk(list(words))
    weights = {
        words[key]: _weight(row.spam, row.honest, known) for key, row in counts.items() if row.spam + row.honest > 1
    }
    strongest = sorted(weights.items(), key=lambda pair: -abs(pair[1]))[:STRONGEST]
    odds = sum(weight for _word, weight in strongest)
    percent = round(100 / (1 + math.exp(-max(-30, min(30, odds)))))
    return Score(percent, tuple(strongest[:5]))


def learn(decisions: Any) -> int:
    """Read the decisions that were taken since the last time, and can no longer be undone on the spot; how many.

    An undo takes back what the decision before it taught. Two at once read each decision once: the row is locked.
    """
    grace = timezone.now() - datetime.timedelta(seconds=settings.UNDO_SECONDS)
    Learnt.objects.get_or_create(pk=1)
    with transaction.atomic():
        known = Learnt.objects.select_for_update().get(pk=1)
        fresh = list(decisions.filter(pk__gt=known.decision, made_at__lt=grace).select_related("comment")[:500])
        for decision in fresh:
            _take_in(known, decision)
        known.save()
    return len(fresh)


def is_proved(comments: Any) -> bool:
    """Whether it may sort: it was right about 99 of 100 comments that it found likely, of those decided lately."""
    decided = comments.filter(state__in=["approved", "rejected", "spam"], decided_at__isnull=False)
    found = decided.filter(spam_percent__gte=LIKELY)
    states = list(found.order_by("-decided_at").values_list("state", flat=True)[:JUDGED_ON])
    return len(states) >= PROVED_ON and states.count("spam") / len(states) >= PRECISION


def _take_in(known: Learnt, decision: Any) -> None:
    known.decision = decision.pk
    outcome, sign = decision.outcome, 1
    if outcome in {"undone", "reopened"}:
        before = decision.comment.decisions.filter(pk__lt=decision.pk).order_by("-pk").first()
        outcome, sign = before.outcome if before else "", -1
    if outcome == "cleared" and decision.comment.at_once:  # its approval, which nobody had taken before
        outcome = "approved"
    if outcome not in {"spam", "approved"}:
        return
    spam, honest = (sign, 0) if outcome == "spam" else (0, sign)
    known.spam, known.honest = known.spam + spam, known.honest + honest
    _count(_words(decision.comment), spam, honest)


def _count(keys: Iterable[int], spam: int, honest: int) -> None:
    """In the order of their numbers, so that two at once wait for each other and never both."""
    table = connection.ops.quote_name(Word._meta.db_table)
    rows = [(key, spam, honest, spam, honest) for key in sorted(keys)]
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {table} (key, spam, honest) VALUES (%s, %s, %s)"  # noqa: S608
            f" ON CONFLICT (key) DO UPDATE SET spam = {table}.spam + %s, honest = {table}.honest + %s",
            rows,
        )


def _weight(spam: int, honest: int, known: Learnt) -> float:
    """The logarithm of how much more often the word stands in spam; rare words weigh little (Laplace)."""
    return math.log((spam + 1) / (known.spam + 2)) - math.log((honest + 1) / (known.honest + 2))


def _words(comment: "Comment") -> dict[int, str]:
    """The words of its text and name, as they stand there, by key: what looks alike is the same word."""
    text = f"{comment.text} {comment.name}"
    folded = fold(text)
    found = folded.words()[:LONGEST]
    return {_key(word): text[slice(*folded.span(start, end))] for word, start, end in found if len(word) > 2}


def _key(word: str) -> int:
    digest = hashlib.blake2b(word.encode(), digest_size=8, key=settings.MAILBOX_KEY.encode()[:64]).digest()
    return int.from_bytes(digest, signed=True)
