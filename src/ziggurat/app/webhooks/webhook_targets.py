"""Where messages may be sent: addresses on the open internet, unless a setting allows others.

A host name is resolved here and the connection made to the very address that was looked at, so that nothing can resolve
to one thing for the check and to another for the sending.
"""

from __future__ import annotations

import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

from ziggurat.app.errors import WebhookTargetRefusedError

_PORTS = {"http": 80, "https": 443}
_URL_CHARACTERS_MAX = 2_000
_TRANSLATED = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"), IPv6Network("2002::/16"))
"""IPv6 addresses that stand for IPv4 ones, private ones too."""


@dataclass(frozen=True, slots=True)
class Target:
    """A looked-up URL: `address` is where to connect, `host` (with the port, if it is said) what to ask for there."""

    url: str
    scheme: str
    host: str
    hostname: str
    address: str
    port: int
    path: str


def check_url(url: str, *, private_targets: bool) -> SplitResult:
    """`url` in its parts, as far as can be told without looking it up.

    Raises:
        WebhookTargetRefusedError: it is no URL to post to.
    """
    if len(url) > _URL_CHARACTERS_MAX or not url.isascii() or not url.isprintable() or " " in url:
        raise WebhookTargetRefusedError(url[:200], "is not a URL")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise WebhookTargetRefusedError(url, "is not a URL") from None
    if parts.scheme not in _PORTS or not parts.hostname or port == 0:
        raise WebhookTargetRefusedError(url, "is not an http or https URL")
    if parts.username is not None or parts.password is not None:
        raise WebhookTargetRefusedError(url.rpartition("@")[2], "has a user name or password in it")
    if not private_targets:
        try:
            literal = ip_address(parts.hostname)
        except ValueError:
            pass
        else:
            _require_public(url, literal)
    return parts


def resolve_target(url: str, *, private_targets: bool) -> Target:
    """Where exactly `url` leads to now.

    Raises:
        WebhookTargetRefusedError: nowhere, or to an address that is not on the open internet.
    """
    parts = check_url(url, private_targets=private_targets)
    assert parts.hostname is not None, "checked"
    port = parts.port or _PORTS[parts.scheme]
    try:
        found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise WebhookTargetRefusedError(url, "has a host name that cannot be resolved") from None
    addresses = [str(info[4][0]).partition("%")[0] for info in found]
    if not private_targets:
        for address in addresses:
            _require_public(url, ip_address(address))
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(url, parts.scheme, parts.netloc, parts.hostname, addresses[0], port, path)


def _require_public(url: str, address: IPv4Address | IPv6Address) -> None:
    translated = isinstance(address, IPv6Address) and any(address in network for network in _TRANSLATED)
    if translated or not address.is_global or address.is_multicast or address.is_reserved:
        raise WebhookTargetRefusedError(url, "leads to an address that is not on the open internet")
