"""A sub-batch and a mail server that misbehaves: what is tried again, and that nobody else suffers."""

import pytest
from django.utils import timezone

from mail.drain import drain
from mail.models import Delivery, Lane, Mailout
from tests.factories import make_delivery, make_mailout
from tests.mail.servers import Postbox

pytestmark = pytest.mark.django_db
State = Delivery.State
ANN, BOB, CID, DEE = (f"{name}@example.org" for name in ["ann", "bob", "cid", "dee"])


@pytest.fixture
def mailout(db: None) -> Mailout:
    """An alert for Ann, Bob, Cid and Dee."""
    mailout = make_mailout(Lane.ALERT)
    for address in [ANN, BOB, CID, DEE]:
        make_delivery(mailout, address)
    return mailout


def states() -> list[str]:
    return list(Delivery.objects.order_by("pk").values_list("state", flat=True))


def test_everybody_gets_one_on_one_line(mailout: Mailout, postbox: Postbox) -> None:
    assert drain() == 4
    assert postbox.sent_to == [ANN, BOB, CID, DEE]
    assert postbox.connections == 1
    assert states() == [State.ACCEPTED] * 4
    mailout.refresh_from_db()
    assert (mailout.state, mailout.count_states()) == (Mailout.State.DONE, {"accepted": 4})


@pytest.mark.parametrize("answer", ["550 5.1.1 unknown", "554 5.7.1 no", "552 5.2.2 full"])
def test_a_refused_recipient_stops_nobody_else(mailout: Mailout, postbox: Postbox, answer: str) -> None:
    postbox.refuse = {BOB: answer}
    drain()
    assert postbox.sent_to == [ANN, CID, DEE]
    assert states() == [State.ACCEPTED, State.REJECTED, State.ACCEPTED, State.ACCEPTED]
    assert Delivery.objects.get(address=BOB).code == answer


@pytest.mark.parametrize("answer", ["450 4.2.1 greylisted", "451 4.3.0 later", "452 4.2.2 full"])
def test_a_recipient_refused_for_now_waits_alone(mailout: Mailout, postbox: Postbox, answer: str) -> None:
    postbox.refuse = {BOB: answer}
    drain()
    assert states() == [State.ACCEPTED, State.DEFERRED, State.ACCEPTED, State.ACCEPTED]


def test_a_server_that_hangs_up_on_one_hangs_up_on_no_other(mailout: Mailout, postbox: Postbox) -> None:
    postbox.refuse = {BOB: "421 4.7.0 too many errors"}
    drain()
    assert postbox.sent_to == [ANN, CID, DEE]
    assert states() == [State.ACCEPTED, State.DEFERRED, State.ACCEPTED, State.ACCEPTED]


@pytest.mark.parametrize("answer", ["421 4.3.2 closing", "550 5.7.1 not you", "450 4.7.1 later"])
def test_a_server_that_refuses_us_ends_nobody(mailout: Mailout, postbox: Postbox, answer: str) -> None:
    postbox.refuse = {"MAIL": answer}
    drain()
    assert states() == [State.DEFERRED] * 4
    assert set(Delivery.objects.values_list("code", flat=True)) == {answer}


@pytest.mark.parametrize("step", ["DATA", "CONTENT"])
@pytest.mark.parametrize(("answer", "state"), [("451 4.3.0 later", State.DEFERRED), ("554 5.6.0 spam", State.REJECTED)])
def test_a_refused_content_is_the_answer_to_each(
    mailout: Mailout, postbox: Postbox, step: str, answer: str, state: State
) -> None:
    """Not “503 nested MAIL” for everybody after the first."""
    postbox.refuse = {step: answer}
    drain()
    assert states() == [state] * 4
    assert set(Delivery.objects.values_list("code", flat=True)) == {answer}


@pytest.mark.parametrize("step", ["RCPT", "CONTENT", "ACCEPTED"])
def test_a_line_that_breaks_touches_one_mail(mailout: Mailout, postbox: Postbox, step: str) -> None:
    postbox.drop = [step]
    drain()
    assert states() == [State.DEFERRED, State.ACCEPTED, State.ACCEPTED, State.ACCEPTED]
    assert postbox.sent_to[-3:] == [BOB, CID, DEE]
    assert postbox.connections == 2


def test_a_repeated_mail_carries_the_same_message_id(postbox: Postbox) -> None:
    make_delivery()
    postbox.drop = ["ACCEPTED"]
    drain()
    Delivery.objects.update(state=State.PENDING, due_at=timezone.now())
    drain()
    first, second = postbox.mails
    assert first["Message-ID"] == second["Message-ID"]
    assert states() == [State.ACCEPTED]


def test_two_mails_never_share_a_message_id(mailout: Mailout, postbox: Postbox) -> None:
    make_delivery()
    drain()
    assert len({mail["Message-ID"] for mail in postbox.mails}) == 5


def test_a_server_that_takes_its_time_over_the_final_dot_is_waited_for(
    mailout: Mailout, postbox: Postbox, settings
) -> None:
    """To give up early makes duplicates."""
    settings.EMAIL_TIMEOUT, postbox.stall, settings.MAIL_BATCH = 0.2, 0.5, 1
    assert drain(seconds=0.1) == 1
    assert states() == [State.ACCEPTED, State.PENDING, State.PENDING, State.PENDING]


def test_no_server_at_all_is_no_answer(mailout: Mailout, settings, free_port: int) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port
    drain()
    assert states() == [State.DEFERRED] * 4
    mailout.refresh_from_db()
    assert mailout.state == Mailout.State.SENDING


@pytest.mark.parametrize("poison", ["", "erased 7", "bob@example.org\r\nBcc: x@example.org", "bob@"])
def test_a_recipient_that_cannot_be_written_to_stops_nobody(mailout: Mailout, postbox: Postbox, poison: str) -> None:
    rows = list(mailout.deliveries.order_by("pk"))
    Delivery.objects.filter(pk=rows[1].pk).update(address=poison)
    drain()
    assert postbox.sent_to == [ANN, CID, DEE]
    assert states() == [State.ACCEPTED, State.REJECTED, State.ACCEPTED, State.ACCEPTED]
    assert Delivery.objects.get(pk=rows[1].pk).code


def test_a_mail_whose_words_cannot_be_composed_stops_no_other_mail(mailout: Mailout, postbox: Postbox) -> None:
    broken = make_delivery(make_mailout(text="a" * 40, marks={"stop": "a" * 40}), mailbox="not hexadecimal")
    drain()
    broken.refresh_from_db()
    assert broken.state == State.REJECTED
    assert postbox.sent_to == [ANN, BOB, CID, DEE]


def test_an_answer_with_nul_bytes_is_written_down(mailout: Mailout, postbox: Postbox) -> None:
    postbox.refuse = {BOB: "550 5.1.1 \0" + "x" * 400}
    drain()
    assert Delivery.objects.get(address=BOB).code.startswith("550 5.1.1 xxx")
