"""Decide which IP addresses may be connected to: only those of the public internet.

The list is kept here because the lists in Python's `ipaddress` differ between patch releases. It follows the
special-purpose address registries of IANA (RFC 6890 and later).
"""

import socket
import threading
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Resolver = Callable[[str, int], Sequence[str]]
"""Function that returns the IP addresses of a host name and a port, as text."""

_NOT_PUBLIC_4 = tuple(
    (IPv4Network(network), what)
    for network, what in (
        ("0.0.0.0/8", "this machine"),
        ("10.0.0.0/8", "a private network"),
        ("100.64.0.0/10", "a provider's own network"),
        ("127.0.0.0/8", "this machine"),
        ("168.63.129.16/32", "a cloud's own service"),  # in the public range, but served by the machine's own host
        ("169.254.0.0/16", "the local link"),
        ("172.16.0.0/12", "a private network"),
        ("192.0.0.0/24", "a special purpose"),
        ("192.0.2.0/24", "documentation"),
        ("192.88.99.0/24", "a special purpose"),
        ("192.168.0.0/16", "a private network"),
        ("198.18.0.0/15", "measurements"),
        ("198.51.100.0/24", "documentation"),
        ("203.0.113.0/24", "documentation"),
        ("224.0.0.0/4", "groups of machines"),
        ("240.0.0.0/4", "a special purpose"),
    )
)
_PUBLIC_6 = IPv6Network("2000::/3")
_NOT_PUBLIC_6 = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # IETF protocols, including Teredo tunnels
        "2001:db8::/32",
        "2002::/16",  # 6to4: embeds an IPv4 address; deprecated by RFC 7526
        "3fff::/20",
    )
)
_NAT64 = IPv6Network("64:ff9b::/96")
"""NAT64 (RFC 6052): IPv4 addresses in IPv6-only networks; the last 32 bits are the IPv4 address."""


def not_public(address: str) -> str | None:
    """Return what a non-public address is used for, such as "a private network"; None if the address is public."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return "nothing that is known"
    use = _special_4(parsed) if isinstance(parsed, IPv4Address) else _special_6(parsed)
    return "this machine" if use is None and _is_own(parsed) else use


def _special_4(address: IPv4Address) -> str | None:
    return next((what for network, what in _NOT_PUBLIC_4 if address in network), None)


def _special_6(address: IPv6Address) -> str | None:
    inner = address.ipv4_mapped or (IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else None)
    if inner is not None:
        return _special_4(inner)
    if address.is_loopback or address.is_unspecified:
        return "this machine"
    if address not in _PUBLIC_6 or address.scope_id is not None:
        return "a private network or a special purpose"
    if any(address in network for network in _NOT_PUBLIC_6) or _embeds_special(address):
        return "a special purpose"
    return None


def _embeds_special(address: IPv6Address) -> bool:
    # ISATAP (RFC 5214): the lower half is 00-00-5e-fe or 02-00-5e-fe, followed by an embedded IPv4 address.
    lower = int(address) & 0xFFFFFFFF_FFFFFFFF
    return (lower >> 32) & ~0x02000000 == 0x5EFE and _special_4(IPv4Address(lower & 0xFFFFFFFF)) is not None


def _is_own(address: IPv4Address | IPv6Address) -> bool:
    """Whether the address belongs to this machine; a socket can only be bound to such an address."""
    family = socket.AF_INET if isinstance(address, IPv4Address) else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((str(address), 0))
    except OSError:
        return False
    return True


def resolve(host: str, port: int) -> list[str]:
    """Return the IP addresses of a host from the system resolver, in its order.

    Raises:
        OSError: the host has no address.
        UnicodeError: the host name is invalid.
    """
    results = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(at[0]) for *_, at in results))


def within(seconds: float, resolver: Resolver, host: str, port: int) -> Sequence[str]:
    """Call the resolver with a time limit, in a thread, because the system resolver has no time limit of its own.

    After a timeout the thread is abandoned.

    Raises:
        TimeoutError: the resolver did not answer in time.
        OSError: the host has no address.
        UnicodeError: the host name is invalid.
    """
    answers: list[Sequence[str]] = []
    failed: list[OSError | UnicodeError] = []

    def ask() -> None:
        try:
            answers.append(resolver(host, port))
        except (OSError, UnicodeError) as error:
            failed.append(error)

    asking = threading.Thread(target=ask, name="almanac-resolver", daemon=True)
    asking.start()
    asking.join(seconds)
    if failed:
        raise failed[0]
    if not answers:
        raise TimeoutError(f"no answer in {seconds:g} s")
    return answers[0]
