"""Addresses of other programs: which ones may be registered, and which network addresses may be called.

A connector calls a registered address only, and only after its name was resolved to network addresses that
this house may reach: a partner's entry must not become a way into the own network.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final
from urllib.parse import urlsplit

from service.domain.errors import Finding, InvalidInput

NetworkAddress = IPv4Address | IPv6Address

ADDRESS_CHARACTERS: Final = 500
_SCHEMES: Final = ("http", "https")
_NEVER: Final = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8",  # this host
        "169.254.0.0/16",  # link-local, the usual home of a cloud's metadata
        "100.100.100.200/32",  # metadata elsewhere
        "168.63.129.16/32",  # metadata elsewhere
        "192.0.0.0/24",  # protocol assignments, metadata elsewhere
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved
        "::/128",  # this host
        "fe80::/10",  # link-local
        "fec0::/10",  # site-local
        "ff00::/8",  # multicast
        "fd00:ec2::254/128",  # metadata
        "fd20:ce::254/128",  # metadata
        "64:ff9b::/96",  # the next four carry an IPv4 address that would go unseen
        "64:ff9b:1::/48",
        "2002::/16",
        "2001::/32",
    )
)


def check_endpoint(address: str, pointer: str = "/endpoint") -> str:
    """Return an http or https address that may be registered.

    Args:
        address: without user name, password and fragment.
        pointer: where the input holds it.

    Raises:
        InvalidInput: ``endpoint.invalid``.
    """
    if not _is_well_formed(address):
        vi = "Địa chỉ phải là http:// hoặc https://, không kèm tên đăng nhập, mật khẩu hay dấu #."
        en = "The address must be http:// or https://, without user name, password or fragment."
        raise InvalidInput("endpoint.invalid", vi, en, [Finding("endpoint.invalid", vi, en, pointer)])
    return address


def _is_well_formed(address: str) -> bool:
    if (
        len(address) > ADDRESS_CHARACTERS
        or not address.isascii()
        or not address.isprintable()
        or " " in address
    ):
        return False
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return False
    is_plain = parts.username is None and parts.password is None and not parts.fragment
    return parts.scheme in _SCHEMES and bool(parts.hostname) and port != 0 and is_plain


def may_be_called(address: str, *, allows_private: bool) -> bool:
    """Say whether a network address may be called.

    Args:
        address: IPv4 or IPv6, as text; a zone index is ignored.
        allows_private: whether loopback and private ranges may be, as where partners are on the same
            wide-area network.
    """
    found: NetworkAddress = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    if any(found in network for network in _NEVER):
        return False
    return found.is_global or allows_private
