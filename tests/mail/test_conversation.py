"""What is said when, and that an answer is never taken for another mail's, whatever the server says."""

import itertools
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mail.batch import Batch, Item
from mail.conversation import Conversation, Lost
from mail.models import Delivery

State = Delivery.State
MAIL, RCPT, DATA = b"MAIL FROM:<blog@example.org>\r\n", b"RCPT TO:<%d@example.org>\r\n", b"DATA\r\n"
GO_ON = b"250 ok\r\n250 ok\r\n354 go on\r\n"


def a_batch(number: int) -> Batch:
    def content(pk: int) -> Callable[[], bytes]:
        return lambda: b"mail %d\r\n" % pk

    return Batch(
        [Item(Delivery(pk=pk), "blog@example.org", f"{pk}@example.org", content(pk)) for pk in range(number)],
        seconds=60,
    )


def begun(batch: Batch, *features: str) -> Conversation:
    talk = Conversation(features)
    talk.start(batch)
    return talk


def said(talk: Conversation) -> bytes:
    """What goes out now, all of it."""
    outgoing = talk.outgoing
    talk.sent(len(outgoing))
    return outgoing


def states(batch: Batch) -> list[tuple[int, Delivery.State]]:
    return [(outcome.delivery.pk, outcome.state) for outcome in batch.outcomes]


def test_an_envelope_is_one_group_and_waits_for_the_answer_to_data() -> None:
    talk = begun(a_batch(2), "pipelining")
    assert said(talk) == MAIL + RCPT % 0 + DATA
    talk.receive(b"250 ok\r\n250 ok\r\n")
    assert said(talk) == b""


def test_the_next_envelope_travels_with_the_content() -> None:
    talk = begun(a_batch(2), "pipelining")
    said(talk)
    talk.receive(GO_ON)
    assert said(talk) == b"mail 0\r\n.\r\n" + MAIL + RCPT % 1 + DATA


def test_without_pipelining_each_step_waits() -> None:
    batch = a_batch(1)
    talk = begun(batch)
    steps = [said(talk)]
    for reply in [b"250 ok\r\n", b"250 ok\r\n", b"354 go on\r\n", b"250 ok\r\n"]:
        talk.receive(reply)
        steps.append(said(talk))
    assert steps == [MAIL, RCPT % 0, DATA, b"mail 0\r\n.\r\n", b""]
    assert batch.is_done and talk.awaits is None


def test_a_refused_envelope_is_reset_before_the_next() -> None:
    batch = a_batch(2)
    talk = begun(batch, "pipelining")
    said(talk)
    talk.receive(b"250 ok\r\n550-no such\r\n550 user\r\n554 nobody\r\n")
    assert said(talk) == b"RSET\r\n" + MAIL + RCPT % 1 + DATA
    assert [(outcome.state, outcome.code) for outcome in batch.outcomes] == [(State.REJECTED, "550 no such user")]


def test_nobodys_content_is_a_lone_dot() -> None:
    talk = begun(a_batch(2), "pipelining")
    said(talk)
    talk.receive(b"250 ok\r\n550 no\r\n354 go on\r\n")
    assert said(talk) == b".\r\n" + MAIL + RCPT % 1 + DATA


def test_a_break_after_the_dot_is_uncertain_and_what_follows_is_given_back() -> None:
    batch = a_batch(2)
    talk = begun(batch, "pipelining")
    said(talk)
    talk.receive(GO_ON)
    said(talk)
    talk.broken("gone")
    assert states(batch) == [(0, State.UNCERTAIN)]
    assert (item := batch.take()) and item.delivery.pk == 1


def test_a_break_before_the_dot_has_left_is_not_uncertain() -> None:
    batch = a_batch(2)
    talk = begun(batch, "pipelining")
    said(talk)
    talk.receive(GO_ON)
    talk.sent(len(b"mail 0\r\n."))
    talk.broken("gone")
    assert states(batch) == [(0, State.DEFERRED)]


@pytest.mark.parametrize(
    "nonsense",
    [b"hello\r\n", b"25\r\n", b"999 x\r\n", b"\r\n", b"250ok\r\n", b"x" * 5000, b"250-a\r\n" * 200, b"354 go on\r\n"],
)
def test_nonsense_ends_the_conversation(nonsense: bytes) -> None:
    talk = begun(a_batch(1), "pipelining")
    with pytest.raises(Lost):
        talk.receive(nonsense)


def test_an_answer_to_nothing_ends_the_conversation() -> None:
    talk = begun(a_batch(0), "pipelining")
    with pytest.raises(Lost):
        talk.receive(b"421 idle for too long\r\n")


good, refusals = st.just(250), st.sampled_from([450, 451, 452, 550, 552, 554])
mails = st.fixed_dictionaries(
    {
        "mail": good | refusals,
        "rcpt": good | refusals,
        "data": st.just(354) | refusals,
        "dot": good | refusals | st.just(421),
    }
)


@settings(deadline=None)  # the machine may be busy
@given(script=st.lists(mails, max_size=8), pipelining=st.booleans(), cuts=st.lists(st.integers(1, 40), min_size=1))
def test_every_answer_is_taken_for_its_own_mail(
    script: list[dict[str, int]], pipelining: bool, cuts: list[int]
) -> None:
    batch, server, sizes = a_batch(len(script)), Script(script), itertools.cycle(cuts)
    talk = begun(batch, *(["pipelining"] if pipelining else []))
    while talk.awaits:
        replies = b"".join(map(server.answer, said(talk).splitlines()))
        assert replies, "both wait"
        while replies:
            size = next(sizes)
            talk.receive(replies[:size])
            replies = replies[size:]
    assert sorted(states(batch)) == [(pk, expected(codes)) for pk, codes in enumerate(script)]
    assert server.taken == [pk for pk, codes in enumerate(script) if expected(codes) == State.ACCEPTED]


class Script:
    """A server that answers each step of each mail with the code that the script has for it."""

    def __init__(self, script: list[dict[str, int]]) -> None:
        self.taken: list[int] = []
        self._script = script
        self._mail = -1
        self._content: int | None = None

    def answer(self, line: bytes) -> bytes:
        verb = line[:4].decode().lower()
        self._mail += verb == "mail" and line.startswith(b"MAIL")
        if line.startswith(b"mail "):
            self._content = int(line[5:])
            return b""
        code = self._finished() if line == b"." else self._script[self._mail].get(verb, 250)
        return b"%d-well\r\n%d word\r\n" % (code, code)

    def _finished(self) -> int:
        if self._content is None:
            return 554  # a content for nobody
        pk, self._content = self._content, None
        if self._script[pk]["dot"] == 250:
            self.taken.append(pk)
        return self._script[pk]["dot"]


def expected(codes: dict[str, int]) -> Delivery.State:
    """The first refusal decides; one of MAIL is for now."""
    for stage in ("mail", "rcpt", "data", "dot"):
        code = codes[stage]
        if code not in (250, 354):
            return State.REJECTED if code >= 500 and stage != "mail" else State.DEFERRED
    return State.ACCEPTED
