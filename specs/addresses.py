"""Which addresses callbacks may go to. Asked for the very address a socket is about to connect to."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from understudy.specs.errors import UnderstudyError

if TYPE_CHECKING:
    from collections.abc import Sequence

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class ForbiddenError(OSError):
    """The address is not one that callbacks may go to."""


def read_networks(texts: Sequence[str], option: str = "--allow-callback-net") -> tuple[Network, ...]:
    """`10.0.0.0/8` and the like; raises UnderstudyError, which names the option, for what is no network."""
    networks = []
    for text in texts:
        try:
            networks.append(ipaddress.ip_network(text))
        except ValueError as error:
            raise UnderstudyError(
                f"not a network: {text!r}", where=option, advice="for example 10.1.0.0/16"
            ) from error
    return tuple(networks)


# Prefixes whose last 32 bits are an IPv4 address: NAT64 (RFC 6052, RFC 8215) and the old "compatible" form.
WRAPPING = tuple(ipaddress.IPv6Network(net) for net in ("64:ff9b::/96", "64:ff9b:1::/48", "::/96"))
# What the IANA registries of special-purpose addresses list as not globally reachable, beside what the oldest
# Python here (3.11) knows of them. As of 2025-10-09:
# https://www.iana.org/assignments/iana-ipv4-special-registry, …/iana-ipv6-special-registry
SPECIAL = tuple(
    ipaddress.ip_network(net)
    for net in (
        "192.0.0.0/24",  # IETF protocol assignments, RFC 6890
        "192.88.99.0/24",  # deprecated 6to4 relay anycast, RFC 7526
        "100:0:0:1::/64",  # dummy prefix, RFC 9780
        "2001:db8::/32",  # documentation, RFC 3849
        "3fff::/20",  # documentation, RFC 9637
        "5f00::/16",  # segment routing (SRv6) SIDs, RFC 9602
    )
)
# Public by number, and yet a cloud's own: the metadata services of Azure and Oracle.
CLOUD = frozenset({ipaddress.IPv4Address("168.63.129.16"), ipaddress.IPv4Address("192.0.0.192")})


def plain(address: Address) -> Address:
    """An IPv4 address wrapped in IPv6 (mapped, compatible, 6to4, Teredo, NAT64) as itself."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is not None:
            return inner
        if address.teredo is not None:
            return address.teredo[1]
        if int(address) > 1 and any(address in net for net in WRAPPING):
            return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def public(address: Address) -> bool:
    """Whether an address is one of the internet's, and no cloud's own."""
    if isinstance(address, ipaddress.IPv6Address) and address.is_site_local:
        return False
    if any(address.version == net.version and address in net for net in SPECIAL):
        return False
    return address.is_global and not address.is_multicast and address not in CLOUD


def check_address(text: str, allowed: Sequence[Network]) -> None:
    """Raise ForbiddenError unless callbacks may go to the address: loopback, public ones, and `allowed`."""
    address = plain(ipaddress.ip_address(text.partition("%")[0]))
    if any(address.version == net.version and address in net for net in allowed):
        return
    # 0.0.0.0 and :: reach this machine on some systems, and are no address to call back.
    if address.is_loopback or public(address):
        return
    raise ForbiddenError(f"callbacks may not go to {address} (--allow-callback-net {address} allows it)")
