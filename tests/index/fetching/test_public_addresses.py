"""Which addresses are of the public internet: by the registries, in whatever disguise."""

import time
from collections.abc import Sequence
from ipaddress import IPv4Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.fetching import public_addresses
from index.fetching.public_addresses import not_public

PUBLIC = ["1.1.1.1", "8.8.8.8", "93.184.216.34", "172.32.0.1", "100.128.0.1", "192.0.1.1", "198.20.0.1", "223.255.255.255", "2606:4700::1111", "2a00:1450:4001::200e", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"]  # fmt: skip
NOT_PUBLIC = [
    "127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",
    "169.254.169.254", "169.254.0.1", "100.64.0.1", "100.100.100.200", "168.63.129.16", "192.0.0.192", "198.18.0.1",
    "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "192.0.2.1", "198.51.100.7", "203.0.113.9",
    "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "2001:db8::1", "2001::1",
    "3fff::1", "100::1", "5f00::1", "::7f00:1", "64:ff9b:1::1",
]  # fmt: skip


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_of_the_public_internet_is_one(address: str) -> None:
    """Also where it stands next to a range that is not."""
    assert not_public(address) is None


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_every_special_range_is_told_apart(address: str) -> None:
    """This machine, private networks, the local link, metadata services, groups, documentation."""
    assert not_public(address)


@pytest.mark.parametrize("inner", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "192.168.0.1", "100.64.0.1"])
@pytest.mark.parametrize("disguise", ["::ffff:{v4}", "64:ff9b::{v4}", "::{v4}", "2002:{hex}::1", "2a00::5efe:{v4}", "2a00::200:5efe:{v4}"])  # fmt: skip
def test_a_private_address_within_another_form_stays_private(inner: str, disguise: str) -> None:
    """Mapped, behind NAT64, compatible, 6to4 and ISATAP forms carry an IPv4 address to the same place."""
    number = int(IPv4Address(inner))
    address = disguise.format(v4=inner, hex=f"{number >> 16:x}:{number & 0xFFFF:x}")
    assert not_public(str(ip_address(address)))


@given(st.ip_addresses())
def test_whatever_python_calls_private_is_never_public_here(address: object) -> None:
    """Python's own list is a second opinion; ours may refuse more, and never less."""
    known = ip_address(str(address))
    if known.is_private or known.is_multicast or known.is_reserved or known.is_loopback or known.is_link_local:
        mapped = getattr(known, "ipv4_mapped", None)
        nat64 = str(known).startswith("64:ff9b::")
        assert not_public(str(known)) or mapped or nat64


@pytest.mark.parametrize("text", ["", "example.org", "1.2.3", "::g", "0x7f.0.0.1"])
def test_what_is_no_address_is_not_public(text: str) -> None:
    """A resolver that gives such a thing is not believed."""
    assert not_public(text)


def test_an_address_that_this_machine_bears_is_its_own() -> None:
    """A machine may have a public address; nothing behind it is public for that reason."""
    assert public_addresses._is_own(ip_address("127.0.0.1"))
    assert not public_addresses._is_own(ip_address("192.0.2.1"))


def test_a_resolver_that_does_not_answer_is_left_behind() -> None:
    """The system's resolver knows no limit of time; the fetch does."""

    def slow(_host: str, _port: int) -> Sequence[str]:
        time.sleep(0.5)
        return ["1.1.1.1"]

    with pytest.raises(TimeoutError):
        public_addresses.within(0.02, slow, "example.org", 80)
    assert public_addresses.within(5, lambda _host, _port: ["1.1.1.1"], "example.org", 80) == ["1.1.1.1"]


def test_numbers_in_any_spelling_resolve_to_the_address_they_mean() -> None:
    """So that the check sees 127.0.0.1 and not a word."""
    assert public_addresses.resolve("2130706433", 80) == public_addresses.resolve("0x7f.1", 80) == ["127.0.0.1"]
