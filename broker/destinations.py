"""Which addresses outgoing calls may reach. Pure: it parses and decides, and resolves no name.

Link-local and cloud-metadata addresses are refused always, because what answers there hands out the
machine's own credentials; loopback and private ones are refused unless the server may reach them.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit

from broker.errors import InvalidInput
from broker.settings import Settings

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

#: Metadata services outside the link-local ranges, by provider.
_METADATA = frozenset(
    ipaddress.ip_address(text)
    for text in (
        "fd00:ec2::254",  # AWS, IPv6: docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
        "fd00:ec2::23",  # AWS EKS Pod Identity agent
        "fd20:ce::254",  # Google Cloud, IPv6: docs.cloud.google.com/compute/docs/metadata/querying-metadata
        "100.100.100.200",  # Alibaba Cloud: alibabacloud.com/help/en/ecs/user-guide/view-instance-metadata
        "168.63.129.16",  # Azure's host: learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16
        "192.0.0.192",  # Oracle Cloud, the older address
    )
)
_METADATA_NAMES = frozenset(
    {"metadata.google.internal", "metadata.goog", "metadata", "instance-data", "instance-data.ec2.internal"}
)
#: IPv6 ranges that carry an IPv4 address: NAT64 (RFC 6052, RFC 8215) and IPv4-compatible (RFC 4291).
_NAT64 = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))
_COMPATIBLE = ipaddress.ip_network("::/96")
_THIS_NETWORK = ipaddress.ip_network("0.0.0.0/8")
#: Names below these lead to machines nearby (RFC 6761, RFC 6762, Kubernetes); so does a name without a dot.
_NEARBY = (".localhost", ".local", ".internal", ".svc", ".test")
_HOST = re.compile(r"[a-z0-9]([a-z0-9._-]{0,251}[a-z0-9])?\.?", re.ASCII)


class ForbiddenTarget(InvalidInput):
    """A destination that must not be called, or a URL that is none. The message says which part and why."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What calls may reach: ``private`` opens loopback and private addresses; ``own_hosts`` and ``own_port`` are
    where this server listens, whose control API is never a target."""

    private: bool = False
    own_hosts: frozenset[str] = frozenset()
    own_port: int | None = None


def allowance(settings: Settings) -> Allowance:
    """What the settings allow."""
    origin = urlsplit(settings.origin)
    hosts = {"localhost", settings.host.strip("[]").lower(), (origin.hostname or "").lower(), settings.base_domain}
    return Allowance(
        private=settings.allows_private_targets,
        own_hosts=frozenset(host for host in hosts if host),
        own_port=settings.port,
    )


def check_target(url: str, allow: Allowance) -> SplitResult:
    """The parts of an absolute URL that may be called, as far as its text tells: names are checked again when
    they are resolved. Raises ForbiddenTarget."""
    parts, host = _parse(url)
    if host.rstrip(".") in _METADATA_NAMES:
        raise ForbiddenTarget(f"{host} is a cloud metadata service: it is never a target")
    literal = as_address(host)
    if host.rstrip(".") == "localhost" or host.rstrip(".").endswith(".localhost"):
        # RFC 6761, section 6.3: these names mean this machine, whatever resolves them.
        check_address("127.0.0.1", allow, name=host)
    if literal is not None:
        check_address(str(literal), allow, name=host)
    if _reaches_control(parts, host, literal, allow):
        raise ForbiddenTarget("the broker's own control API is never a target")
    # What resolvers accept in other spellings (0x7f.1, 2130706433) goes on in its one canonical form.
    shown = f"[{literal}]" if isinstance(literal, ipaddress.IPv6Address) else str(literal or host)
    return parts._replace(netloc=shown if parts.port is None else f"{shown}:{parts.port}", fragment="")


def check_endpoint(place: str, url: str) -> str:
    """A real provider's address as an owner of an account writes it (``https://api.example.com:8443``), without a slash
    at its end. Plain http, which would show the credential to every machine between, is for machines nearby. Raises
    InvalidInput that names ``place``."""
    try:
        parts = check_target(url, Allowance(private=True))
    except InvalidInput as wrong:
        raise InvalidInput(f"{place}: {wrong.detail}") from None
    if parts.path not in ("", "/") or parts.query:
        raise InvalidInput(f"{place}: write scheme, host and port only, like https://api.example.com")
    if parts.scheme == "http" and not _is_nearby((parts.hostname or "").rstrip(".")):
        raise InvalidInput(f"{place}: https is needed: with http the credential could be read on its way")
    return url.rstrip("/")


def _is_nearby(host: str) -> bool:
    address = as_address(host)
    if address is not None:
        return not address.is_global
    return "." not in host or host.endswith(_NEARBY)


def _parse(url: str) -> tuple[SplitResult, str]:
    if not url.isascii() or any(char <= " " or char in '\\"<>^`{|}\x7f' for char in url):
        raise ForbiddenTarget("the target is no URL: it holds characters that have to be percent-encoded")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as wrong:
        raise ForbiddenTarget(f"the target is no URL: {wrong}") from None
    if parts.scheme not in ("http", "https"):
        raise ForbiddenTarget("the target's scheme must be http or https")
    if "@" in parts.netloc:
        raise ForbiddenTarget("the target must not hold a user name or password")
    host = (parts.hostname or "").lower()
    if not (":" in host or _HOST.fullmatch(host)):
        raise ForbiddenTarget(f"the target has no valid host name: {host or 'it is empty'}")
    if port == 0:
        raise ForbiddenTarget("the target's port must be from 1 to 65535")
    return parts, host


def as_address(host: str) -> Address | None:
    """The address that a host spells out, in any form that resolvers accept (decimal, octal, hexadecimal, short);
    None for a name."""
    if ":" in host:
        try:
            return ipaddress.IPv6Address(host)
        except ValueError as wrong:
            raise ForbiddenTarget(f"the target has no valid host name: {wrong}") from None
    try:
        # inet_aton reads what getaddrinfo does: inet(3). It ignores what follows a space, which _parse refuses.
        return ipaddress.IPv4Address(socket.inet_aton(host.rstrip(".")))
    except OSError:
        return None


def check_address(text: str, allow: Allowance, *, name: str) -> None:
    """Raises ForbiddenTarget when ``name`` leads to an address that must not be called."""
    # A zone (fe80::1%eth0) exists on link-local addresses only.
    address = ipaddress.ip_address(text.partition("%")[0])
    shown = name if name == text else f"{name} ({text})"
    for each in _meant(address):
        if reason := _never(each):
            raise ForbiddenTarget(f"{shown} is {reason}: it is never a target")
        if not allow.private and not each.is_global:
            raise ForbiddenTarget(
                f"{shown} is a loopback or private address: targets there are allowed only while the server listens "
                "on loopback, or with BROKER_PRIVATE_TARGETS=yes"
            )


def _never(address: Address) -> str | None:
    if address in _METADATA:
        return "a cloud metadata address"
    if address.is_link_local or (isinstance(address, ipaddress.IPv6Address) and address.is_site_local):
        return "a link-local address, where clouds keep their metadata"
    if address.is_multicast:
        return "a multicast address"
    if address.is_unspecified or (isinstance(address, ipaddress.IPv4Address) and address in _THIS_NETWORK):
        return "no address of a host"
    # ::/8 is reserved, but holds the loopback and the mapped ranges that are looked at by themselves.
    if address.is_reserved and not (isinstance(address, ipaddress.IPv6Address) and int(address) >> 120 == 0):
        return "a reserved address"
    return None


def _meant(address: Address) -> list[Address]:
    """The address itself and the IPv4 addresses that it tunnels to; for a mapped one, what it stands for."""
    if isinstance(address, ipaddress.IPv4Address):
        return [address]
    if address.ipv4_mapped is not None:
        return [address.ipv4_mapped]
    found: list[Address] = [address, *(address.teredo or ())]
    if address.sixtofour is not None:
        found.append(address.sixtofour)
    if any(address in network for network in _NAT64) or (address in _COMPATIBLE and int(address) > 1):
        found.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return found


def _reaches_control(parts: SplitResult, host: str, literal: Address | None, allow: Allowance) -> bool:
    """Whether a URL names this server's own control API, however its path is spelled."""
    segments = unquote(unquote(parts.path)).lower().replace("\\", "/").split("/")
    if "_broker" not in segments:
        return False
    port = parts.port or (443 if parts.scheme == "https" else 80)
    own = host.rstrip(".")
    ours = own in allow.own_hosts or any(own.endswith("." + each) for each in allow.own_hosts)
    return ours or port == allow.own_port or (literal is not None and str(literal) in allow.own_hosts)
