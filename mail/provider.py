"""Sends through a provider's API, by django-anymail: one call for many recipients where the provider has such calls.

The ledger is the same, and so is what it guarantees: a sub-batch is handed over before its call, and each recipient's
answer is settled by itself. A call whose end is not known is uncertain for all who are in it. It carries a key where
the provider knows repeated calls by one: then even that repeats nothing.
"""

import hashlib
import logging
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace

from anymail.exceptions import AnymailError
from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone

from mail import verp
from mail.answers import check, outcome, verdict
from mail.backends import Call
from mail.mime import ADDRESS
from mail.models import Delivery, Mailout
from mail.smtp import About, Outcome, headers, personal

log = logging.getLogger(__name__)
State = Delivery.State
KEY = "postbag"  # under which the token of a delivery travels, and comes back with each event
OWN_HEADERS = {"Message-ID", "List-Unsubscribe"}  # each recipient's


@dataclass(frozen=True)
class Way:
    """How a provider takes many mails in one call: `most` of them.

    `backend` puts each recipient's tokens into their own copy; or the provider does it, for fields written as `field`.
    """

    most: int
    backend: str = ""
    field: str = ""


# The others tell less of each recipient, or keep no headers of each; they get one call a mail.
WAYS = {
    "anymail.backends.brevo.EmailBackend": Way(1000, "mail.backends.Brevo"),
    "anymail.backends.mailgun.EmailBackend": Way(1000, field="%recipient.{}%"),
    "anymail.backends.postmark.EmailBackend": Way(500, "mail.backends.Postmark"),
    "anymail.backends.resend.EmailBackend": Way(100, "mail.backends.Resend"),
}
ALONE = Way(1)


def is_used() -> bool:
    """Whether mail goes through a provider's API."""
    return bool(settings.EMAIL_BACKEND.startswith("anymail."))


def send(more: Callable[[int], list[Sequence[Delivery]]], settle: Callable[[Iterable[Outcome]], None]) -> None:
    """Send what the ledger handed over, POSTBAG_MAIL_CONNECTIONS sub-batches at a time, settling each at its end.

    What is under way is settled even when `more` raises.
    """
    with ThreadPoolExecutor(settings.MAIL_CONNECTIONS) as pool:
        under_way: set[Future[list[Outcome]]] = set()
        try:
            while batches := more(1):
                under_way.add(pool.submit(send_batch, _with_words(*batches)))
                if len(under_way) >= settings.MAIL_CONNECTIONS:
                    under_way = _settle_done(under_way, settle)
        finally:
            while under_way:
                under_way = _settle_done(under_way, settle)


def send_batch(batch: Sequence[Delivery]) -> list[Outcome]:
    """Send these, in as few calls as the provider allows. Asks no database: it runs in threads.

    A call that is refused as a whole is made again for each alone: nobody's mail is refused for another's address.
    """
    outcomes: list[Outcome] = []
    waiting = deque(_groups(batch))
    connection = get_connection(_way().backend or None)
    connection.open()
    try:
        while waiting:
            group = waiting.popleft()
            if outcomes and outcomes[-1].about is About.SERVER:
                outcomes += [replace(outcomes[-1], delivery=delivery) for delivery in group]
            elif _is_late(group[0]):
                outcomes += [Outcome(delivery, State.PENDING) for delivery in group]
            elif (told := _call(connection, group)) is None:
                waiting.extendleft([delivery] for delivery in reversed(group))
            else:
                outcomes += told
    finally:
        connection.close()
    return outcomes


def _settle_done(under_way: set[Future[list[Outcome]]], settle: Callable) -> set[Future[list[Outcome]]]:
    done, others = wait(under_way, return_when=FIRST_COMPLETED)
    for future in done:
        settle(future.result())
    return others


def _with_words(batch: Sequence[Delivery]) -> Sequence[Delivery]:
    """The hand-over leaves the bodies where they are."""
    mailouts = Mailout.objects.in_bulk({delivery.mailout_id for delivery in batch})
    for delivery in batch:
        delivery.mailout = mailouts.get(delivery.mailout_id, delivery.mailout)
    return batch


def _way() -> Way:
    return WAYS.get(settings.EMAIL_BACKEND, ALONE)


def _is_late(delivery: Delivery) -> bool:
    """Whether a call could still be under way when somebody else may send this mail. Both its time-outs may be used."""
    longest = 2 * float(settings.ANYMAIL.get("REQUESTS_TIMEOUT", 30))
    left = (delivery.lease_until - timezone.now()).total_seconds() if delivery.lease_until else 0
    return left < min(longest * 1.1, settings.MAIL_LEASE_SECONDS * 0.9)


def _groups(batch: Sequence[Delivery]) -> Iterator[list[Delivery]]:
    """Those that can go in one call. Providers' answers are by address, and some tell no capitals apart."""
    way, before = _way(), Counter[tuple[int, str]]()
    groups: dict[tuple[int, int], list[Delivery]] = {}
    for delivery in batch:
        known = delivery.mailout_id, delivery.address.lower()
        groups.setdefault((delivery.mailout_id, before[known]), []).append(delivery)
        before[known] += 1
    for group in groups.values():
        most = way.most if _fits(group[0].mailout, way) else 1
        yield from ([*group[start : start + most]] for start in range(0, len(group), most))


def _fits(mailout: Mailout, way: Way) -> bool:
    """Whether its words hold nothing that the provider would take for a field of its own."""
    sign = way.field.partition("{")[0]
    return not sign or not any(sign in words for words in (mailout.subject, mailout.text, mailout.html))


def _call(connection: BaseEmailBackend, group: Sequence[Delivery]) -> list[Outcome] | None:
    """One call. None when a call for many is refused as a whole, which may be because of one of them."""
    try:
        call = _compose(group)
        connection.ignore_recipient_status = len(group) > 1  # type: ignore[attr-defined]
        connection.send_messages([call])
        check(call)
    except AnymailError as error:
        told = verdict(error)
    except Exception as error:
        log.exception("delivery %s cannot be composed", group[0].pk)
        told = State.REJECTED, f"{error.__class__.__name__}: {error}"[:200], About.RECIPIENT
    else:
        return [outcome(call, delivery, len(group) > 1) for delivery in group]
    if told[0] == State.REJECTED and len(group) > 1:
        return None
    return [Outcome(delivery, *told) for delivery in group]


def _compose(group: Sequence[Delivery]) -> Call:
    """The mail to these. Raises ValueError for an address that cannot stand in a header."""
    if not all(ADDRESS.fullmatch(delivery.address) for delivery in group):
        raise ValueError("the address is not one that mail can be sent to")  # it was erased, perhaps
    first, alone = group[0], len(group) == 1
    mailout, way = first.mailout, _way()
    fields = {mark: way.field.format(f"t{number}") for number, mark in enumerate(mailout.marks.values())}
    words = [_filled(part, {} if alone or not way.field else fields) for part in (mailout.text, mailout.html)]
    if alone:
        words = [personal(part, first) for part in words]
    call = Call(mailout.subject, words[0], mailout.sender, [delivery.address for delivery in group])
    call.key = hashlib.blake2b(" ".join(row.message_id for row in group).encode(), digest_size=16).hexdigest()
    if words[1]:
        call.attach_alternative(words[1], "text/html")
    shared = headers(first)
    if alone:
        call.metadata = {KEY: verp.token(first)}
    else:
        shared = {name: value for name, value in shared.items() if name not in OWN_HEADERS}
        _make_personal(call, group, fields)
    call.extra_headers = shared
    return call


def _make_personal(call: Call, group: Sequence[Delivery], fields: dict[str, str]) -> None:
    """What each recipient has for their own."""
    call.tokens, call.merge_metadata, call.merge_headers, call.merge_data = {}, {}, {}, {}
    for delivery in group:
        address = delivery.address
        tokens = {mark: delivery.token(purpose) for purpose, mark in delivery.mailout.marks.items()}
        call.tokens[address] = tokens
        call.merge_metadata[address] = {KEY: verp.token(delivery)}
        own = headers(delivery)
        call.merge_headers[address] = {name: own[name] for name in OWN_HEADERS & own.keys()}
        call.merge_data[address] = {f"t{number}": token for number, token in enumerate(tokens.values())}
    if not any(fields.values()):
        del call.merge_data  # tokens go into each copy


def _filled(words: str, fields: dict[str, str]) -> str:
    for mark, field in fields.items():
        words = words.replace(mark, field)
    return words
