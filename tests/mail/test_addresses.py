"""Which mail addresses are taken."""

import pytest
from django.core.exceptions import ValidationError

from mail.addresses import clean_address


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
