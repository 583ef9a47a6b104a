"""Where a request comes from, as far as we may know it: never stored, only counted."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def client_network(request: HttpRequest) -> str:
    """The sender's network: /24 for IPv4, /64 for IPv6, because one sender can hold every address in it.

    X-Forwarded-For is believed from the right, and only as far as POSTBAG_TRUSTED_PROXIES reach.
    """
    address = _client_address(request)
    if address is None:
        return "unknown"
    return str(ipaddress.ip_network((address, 24 if address.version == 4 else 64), strict=False))


def _client_address(request: HttpRequest) -> Address | None:
    hops = [*request.META.get("HTTP_X_FORWARDED_FOR", "").split(","), request.META.get("REMOTE_ADDR", "")]
    client = None
    for hop in reversed(hops):
        address = _parse(hop.strip())
        if address is None:
            break
        client = address
        if not any(address in network for network in settings.TRUSTED_PROXIES):
            break
    return client


def _parse(text: str) -> Address | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
