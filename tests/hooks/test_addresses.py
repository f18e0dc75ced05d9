"""Where messages may go, and where not."""

from collections.abc import Sequence
from ipaddress import ip_network

import pytest

from vnx_jobs.hooks.addresses import Addresses, NotAllowedError, target
from vnx_jobs.model.errors import Code, Refused


def found(*addresses: str) -> Addresses:
    """Return addresses by which every name means these."""
    return Addresses(resolve=lambda _, __: addresses)


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("127.0.0.1", "loopback"),
        ("127.255.3.4", "loopback"),
        ("::1", "loopback"),
        ("0.0.0.0", "unspecified"),  # noqa: S104 -- nothing is bound to it
        ("::", "unspecified"),
        ("10.1.2.3", "private"),
        ("172.31.255.255", "private"),
        ("192.168.0.1", "private"),
        ("fd12:3456::1", "private"),
        ("fec0::1", "private"),
        ("169.254.1.1", "link-local"),
        ("fe80::1", "link-local"),
        ("fe80::1%eth0", "link-local"),
        ("169.254.169.254", "metadata"),
        ("fd00:ec2::254", "metadata"),
        ("168.63.129.16", "metadata"),
        ("100.100.100.200", "metadata"),
        ("100.64.0.1", "carrier-grade NAT"),
        ("224.0.0.1", "multicast"),
        ("239.1.1.1", "multicast"),
        ("ff02::1", "multicast"),
        ("255.255.255.255", "reserved"),
        ("192.0.2.1", "reserved"),
        ("2001:db8::1", "reserved"),
        ("::ffff:127.0.0.1", "loopback"),
        ("::ffff:169.254.169.254", "metadata"),
        ("::127.0.0.1", "loopback"),
        ("64:ff9b::10.0.0.1", "private"),
        ("::ffff:0:127.0.0.1", "loopback"),
        ("192.88.99.1", "reserved"),
        ("2002:7f00:1::", "loopback"),
        ("2001:0:1::1", "reserved"),
    ],
)
def test_addresses_of_our_own_are_refused(address: str, kind: str) -> None:
    """No address that leads into a network of one's own is connected to, however it is written."""
    with pytest.raises(NotAllowedError, match=f"an? {kind} address"):
        found(address).of("receiver.example", 443)


@pytest.mark.parametrize("address", ["8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_public_addresses_are_allowed(address: str) -> None:
    """An address of the public internet is returned as it is."""
    assert found(address).of("receiver.example", 443) == address


def test_one_refused_address_of_several_is_enough() -> None:
    """A name with a public and a private address is refused, in whichever order they come."""
    for addresses in (("8.8.8.8", "10.0.0.1"), ("10.0.0.1", "8.8.8.8")):
        with pytest.raises(NotAllowedError):
            found(*addresses).of("receiver.example", 443)


def test_networks_of_the_setting_are_allowed() -> None:
    """What a setting lists may be called, and nothing else of one's own; a mapped address is judged as what it maps."""
    ours = Addresses((ip_network("10.1.0.0/16"),), lambda host, _: (host,))
    for address in ("10.1.2.3", "::ffff:10.1.2.3"):
        assert ours.of(address, 443) == address
    for address in ("10.2.0.1", "127.0.0.1", "::1"):
        with pytest.raises(NotAllowedError):
            ours.of(address, 443)


def test_a_name_without_addresses() -> None:
    """A name that means nothing, or is none, is an error of the system, whatever the resolver does."""

    def strange(host: str, _: int) -> Sequence[str]:
        raise UnicodeError(host)

    for addresses in (found(), Addresses(resolve=strange)):
        with pytest.raises(OSError, match="has no address"):
            addresses.of("receiver.example", 443)


def test_numbers_that_mean_loopback() -> None:
    """The system reads 2130706433 and 0x7f.1 as 127.0.0.1: what they mean is judged, not how they are written."""
    for host in ("2130706433", "0x7f.1", "127.1", "localhost"):
        with pytest.raises(NotAllowedError, match="loopback"):
            Addresses().of(host, 443)


@pytest.mark.parametrize(
    ("url", "authority", "path"),
    [
        ("https://a.example", "a.example", "/"),
        ("https://A.example:443/x?y=1", "a.example", "/x?y=1"),
        ("https://a.example:8443/x", "a.example:8443", "/x"),
        ("https://[2606:4700::1111]:8443/", "[2606:4700::1111]:8443", "/"),
    ],
)
def test_a_url_is_read(url: str, authority: str, path: str) -> None:
    """The request names host and port as the URL does, and asks for its path with the query."""
    read = target(url, allow_http=False)
    assert (read.authority, read.path) == (authority, path)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://a.example/", "https://"),
        ("ftp://a.example/", "https://"),
        ("//a.example/", "https://"),
        ("https:///x", "no host"),
        ("https://admin:secret@a.example/", "user or a password"),
        ("https://a.example@10.0.0.1/", "user or a password"),
        ("https://a.example/#x", "fragment"),
        ("https://a.example/\r\nX-Header: 1", "printable"),
        ("https://a.example/ x", "printable"),
        ("https://a.example\\@b.example/", "printable"),
        ("https://ä.example/", "printable"),
        ("https://[fe80::1%25eth0]/", "no host"),
        ("https://a.example:0/", "port"),
        ("https://a.example:99999/", "cannot be read"),
        ("https://[::1/", "cannot be read"),
        ("https://a.example/" + "x" * 2000, "characters"),
    ],
)
def test_urls_that_are_refused(url: str, why: str) -> None:
    """A URL that could mean two things, hides something or has no TLS is refused, without repeating what it holds."""
    with pytest.raises(Refused, match=why) as refused:
        target(url, allow_http=False)
    assert refused.value.code is Code.INVALID
    assert "secret" not in refused.value.message
