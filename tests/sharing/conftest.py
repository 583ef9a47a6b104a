"""What tests of sign-ups and alerts ask for."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from blog.models import PrivacyNotice
from tests.mail.conftest import free_port, postbox

__all__ = ["free_port", "link_to", "postbox", "sign_up"]


@pytest.fixture
def sign_up(client: Client, notice: PrivacyNotice) -> Callable[..., HttpResponse]:
    """Sends the form, as it stands on its page, for an address."""

    def send(email: str = "sue@example.org", **changed: Any) -> HttpResponse:
        return client.post("/subscribe/", {"email": email, "homepage": "", "notice": notice.pk, **changed})

    return send


@pytest.fixture
def link_to(send_mail) -> Callable[[str], str]:
    """Sends all that is owed; the path of the first link with these words in the newest mail."""

    def find(words: str) -> str:
        newest = send_mail()[-1]
        found = re.search(rf"https?://[^/\s]+(/\S*{words}\S*)", newest.body)
        assert found, newest.body
        return found[1]

    return find
