"""Sub-batches go to a real server that fails in each way it can: who is told what, and that nobody is mailed twice."""

import datetime
import ipaddress
import socket
import ssl
import threading
from collections import Counter
from collections.abc import Callable
from itertools import chain, islice
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pytest_django.fixtures import Settings

from mail.batch import Item
from mail.connection import Server
from mail.models import Delivery
from mail.pipeline import send_all
from mail.smtp import Outcome
from tests.sink import Sink

State = Delivery.State
PLAIN = {"without": "PIPELINING"}
BOTH = pytest.mark.parametrize("offer", [{}, PLAIN], ids=["pipelining", "one at a time"])


class Run:
    """Some mails, sent; what became of each by its recipient's name, and what the sink says of it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.outcomes: dict[str, Outcome] = {}
        self.batches: list[int] = []

    def send(self, items: list[Item], *faults: str, batch: int = 10, connections: int = 3, **options: Any) -> None:
        server = {name: options.pop(name) for name in ["user", "password", "starttls", "context"] if name in options}
        with Sink(*faults, folder=self._folder, **options) as sink:
            to = Server("localhost", sink.port, timeout=1, final_timeout=1, **server)
            send_all(cut(items, batch), self.settle, connections, to)
            self.mails, self.counts = sink.mails, sink.stop()

    def settle(self, *batches: list[Outcome]) -> None:
        self.batches += map(len, batches)
        for outcome in chain.from_iterable(batches):
            assert outcome.delivery.address not in self.outcomes, "settled twice"
            self.outcomes[outcome.delivery.address] = outcome

    @property
    def states(self) -> dict[str, int]:
        return dict(Counter(outcome.state.value for outcome in self.outcomes.values()))

    def all_in(self, state: Delivery.State) -> set[str]:
        return {address for address, outcome in self.outcomes.items() if outcome.state == state}

    @property
    def arrived(self) -> set[str]:
        """Who got a mail; nobody got two."""
        recipients = [mail["recipient"] for mail in self.mails]
        assert len(recipients) == len(set(recipients))
        return set(recipients)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(tmp_path)


def item(address: str, content: bytes | Callable[[], bytes] = b"", sender: str = "blog@example.org") -> Item:
    words = content or f"Message-ID: <{address}>\r\n\r\nHello\r\n".encode()
    return Item(Delivery(address=address), sender, address, words if callable(words) else lambda: words)


def items(number: int) -> list[Item]:
    return [item(f"reader{count}@example.org") for count in range(number)]


def cut(items: list[Item], size: int) -> Callable[[int], list[list[Item]]]:
    """Hands them out in sub-batches, as many as are asked for."""
    batches = (items[start : start + size] for start in range(0, len(items), size))
    return lambda count: list(islice(batches, count))


@BOTH
def test_every_mail_arrives_once(run: Run, offer: dict[str, str]) -> None:
    run.send(items(45), **offer)
    assert run.states == {"accepted": 45}
    assert len(run.arrived) == 45 and sorted(run.batches) == [5, 10, 10, 10, 10]
    assert all(mail["id"] == f"<{mail['recipient']}>" for mail in run.mails)
    assert run.counts == {"connections": 3, "mails": 45}


def test_one_sub_batch_needs_one_connection(run: Run) -> None:
    run.send(items(5), connections=8)
    assert run.counts == {"connections": 1, "mails": 5}


def test_connections_that_are_done_together_are_settled_and_given_more_together(run: Run) -> None:
    asked, settled = [], []

    def more(count: int) -> list[list[Item]]:
        asked.append(count)
        return supply(count)

    def settle(*batches: list[Outcome]) -> None:
        settled.append(len(batches))
        run.settle(*batches)

    supply = cut(items(800), 4)
    with Sink() as sink:
        send_all(more, settle, 4, Server("127.0.0.1", sink.port))
    assert run.states == {"accepted": 800} and sum(settled) == 200
    assert asked[:2] == [1, 3] and max(asked[2:]) > 1 and max(settled) > 1


def test_no_work_needs_no_connection(run: Run) -> None:
    run.send([])
    assert run.counts == {"connections": 0, "mails": 0} and run.batches == []


@BOTH
@pytest.mark.parametrize(
    "content", [b".\r\n..\r\n.a\r\n", b"a\r\n.\r\nb\r\n", b"\r\n.\r\n", b"no end", b"x" * 3_000_000]
)
def test_content_arrives_as_it_was(run: Run, offer: dict[str, str], content: bytes) -> None:
    run.send([item("ann@example.org", content), item("sue@example.org")], **offer)
    whole = content if content.endswith(b"\r\n") else content + b"\r\n"
    [ann] = [mail["content"] for mail in run.mails if mail["recipient"] == "ann@example.org"]
    assert ann in (
        whole.replace(b"\r\n.", b"\r\n..").decode(),
        "." + whole.replace(b"\r\n.", b"\r\n..").decode(),
        f"{len(whole)} bytes",
    )
    assert run.states == {"accepted": 2}


@BOTH
@pytest.mark.parametrize(
    "fault, state, code",
    [
        ("mail=550/10", State.DEFERRED, "550 5.0.0 as you wish"),  # of us, not of this recipient
        ("mail=451/10", State.DEFERRED, "451 4.0.0 as you wish"),
        ("rcpt=550/10", State.REJECTED, "550 5.0.0 as you wish"),
        ("rcpt=450/10", State.DEFERRED, "450 4.0.0 as you wish"),
        ("data=451/10", State.DEFERRED, "451 4.0.0 as you wish"),
        ("dot=550/10", State.REJECTED, "550 5.0.0 as you wish"),
        ("dot=452/10", State.DEFERRED, "452 4.0.0 as you wish"),
    ],
)
def test_a_refusal_is_of_one_recipient_only(
    run: Run, offer: dict[str, str], fault: str, state: Delivery.State, code: str
) -> None:
    run.send(items(40), fault, **offer)
    assert run.states == {"accepted": 36, state.value: 4}
    assert run.arrived == run.all_in(State.ACCEPTED)
    assert {outcome.code for outcome in run.outcomes.values()} == {"", code}
    assert run.counts["connections"] == 3


def test_no_content_goes_to_a_server_that_wants_one_for_nobody(run: Run) -> None:
    run.send(items(40), "rcpt=550/4", lenient=True)
    assert run.states == {"accepted": 30, "rejected": 10}
    assert run.arrived == run.all_in(State.ACCEPTED)


@BOTH
@pytest.mark.parametrize("what", ["421", "drop"])
def test_a_recipient_whom_the_server_hangs_up_on_is_deferred_alone(run: Run, offer: dict[str, str], what: str) -> None:
    run.send(items(30), f"rcpt={what}@reader7@", **offer)
    assert run.states == {"accepted": 29, "deferred": 1} and run.all_in(State.DEFERRED) == {"reader7@example.org"}
    assert run.arrived == run.all_in(State.ACCEPTED)


@BOTH
def test_a_reset_may_swallow_the_answer_before_it(run: Run, offer: dict[str, str]) -> None:
    run.send(items(30), "rcpt=reset@reader7@", **offer)
    assert run.all_in(State.DEFERRED) == {"reader7@example.org"} and len(run.all_in(State.UNCERTAIN)) <= 1
    assert run.arrived == run.all_in(State.ACCEPTED) | run.all_in(State.UNCERTAIN)


@BOTH
def test_a_server_that_has_enough_of_us_is_asked_again(run: Run, offer: dict[str, str]) -> None:
    run.send(items(60), limit=7, **offer)
    assert run.states == {"accepted": 60} and len(run.arrived) == 60


@BOTH
def test_a_server_that_has_enough_of_us_when_a_sub_batch_is_done_spoils_nothing(
    run: Run, offer: dict[str, str]
) -> None:
    run.send(items(70), batch=7, limit=7, **offer)
    assert run.states == {"accepted": 70} and len(run.arrived) == 70
    assert run.batches == [7] * 10


@BOTH
@pytest.mark.parametrize("what", ["drop", "reset"])
def test_a_mail_whose_answer_is_lost_is_uncertain(run: Run, offer: dict[str, str], what: str) -> None:
    run.send(items(60), f"dot={what}/10", **offer)
    assert run.states == {"accepted": 54, "uncertain": 6}
    assert run.arrived == run.all_in(State.ACCEPTED) | run.all_in(State.UNCERTAIN)


@BOTH
def test_a_connection_that_breaks_inside_a_mail_repeats_none(run: Run, offer: dict[str, str]) -> None:
    run.send(items(60), "content=reset/10", **offer)
    assert run.states == {"accepted": 54, "uncertain": 6}
    assert run.arrived == run.all_in(State.ACCEPTED)


def test_a_mail_whose_final_dot_never_left_is_deferred(run: Run) -> None:
    run.send([item("ann@example.org", b"x" * 50_000_000), item("sue@example.org")], "content=reset@ann")
    assert run.all_in(State.DEFERRED) == {"ann@example.org"} and run.arrived == {"sue@example.org"}


@pytest.mark.parametrize(
    "stage, state, offer",
    [
        ("mail", State.DEFERRED, {}),
        ("rcpt", State.DEFERRED, {}),
        ("rcpt", State.DEFERRED, PLAIN),
        ("dot", State.UNCERTAIN, {}),
    ],
)
def test_a_server_that_hangs_is_left_when_its_time_is_up(
    run: Run, stage: str, state: Delivery.State, offer: dict[str, str]
) -> None:
    run.send(items(30), f"{stage}=hang/20", **offer)
    assert run.states in ({"accepted": 29, state.value: 1}, {"accepted": 30})  # at MAIL it is no recipient's fault
    assert run.arrived == run.all_in(State.ACCEPTED) | run.all_in(State.UNCERTAIN)


def test_a_slow_answer_is_waited_for(run: Run) -> None:
    run.send(items(30), "dot=stall/10", "rcpt=stall/10", stall=0.1)
    assert run.states == {"accepted": 30}


def test_a_server_that_is_away_costs_one_sub_batch(run: Run) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        send_all(cut(items(60), 10), run.settle, 3, Server("127.0.0.1", closed.getsockname()[1], timeout=1))
    assert run.states == {"deferred": 10} and run.outcomes["reader0@example.org"].code.startswith("ConnectionRefused")


def test_a_server_that_breaks_every_connection_is_given_up(run: Run) -> None:
    run.send(items(500), "rcpt=421")
    assert run.states == {"deferred": 30} and run.counts == {"connections": 9, "mails": 0}


def test_other_connections_take_the_work_of_one_that_cannot_be_opened(run: Run) -> None:
    run.send(items(60), "connect=421/2")
    assert run.states == {"accepted": 60}


@BOTH
def test_a_mail_that_cannot_be_made_is_rejected_alone(run: Run, offer: dict[str, str]) -> None:
    poison = item("poison@example.org", lambda: b"%d" % 1 / 0)  # type: ignore[operator]
    run.send([*items(3), poison, item("ann@example.org")], **offer)
    assert run.states == {"accepted": 4, "rejected": 1} and run.all_in(State.REJECTED) == {"poison@example.org"}


@pytest.mark.parametrize("address", ["a@b>\r\nRSET", "a@b\r\nDATA", "a b@c", "a@b\n", "<a@b"])
def test_an_address_cannot_break_out_of_its_command(run: Run, address: str) -> None:
    run.send([item(address), item("ann@example.org", sender=address), item("sue@example.org")])
    assert run.all_in(State.REJECTED) == {address, "ann@example.org"} and run.arrived == {"sue@example.org"}


def test_an_address_beyond_ascii_is_sent_with_the_options_it_needs(run: Run) -> None:
    run.send([item("zoë@example.org"), item("ann@example.org", "é\r\n".encode()), item("sue@example.org")])
    options = {mail["recipient"]: mail["options"] for mail in run.mails}
    assert options["zoë@example.org"] == "BODY=8BITMIME SMTPUTF8"
    assert (options["ann@example.org"], options["sue@example.org"]) == ("BODY=8BITMIME", "")


@pytest.mark.parametrize("feature", ["SMTPUTF8", "8BITMIME"])
def test_what_the_server_cannot_take_is_rejected(run: Run, feature: str) -> None:
    run.send([item("zoë@example.org"), item("sue@example.org")], without=feature)
    assert run.all_in(State.REJECTED) == {"zoë@example.org"} and run.arrived == {"sue@example.org"}
    assert feature in run.outcomes["zoë@example.org"].code


def test_what_is_not_begun_within_its_time_goes_back(run: Run, settings: Settings) -> None:
    settings.MAIL_LEASE_SECONDS = 0.4
    run.send(items(10), "rcpt=stall/3")
    assert run.all_in(State.PENDING) and run.arrived == run.all_in(State.ACCEPTED)
    assert run.all_in(State.PENDING) | run.all_in(State.DEFERRED) | run.arrived == {one.recipient for one in items(10)}


def test_an_error_in_settling_stops_the_sending_when_the_rest_is_settled(run: Run) -> None:
    calls: list[int] = []

    def settle(*batches: list[Outcome]) -> None:
        calls.append(len(batches))
        if len(calls) == 1:
            raise RuntimeError("the database is away")
        run.settle(*batches)

    with Sink() as sink, pytest.raises(RuntimeError, match="away"):
        send_all(cut(items(1000), 10), settle, 3, Server("127.0.0.1", sink.port))
    assert run.states == ({"accepted": 30 - 10 * calls[0]} if calls[0] < 3 else {})


def test_an_error_in_asking_for_work_stops_the_sending_when_the_rest_is_settled(run: Run) -> None:
    asked: list[int] = []

    def more(count: int) -> list[list[Item]]:
        asked.append(count)
        if len(asked) > 1:
            raise RuntimeError("the database is away")
        return [items(10)]

    with Sink() as sink, pytest.raises(RuntimeError, match="away"):
        send_all(more, run.settle, 3, Server("127.0.0.1", sink.port))
    assert run.states == {"accepted": 10}


def test_no_thread_and_no_socket_is_left(run: Run) -> None:
    before = threading.active_count(), len(list(Path("/proc/self/fd").iterdir()))
    run.send(items(30), "rcpt=421/10", "connect=drop/3")
    assert (threading.active_count(), len(list(Path("/proc/self/fd").iterdir()))) == before


# Greeting, TLS, AUTH


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for localhost that nobody has signed but itself, and its key, in one file."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now).not_valid_after(now + datetime.timedelta(1))
    signed = builder.add_extension(x509.SubjectAlternativeName(names), critical=False).sign(key, hashes.SHA256())
    private = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    path = tmp_path_factory.mktemp("tls") / "localhost.pem"
    path.write_bytes(signed.public_bytes(serialization.Encoding.PEM) + key.private_bytes(*private))
    return path


def test_mail_goes_encrypted_where_it_is_asked_to(run: Run, certificate: Path) -> None:
    trusting = ssl.create_default_context(cafile=certificate)
    run.send(items(40), tls=certificate, starttls=True, context=trusting)
    assert run.states == {"accepted": 40} and len(run.arrived) == 40


def test_a_large_mail_goes_encrypted(run: Run, certificate: Path) -> None:
    trusting = ssl.create_default_context(cafile=certificate)
    big = [item(f"{number}@example.org", b"x" * 2_000_000) for number in range(3)]
    run.send(big, tls=certificate, starttls=True, context=trusting)
    assert run.states == {"accepted": 3} and run.mails[0]["content"] == "2000002 bytes"


def test_no_mail_goes_to_a_server_that_nobody_vouches_for(run: Run, certificate: Path) -> None:
    run.send(items(10), tls=certificate, starttls=True)
    assert run.states == {"deferred": 10} and not run.arrived
    assert "certificate verify failed" in run.outcomes["reader0@example.org"].code


def test_no_mail_goes_in_the_clear_where_encryption_is_asked_for(run: Run) -> None:
    run.send(items(10), starttls=True)
    assert run.states == {"deferred": 10} and not run.arrived


def test_the_sender_signs_in(run: Run) -> None:
    run.send(items(10), login="postbag:secret", user="postbag", password="secret")
    assert run.states == {"accepted": 10}


def test_a_wrong_password_defers(run: Run) -> None:
    run.send(items(10), login="postbag:secret", user="postbag", password="wrong")
    assert run.states == {"deferred": 10}
    assert "535" in run.outcomes["reader0@example.org"].code
