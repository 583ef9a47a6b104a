"""Sends sub-batches on several kept connections at once, from one thread.

A connection that breaks is opened again for what is left of its sub-batch. One that breaks again and again, or cannot
be opened, is given up: the others take over its work, and what nobody could take is deferred.
"""

import logging
import selectors
import smtplib
import socket
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

from django.conf import settings

from mail import lease
from mail.batch import Batch, Item
from mail.connection import Connection, Server
from mail.conversation import Lost
from mail.mime import Mould
from mail.models import Delivery, Mailout
from mail.smtp import About

log = logging.getLogger(__name__)

READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE
TICK = 0.25  # seconds between looks at the clock
COMPANY = 0.005  # seconds that who is done waits, at most, until half of all are: see _employ
FRUITLESS = 2  # how often in a row a connection may break before the server decided on one mail

More = Callable[[int], list[list[Item]]]
Settle = Callable[..., None]
Renew = Callable[[list[Batch]], object]


def send(more: Callable[[int], list[Sequence[Delivery]]], settle: Settle) -> None:
    """Send what the ledger handed over, from one mould a mailout, on POSTBAG_MAIL_CONNECTIONS connections."""
    moulds: dict[int, Mould] = {}

    def more_items(count: int) -> list[list[Item]]:
        batches = more(count)
        wanted = {delivery.mailout_id for batch in batches for delivery in batch}
        if wanted != moulds.keys():
            kept = {number: mould for number, mould in moulds.items() if number in wanted}
            moulds.clear()
            missing = Mailout.objects.filter(pk__in=wanted - kept.keys())
            moulds.update(kept | {mailout.pk: Mould(mailout) for mailout in missing})
        return [[_item(moulds[delivery.mailout_id], delivery) for delivery in batch] for batch in batches]

    send_all(more_items, settle, settings.MAIL_CONNECTIONS, renew=lease.renew)


def _item(mould: Mould, delivery: Delivery) -> Item:
    return Item(delivery, mould.return_path(delivery), delivery.address, partial(mould.cast, delivery), mould.has_dots)


def send_all(
    more: More, settle: Settle, connections: int = 8, server: Server | None = None, renew: Renew = lambda _: None
) -> None:
    """Send every sub-batch, one at a time on each connection, and settle each as soon as it is done.

    `more` is asked for sub-batches when connections are free, for as many at most; none ends the sending. `settle` gets
    the outcomes of each that is done by then, one for each Item. `renew` is called every now and then, with what is
    under way. When `more` or `settle` raises, what is under way is still finished and settled; then it is raised from
    here.
    """
    _Pipeline(server or Server.from_settings(), more, settle, renew).run(connections)


class _Pipeline:
    def __init__(self, server: Server, more: More, settle: Settle, renew: Renew) -> None:
        self._server = server
        self._more = more
        self._settle = settle
        self._renew = renew
        self._lease = lease.safe()  # what is not begun by then goes back
        self._renewed = time.monotonic()
        self._open: set[Connection] = set()
        self._free: set[Connection] = set()  # of those, who are done with their sub-batch
        self._opening: dict[Future[Connection], tuple[Batch, int]] = {}
        self._spare: list[tuple[Batch, str]] = []  # what given-up connections left, and why they were given up
        self._error: Exception | None = None
        self._vacancies = 0
        self._looked = 0.0
        self._waiting = 0.0  # since when the first of the free is

    def run(self, connections: int) -> None:
        """Work until nothing is left to do."""
        self._selector, (self._doorbell, self._bell) = selectors.DefaultSelector(), socket.socketpair()
        with self._selector, self._doorbell, self._bell, ThreadPoolExecutor(connections) as self._openers:
            self._selector.register(self._doorbell, READ)
            try:
                self._vacancies = connections - 1
                for batch in self._take(1):
                    self._hire(batch)
                while self._open or self._opening:
                    self._turn()
            finally:
                for connection in self._open:
                    connection.close()
        for batch, why in self._spare:
            batch.end(Delivery.State.DEFERRED, why, About.SERVER)
            self._finish(batch)
        if self._error:
            raise self._error

    def _turn(self) -> None:
        for key, mask in self._selector.select(COMPANY if self._free else min(TICK, self._lease / 3)):
            if key.data:
                self._attend(key.data, mask)
            else:
                self._welcome()
        if self._free and (2 * len(self._free) >= len(self._open) or time.monotonic() > self._waiting + COMPANY):
            self._employ()
        if time.monotonic() > self._looked + TICK:
            self._dismiss_overdue()
        if time.monotonic() > self._renewed + self._lease / 3:
            self._keep()

    def _keep(self) -> None:
        """Renew the leases of all that is in our hands."""
        self._renewed = time.monotonic()
        given = [batch for batch, _ in [*self._opening.values(), *self._spare]]
        self._renew([*given, *(connection.batch for connection in self._open if connection.batch)])

    # Connections come and go

    def _hire(self, batch: Batch, fruitless: int = 0) -> None:
        """Open a connection for this sub-batch, in a thread that rings when it is open."""
        future = self._openers.submit(self._server.connect)
        self._opening[future] = batch, fruitless
        future.add_done_callback(lambda _: self._bell.send(b"!"))

    def _hire_others(self) -> None:
        """Only once the first one is open: when the server is away, one sub-batch is deferred, not one for each."""
        while self._vacancies and (batches := self._take(self._vacancies)):
            self._vacancies -= len(batches)
            for batch in batches:
                self._hire(batch)
        self._vacancies = 0

    def _welcome(self) -> None:
        """Put to work what is open now."""
        self._doorbell.recv(4096)
        for future in [future for future in self._opening if future.done()]:
            batch, fruitless = self._opening.pop(future)
            try:
                connection = future.result()
            except Exception as error:
                self._give_up(batch, _words(error))
            else:
                self._hire_others()
                connection.fruitless = fruitless
                self._open.add(connection)
                self._selector.register(connection.sock, READ, connection)
                connection.watched = READ
                self._start(connection, batch)

    def _attend(self, connection: Connection, mask: int) -> None:
        try:
            if mask & READ:
                connection.read()
            connection.write()
        except OSError as error:
            self._lose(connection, _words(error))
            return
        self._watch(connection)
        if connection.talk.awaits is None:
            self._is_done(connection)

    def _is_done(self, connection: Connection) -> None:
        """With its sub-batch, or with its goodbye."""
        if not connection.batch:
            self._dismiss(connection)
            return
        if not self._free:
            self._waiting = time.monotonic()
        self._free.add(connection)

    def _start(self, connection: Connection, batch: Batch) -> None:
        connection.start(batch)
        self._attend(connection, 0)

    def _employ(self) -> None:
        """Settle what is done, and give those who are free more to do, or let them go: all of them at once.

        To settle and hand over one sub-batch alone costs half as much again as with three others: 10 µs a mail.
        """
        while self._free:
            free, self._free = list(self._free), set()
            self._finish(*[connection.batch for connection in free if connection.batch])
            while free and (batches := self._take(len(free))):
                for batch in batches:
                    self._start(free.pop(), batch)
            for connection in free:
                connection.quit()
                self._attend(connection, 0)

    def _watch(self, connection: Connection) -> None:
        wanted = READ | WRITE if connection.talk.outgoing else READ
        if wanted != connection.watched:
            self._selector.modify(connection.sock, wanted, connection)
            connection.watched = wanted

    def _dismiss_overdue(self) -> None:
        self._looked = time.monotonic()
        for connection in [connection for connection in self._open if connection.is_overdue()]:
            self._lose(connection, f"no answer to {connection.talk.awaits} in time")

    def _lose(self, connection: Connection, why: str) -> None:
        """It broke: settle what was under way, and go on with what is left of its sub-batch."""
        self._dismiss(connection)
        if not (batch := connection.batch):  # it was saying goodbye
            return
        log.warning("a connection to the mail server broke: %s", why)
        connection.talk.broken(why)
        fruitless = 0 if connection.talk.reports else connection.fruitless + 1
        if fruitless > FRUITLESS:
            self._give_up(batch, why)
        elif batch.is_done:
            self._finish(batch)
            for more in self._take(1):
                self._hire(more, fruitless)
        else:
            self._hire(batch, fruitless)

    def _dismiss(self, connection: Connection) -> None:
        self._selector.unregister(connection.sock)
        self._open.remove(connection)
        self._free.discard(connection)
        connection.close()

    def _give_up(self, batch: Batch, why: str) -> None:
        log.warning("the mail server is away: %s", why)
        self._spare.append((batch, why))

    # Work comes and goes

    def _take(self, count: int) -> list[Batch]:
        """Work for so many connections, or for fewer of them; for none when nothing is left."""
        if self._spare:
            return [self._spare.pop()[0]]
        try:
            batches = self._more(count)
        except Exception as error:
            self._stop(error)
            return []
        if not batches:
            self._more = _no_more
        return [Batch(items, self._lease) for items in batches]

    def _finish(self, *batches: Batch) -> None:
        try:
            if batches:
                self._settle(*[batch.outcomes for batch in batches])
        except Exception as error:
            self._stop(error)

    def _stop(self, error: Exception) -> None:
        """Take no more work: `run` raises this when what is under way is settled."""
        self._error, self._more = self._error or error, _no_more


def _no_more(_count: int) -> list[list[Item]]:
    return []


def _words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):  # to the greeting, or to signing in
        answer = error.smtp_error
        return f"{error.smtp_code} {answer.decode('utf-8', 'replace') if isinstance(answer, bytes) else answer}"
    return str(error) if isinstance(error, Lost) else f"{error.__class__.__name__}: {error}"
