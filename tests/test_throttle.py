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


@pytest.mark.parametrize("name", ["Forwarded", "X-Real-IP", "True-Client-IP", "CF-Connecting-IP", "Client-IP"])
def test_no_other_header_is_read(proxies, name: str) -> None:
    request = RequestFactory(REMOTE_ADDR="10.0.0.1").get("/", headers={name: "198.51.100.1"})
    assert client_network(request) == "10.0.0.0/24"


@pytest.mark.parametrize("claim", ["::ffff:198.51.100.1", "0, 198.51.100.1", ",, 198.51.100.1 "])
def test_an_address_is_read_however_it_is_written(proxies, claim: str) -> None:
    assert network("10.0.0.1", claim) == "198.51.100.0/24"


def test_a_trusted_proxy_is_believed_as_far_as_its_own_word(proxies) -> None:
    assert network("10.0.0.1", "198.51.100.1") == "198.51.100.0/24"
    assert network("10.0.0.1", "203.0.113.5", "198.51.100.1") == "198.51.100.0/24"
    assert network("10.0.0.1", "203.0.113.5", "198.51.100.1", "10.9.9.9") == "198.51.100.0/24"


@pytest.mark.parametrize("junk", ["junk", "", "198.51.100.1:80; DROP", "198.51.100.1:4711", "-", ",,,", "9" * 10_000])
def test_junk_from_a_proxy_leaves_the_proxy(proxies, junk: str) -> None:
    assert network("10.0.0.1", "198.51.100.1", junk) == "10.0.0.0/24"
