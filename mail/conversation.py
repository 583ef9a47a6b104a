"""One SMTP conversation, as bytes in and bytes out: what may be said next, and which mail an answer is about.

With PIPELINING (RFC 2920) a mail costs one round trip; without it, the same steps go one at a time:

    MAIL RCPT DATA                  →
                                    ←  250  250  354
    content .  MAIL RCPT DATA       →                     the envelope of the next mail travels with the content
                                    ←  250  250  250  354

Only DATA must be answered before anything follows it.
"""

import enum
import logging
import re
from collections import deque
from collections.abc import Collection
from dataclasses import dataclass

from mail.batch import Batch, Item
from mail.models import Delivery
from mail.smtp import About

log = logging.getLogger(__name__)
State = Delivery.State
Verdict = tuple[Delivery.State, str, About]

REPLY = re.compile(rb"[2-5]\d\d(?:[ -]|\r?$)")  # RFC 5321 section 4.2
WELL = re.compile(rb"(?:250 [^\n]*\n){3}354 [^\n]*\n")  # to the content of one mail and the envelope of the next
LONGEST = 4096  # bytes that an answer's line may have; RFC 5321 allows 512
DOT_FIRST = re.compile(rb"\n\.")  # to search for it takes a third of the time that bytes.replace takes to find none
NOT_IN_PATH = re.compile(r"[\s\x00-\x1f\x7f<>]")


class Lost(OSError):
    """The conversation cannot go on: the server ended it, or says what makes no sense."""


class Stage(enum.StrEnum):
    MAIL = "MAIL"
    RCPT = "RCPT"
    DATA = "DATA"
    CONTENT = "the content"
    NOTHING = "no content"
    RSET = "RSET"
    QUIT = "QUIT"


ENVELOPE = (Stage.MAIL, Stage.RCPT)


@dataclass(eq=False, slots=True)
class Step:
    """Something to say that has one answer. `end` is where it ends in all that was ever said here, in bytes."""

    stage: Stage
    line: bytes
    item: Item | None = None
    end: int = 0


class Conversation:
    """What is said after the greeting, on one connection to a server with these `features`.

    What comes in goes to `receive`; what is in `outgoing` goes out, and `sent` says how much of it did. At any time the
    content of one mail and the envelope of the next are under way, no more.
    """

    def __init__(self, features: Collection[str]) -> None:
        self.outgoing = b""
        self.answers = 0
        self.reports = 0  # mails that the server decided on
        self._features = features
        self._pipelines = "pipelining" in features
        self._batch = Batch([], 0)
        self._todo: deque[Step] = deque()
        self._awaited: deque[Step] = deque()
        self._said = self._gone = 0  # bytes, since the beginning
        self._content = b""  # of the envelope under way, and what was said against it
        self._refusal: Verdict | None = None
        self._line = b""
        self._words: list[bytes] = []

    @property
    def awaits(self) -> Stage | None:
        """What the server has to answer next; None when it is our turn."""
        return self._awaited[0].stage if self._awaited else None

    def start(self, batch: Batch) -> None:
        """Begin with a sub-batch. It is done, or there is something to answer, when this returns."""
        self._batch = batch
        self._begin()
        self._speak()

    def quit(self) -> None:
        self._todo.append(Step(Stage.QUIT, b"QUIT\r\n"))
        self._speak()

    def sent(self, count: int) -> None:
        self.outgoing = self.outgoing[count:]
        self._gone += count

    def receive(self, data: bytes) -> None:
        """Take in what the server says. Raises Lost."""
        if self._is_in_full_swing and WELL.fullmatch(data):
            self._went_well()
        else:
            self._read(data)
        self._speak()

    @property
    def _is_in_full_swing(self) -> bool:
        """Whether the answers to come are four: the last three are about the next mail's MAIL, RCPT and DATA."""
        awaited = self._awaited
        return len(awaited) == 4 and awaited[3].stage is Stage.DATA and not self._words and not self._line

    def _went_well(self) -> None:
        """What nearly every mail is answered, taken in at once."""
        self.answers += 4
        self._follow(self._awaited.popleft(), 250, "")
        self._awaited.popleft()
        self._awaited.popleft()
        self._follow(self._awaited[0], 354, "")
        self._awaited.popleft()

    def _read(self, data: bytes) -> None:
        *lines, self._line = (self._line + data).split(b"\n")
        for line in lines:
            if line.startswith(b"250 ") and not self._words and self.awaits in ENVELOPE:  # half of all answers
                self.answers += 1
                self._awaited.popleft()
                continue
            if not REPLY.match(line) or len(self._words) > 100:
                raise Lost(f"this is not SMTP: {line[:80]!r}")
            self._words.append(line[4:])
            if line[3:4] != b"-":
                self._answered(int(line[:3]))
                self._words.clear()
        if len(self._line) > LONGEST:
            raise Lost("its line does not end")

    def broken(self, why: str) -> None:
        """The connection is gone: report what was under way.

        Uncertain is only a mail whose final dot has left, and which has no answer. Otherwise the mail that was to be
        answered next may be why it broke, so it is deferred; unless the server merely had enough of us. What came
        behind it is given back.
        """
        steps = [*self._awaited, *self._todo]
        for item in dict.fromkeys(step.item for step in reversed(steps) if step.item):
            if any(step.item is item and self._has_gone(step) for step in self._awaited):
                self._batch.report(item, State.UNCERTAIN, why)
            elif item is steps[0].item and not (steps[0].stage is Stage.MAIL and self.reports):
                state = State.PENDING if self._batch.is_late else State.DEFERRED
                self._batch.report(item, *(self._refusal or (state, why, _about(steps[0].stage))))
            else:
                self._batch.give_back(item)

    def _has_gone(self, step: Step) -> bool:
        return step.stage is Stage.CONTENT and step.end <= self._gone

    def _begin(self) -> None:
        """Queue the envelope of the next mail. It is made now, not after its DATA, when there would be no way back."""
        self._refusal = None
        while item := self._batch.take():
            try:
                self._content = item.content()
                self._todo.extend(self._envelope(item, self._content))
            except Exception as error:
                log.warning("delivery %s cannot be sent: %s", item.delivery.pk, error.__class__.__name__)
                self._batch.report(item, State.REJECTED, f"{error.__class__.__name__}: {error}"[:200])
            else:
                return

    def _envelope(self, item: Item, content: bytes) -> list[Step]:
        options, paths = "", item.sender + item.recipient
        if not content.isascii():
            options += self._option("8bitmime", " BODY=8BITMIME")
        if not paths.isascii():
            options += self._option("smtputf8", " SMTPUTF8")
        if NOT_IN_PATH.search(paths):
            raise ValueError("the address would break out of its command")
        return [
            Step(Stage.MAIL, f"MAIL FROM:<{item.sender}>{options}\r\n".encode(), item),
            Step(Stage.RCPT, f"RCPT TO:<{item.recipient}>\r\n".encode(), item),
            Step(Stage.DATA, b"DATA\r\n", item),
        ]

    def _option(self, feature: str, option: str) -> str:
        if feature not in self._features:
            raise ValueError(f"the mail server has no {feature.upper()}, which this mail needs")
        return option

    def _speak(self) -> None:
        """Say what may be said now."""
        todo, awaited, lines = self._todo, self._awaited, [self.outgoing]
        while todo and (not awaited or (self._pipelines and awaited[-1].stage is not Stage.DATA)):
            step = todo.popleft()
            lines.append(step.line)
            self._said += len(step.line)
            step.end = self._said
            awaited.append(step)
        self.outgoing = b"".join(lines)

    def _answered(self, code: int) -> None:
        """One whole answer: to the oldest step that has none."""
        self.answers += 1
        step = self._awaited[0] if self._awaited else None
        words = b" ".join(map(bytes.strip, self._words)).decode("utf-8", "replace") if code >= 400 else ""
        if not step:
            raise Lost(f"{code} {words}")
        if (code == 421 and step.stage is not Stage.CONTENT) or (code // 100 == 3 and step.stage is not Stage.DATA):
            raise Lost(f"{code} {words}")
        self._follow(step, code, words)
        self._awaited.popleft()

    def _follow(self, step: Step, code: int, words: str) -> None:
        if step.stage is Stage.DATA and step.item:
            self._data_answered(step.item, code, words)
        elif step.stage is Stage.CONTENT and step.item:
            self._report(step.item, _verdict(step.stage, code, words))
        elif step.stage in ENVELOPE and code >= 300:
            self._refused(step, code, words)

    def _refused(self, step: Step, code: int, words: str) -> None:
        self._refusal = self._refusal or _verdict(step.stage, code, words)
        if self._todo and step.item:  # without PIPELINING, the rest of this envelope is not said yet
            self._todo.clear()
            self._give_up(step.item, self._refusal)

    def _data_answered(self, item: Item, code: int, words: str) -> None:
        if code != 354:
            self._give_up(item, self._refusal or _verdict(Stage.DATA, code, words))
        elif self._refusal:  # RFC 2920 section 3.1: the server waits for a content that has no recipient
            self._report(item, self._refusal)
            self._todo.append(Step(Stage.NOTHING, b".\r\n"))
            self._begin()
        elif self._batch.is_late:
            raise Lost("the answer came too late: somebody else may be sending this mail")
        else:
            self._todo.append(Step(Stage.CONTENT, _stuffed(self._content, item.has_dots), item))
            self._begin()

    def _give_up(self, item: Item, verdict: Verdict) -> None:
        self._report(item, verdict)
        self._todo.append(Step(Stage.RSET, b"RSET\r\n"))
        self._begin()

    def _report(self, item: Item, verdict: Verdict) -> None:
        self.reports += 1
        self._batch.report(item, *verdict)


def _verdict(stage: Stage, code: int, words: str) -> Verdict:
    """4xx is for now, 5xx is for ever (RFC 5321 section 4.2.1); but at MAIL it says nothing of the recipient."""
    if code < 300 and stage is Stage.CONTENT:
        return State.ACCEPTED, "", About.RECIPIENT
    ever = code >= 500 and stage is not Stage.MAIL
    return State.REJECTED if ever else State.DEFERRED, f"{code} {words}"[:200], _about(stage)


def _about(stage: Stage) -> About:
    return About.SENDER if stage is Stage.MAIL else About.RECIPIENT


def _stuffed(content: bytes, has_dots: bool) -> bytes:
    """The content as it is said: dots at the start of lines doubled, and the final dot (RFC 5321 section 4.5.2)."""
    if has_dots and DOT_FIRST.search(content):
        content = content.replace(b"\r\n.", b"\r\n..")
    if content.startswith(b"."):
        content = b"." + content
    return content + (b".\r\n" if content.endswith(b"\r\n") else b"\r\n.\r\n")
