"""Where messages may go: URLs are judged when they are registered, addresses again when they are connected to.

A name may mean another address at any moment. So what is judged is the address itself, and exactly that one is
connected to. A receiver must not be a way into our own network.
"""

import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final, TypeAlias
from urllib.parse import urlsplit

from vnx_jobs.model.errors import Code, Refused

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network
Resolve: TypeAlias = Callable[[str, int], Sequence[str]]
"""Returns the addresses of a host. Raises OSError."""

_MAX_URL: Final = 2000
_PORTS: Final = {"https": 443, "http": 80}
_KINDS: Final = (
    ("unspecified", ("0.0.0.0/8", "::/128")),
    ("loopback", ("127.0.0.0/8", "::1/128")),
    (
        "metadata",
        ("169.254.169.254/32", "168.63.129.16/32", "100.100.100.200/32", "192.0.0.192/32", "fd00:ec2::254/128"),
    ),
    ("link-local", ("169.254.0.0/16", "fe80::/10")),
    ("private", ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fec0::/10")),
    ("carrier-grade NAT", ("100.64.0.0/10",)),
    ("multicast", ("224.0.0.0/4", "ff00::/8")),
    (
        "reserved",
        (
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.88.99.0/24",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "240.0.0.0/4",
        ),
    ),
    ("reserved", ("100::/64", "2001::/23", "2001:db8::/32", "5f00::/16", "64:ff9b:1::/48")),
)
"""Networks that are not the public internet. What the library's `is_global` says differs between versions."""
_REFUSED: Final = tuple((kind, ip_network(network)) for kind, networks in _KINDS for network in networks)
_WITH_IPV4: Final = (IPv6Network("64:ff9b::/96"), IPv6Network("::/96"), IPv6Network("::ffff:0:0:0/96"))
"""Networks whose last four bytes are an IPv4 address that a router goes on to."""


class NotAllowedError(Exception):
    """An address is not one that messages may go to."""


@dataclass(frozen=True, slots=True)
class Target:
    """A receiver's URL, in its parts."""

    scheme: str
    host: str
    port: int
    path: str
    """With the query."""

    @property
    def authority(self) -> str:
        """Host and port, as the header Host has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


def target(url: str, *, allow_http: bool) -> Target:
    """Read a URL. Raises Refused(invalid) for one that messages may not go to, whatever address it means."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise Refused(Code.INVALID, "the URL cannot be read") from None
    problems = (
        (len(url) > _MAX_URL, f"has more than {_MAX_URL} characters"),
        (not url.isascii() or not url.isprintable() or " " in url or "\\" in url, "may hold only printable ASCII"),
        (parts.scheme not in _PORTS, "must begin with https://"),
        (parts.scheme == "http" and not allow_http, "must begin with https:// (see the setting callbacks.allow_http)"),
        ("@" in parts.netloc, "must not hold a user or a password"),
        ("#" in url, "must not hold a fragment"),
        (not host or host.startswith("-") or "%" in host, "names no host"),
        (port == 0, "has a port that is none"),
    )
    for wrong, why in problems:
        if wrong:
            raise Refused(Code.INVALID, f"the URL {why}")
    query = f"?{parts.query}" if parts.query else ""
    return Target(parts.scheme, host, port or _PORTS[parts.scheme], (parts.path or "/") + query)


def system_resolve(host: str, port: int) -> Sequence[str]:
    """Ask the system for a host's addresses. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


@dataclass(frozen=True, slots=True)
class Addresses:
    """Says which address of a host is connected to."""

    allowed: tuple[Network, ...] = ()
    """Networks of one's own that messages may go to."""
    resolve: Resolve = system_resolve

    def of(self, host: str, port: int) -> str:
        """Return the address to connect to. Raises NotAllowedError, or OSError if there is none.

        All addresses of the host must be allowed: which one is taken shall not depend on an order.
        """
        try:
            found = self.resolve(host, port)
        except UnicodeError:  # a label that is empty or too long
            found = []
        if not found:
            raise OSError(f"{host} has no address")
        for one in found:
            self.need(one)
        return found[0]

    def need(self, text: str) -> None:
        """Raise NotAllowedError if messages may not go to an address."""
        address = _inner(ip_address(text))
        if any(address in network for network in self.allowed if network.version == address.version):
            return
        for kind, network in _REFUSED:
            if network.version == address.version and address in network:
                article = "an" if kind[0] in "aeiou" else "a"
                advice = "see the setting callbacks.allow_networks"
                raise NotAllowedError(f"{text} is {article} {kind} address ({advice})")
        if not address.is_global:
            raise NotAllowedError(f"{text} is not an address of the public internet")


def _inner(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 address stands for, if it stands for one."""
    if isinstance(address, IPv4Address):
        return address
    address = IPv6Address(int(address))  # without its zone
    if address.ipv4_mapped or address.sixtofour:
        return address.ipv4_mapped or address.sixtofour or address
    if int(address) > 1 and any(address in network for network in _WITH_IPV4):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address
