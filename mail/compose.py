"""Writes down what mail is owed. Nothing else of ours makes a mail."""

import base64
import datetime
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils import timezone

from mail import budgets, hints
from mail.addresses import mailbox
from mail.models import Delivery, Lane, Mailout
from postbag import statements
from postbag.statements import New


class Marks(dict[str, str]):
    """What stands in a body for a token of each purpose, until the sender knows the recipient."""

    def __missing__(self, purpose: str) -> str:
        self[purpose] = base64.b32encode(secrets.token_bytes(25)).decode().lower()
        return self[purpose]


@dataclass
class Letter:
    """A mail's words: `template` names `….subject.txt`, `….txt` and `….html`."""

    kind: str
    template: str
    sender: str
    context: Mapping[str, Any]
    marks: Marks = field(default_factory=Marks)
    owner: int | None = None
    unsubscribe: str = ""
    list_id: str = ""

    @cached_property
    def words(self) -> dict[str, str]:
        """Subject, text and HTML, rendered once. The subject is one line, whatever a title holds."""
        subject = " ".join(render_to_string(f"{self.template}.subject.txt", self.context).split())
        bodies = {kind: render_to_string(f"{self.template}.{kind}", self.context) for kind in ["txt", "html"]}
        return {"subject": subject[:300], "text": bodies["txt"], "html": bodies["html"]}

    def mailout(self, lane: Lane) -> Mailout:
        """An unsaved Mailout of these words."""
        return Mailout(
            **self.words,
            kind=self.kind,
            owner=self.owner,
            lane=lane,
            sender=self.sender,
            marks=dict(self.marks),
            unsubscribe=self.unsubscribe,
            list_id=self.list_id,
        )


def owe(letter: Letter, to: str, about: int, serial: int = 0, delay: int = 0, box: str = "") -> Delivery:
    """Owe `letter` to one address, not before `delay` seconds from now. `box` is its mailbox, where that is known.

    Call it in the transaction that owes the mail. A suppressed mailbox gets its row, and no mail.
    """
    mailout, delivery = _rows(letter, to, about, serial, delay, box)
    statements.insert_chain(New(mailout), New(delivery, links={"mailout": mailout}))
    _tell(delay)
    return delivery


def owe_with(first: New, letter: Letter, to: str, delay: int = 0, box: str = "") -> bool:
    """Store `first` and owe `letter` about it, both or neither: it needs no transaction. The rest is as for `owe`.

    When the mailbox's budget is used up, no mail is owed. False when `first` met a conflict: then nothing is done.
    """
    mailout, delivery = _rows(letter, to, delay=delay, box=box)
    counters = budgets.counters(delivery.mailbox)
    mail = [New(mailout), New(delivery, links={"mailout": mailout, "about": first.row})] if counters else []
    statements.insert_chain(first, *counters, *mail)
    if delivery.pk:
        _tell(delay)
    else:
        budgets.give_back(counter for counter in counters if counter.row.pk)
    return bool(first.row.pk)


def _rows(
    letter: Letter, to: str, about: int = 0, serial: int = 0, delay: int = 0, box: str = ""
) -> tuple[Mailout, Delivery]:
    mailout = letter.mailout(Lane.NOW)
    mailout.state, mailout.candidates, mailout.prepared = Mailout.State.READY, 1, 1
    delivery = Delivery(
        address=to,
        mailbox=box or mailbox(to),
        about=about,
        serial=serial % 256,
        due_at=timezone.now() + datetime.timedelta(seconds=delay),
    )
    return mailout, delivery


def _tell(delay: int) -> None:
    transaction.on_commit(lambda: hints.tell_soon("mail.tasks.drain_now", delay), robust=True)


def owe_all(letter: Letter, lane: Lane, audience: QuerySet[Any]) -> Mailout:
    """Owe `letter` to everybody in `audience` (see `Mailout.freeze`)."""
    mailout = letter.mailout(lane)
    with transaction.atomic():
        mailout.save()
        mailout.freeze(audience)
    transaction.on_commit(lambda: hints.tell_soon("mail.tasks.drain_bulk"), robust=True)
    return mailout


def owe_test(mailout: Mailout, to: str) -> Delivery:
    """Owe a copy of this mail to one address, marked as a test. Its personal links lead nowhere."""
    with transaction.atomic():
        copy = Mailout(kind="test", lane=Lane.NOW, state=Mailout.State.READY, candidates=1, prepared=1)
        copy.sender, copy.text, copy.html, copy.marks = mailout.sender, mailout.text, mailout.html, mailout.marks
        copy.subject = f"[Test] {mailout.subject}"[:300]
        copy.save()
        delivery = Delivery.objects.create(
            mailout=copy, address=to, mailbox=mailbox(to), about=0, due_at=timezone.now()
        )
        transaction.on_commit(lambda: hints.tell_soon("mail.tasks.drain_now"), robust=True)
    return delivery
