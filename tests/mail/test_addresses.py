"""Which mail addresses are taken."""

import re

import pytest
from django.core.exceptions import ValidationError

from mail.addresses import clean_address, mailbox


@pytest.mark.parametrize("address", ["ann+blog@example.org", "o'neill@example.org", "ann@mail.example.co.uk"])
def test_usual_addresses_stay_as_typed(address: str) -> None:
    assert clean_address(f" {address} ") == address


def test_domain_is_stored_in_ascii() -> None:
    assert clean_address("ann@EXÄMPLE.org") == "ann@xn--exmple-cua.org"


@pytest.mark.parametrize("address", ["ann", "ann@localhost", "ann@[127.0.0.1]", "a@example.org, b@example.org"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ValidationError):
        clean_address(address)


def test_address_that_we_cannot_mail_to_is_refused() -> None:
    with pytest.raises(ValidationError):
        clean_address("zoë@example.org")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ann@example.org", "ANN@example.org"),
        ("ann@example.org", "ann+blog@example.org"),
        ("ann@example.org", "ann+@example.org"),
        ("ann@gmail.com", "a.n.n+x@googlemail.com"),
        ("+ann@example.org", "+ANN@example.org"),
    ],
)
def test_spellings_of_one_mailbox(one: str, other: str) -> None:
    assert mailbox(clean_address(one)) == mailbox(clean_address(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ann@example.org", "bob@example.org"),
        ("ann@example.org", "ann@example.com"),
        ("a.nn@example.org", "ann@example.org"),
        ("ann@gmail.com", "ann@example.org"),
        ("+ann@example.org", "+bob@example.org"),
        ("ann@mail.gmail.com", "a.nn@mail.gmail.com"),
    ],
)
def test_different_mailboxes(one: str, other: str) -> None:
    assert mailbox(clean_address(one)) != mailbox(clean_address(other))


def test_a_mailbox_is_a_keyed_hash(settings) -> None:
    before = mailbox("ann@example.org")
    assert re.fullmatch("[0-9a-f]{16}", before)
    settings.MAILBOX_KEY = "another key that is as long as keys have to be here, or longer"
    assert mailbox("ann@example.org") != before
