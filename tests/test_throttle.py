"""Which network a request comes from."""

import ipaddress

import pytest
from django.test import RequestFactory

from postbag.throttle import client_network


@pytest.fixture
def proxies(settings):
    """Trusts the proxies in 10.0.0.0/8."""
    settings.TRUSTED_PROXIES = [ipaddress.ip_network("10.0.0.0/8")]


def network(peer: str, *claims: str) -> str:
    headers = {"X-Forwarded-For": ", ".join(claims)} if claims else {}
    return client_network(RequestFactory(REMOTE_ADDR=peer).get("/", headers=headers))


@pytest.mark.parametrize(
    ("peer", "expected"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("", "unknown"),
        ("a socket", "unknown"),
    ],
)
def test_the_peer_s_network_counts(peer: str, expected: str) -> None:
    assert network(peer) == expected


def test_claims_of_a_stranger_count_for_nothing(proxies) -> None:
    assert network("192.0.2.7", "198.51.100.1") == "192.0.2.0/24"


def test_a_trusted_proxy_is_believed_as_far_as_its_own_word(proxies) -> None:
    assert network("10.0.0.1", "198.51.100.1") == "198.51.100.0/24"
    assert network("10.0.0.1", "203.0.113.5", "198.51.100.1") == "198.51.100.0/24"
    assert network("10.0.0.1", "203.0.113.5", "198.51.100.1", "10.9.9.9") == "198.51.100.0/24"


@pytest.mark.parametrize("junk", ["junk", "", "198.51.100.1:80; DROP", "-"])
def test_junk_from_a_proxy_leaves_the_proxy(proxies, junk: str) -> None:
    assert network("10.0.0.1", "198.51.100.1", junk) == "10.0.0.0/24"
