"""The clean room that every test runs in: no inherited settings, no network beyond this machine.

The wall is an audit hook, because that also sees sockets made inside of libraries; uvloop connects
below Python, so its loop gets a check of its own.
"""

from __future__ import annotations

import ipaddress
import sys
from collections.abc import Iterable
from typing import Any

import uvloop

#: Variables by prefix that would change what an SDK, the CLI or the server does.
PREFIXES = ("BROKER_", "STRIPE_", "AWS_", "SENDGRID_", "EXTERNAL_API_", "OTEL_", "DBOS_", "GITHUB_")
#: The same, by name in lower case (proxies are read in both cases).
NAMES = frozenset({"http_proxy", "https_proxy", "all_proxy", "no_proxy", "ftp_proxy", "ssl_cert_file", "netrc"})
#: Keeps AWS's SDKs from looking for credentials in the home folder and on the metadata address.
CALM = {
    "AWS_CONFIG_FILE": "/nonexistent/aws/config",
    "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent/aws/credentials",
    "AWS_EC2_METADATA_DISABLED": "true",
}


class NetworkRefused(RuntimeError):
    """A test tried to reach something that is not this machine."""


def inherited(names: Iterable[str]) -> list[str]:
    """Those of the variables that a test must not inherit."""
    return [name for name in names if name.startswith(PREFIXES) or name.lower() in NAMES]


def is_local(host: object) -> bool:
    """Whether a host name or address can only mean this machine."""
    if host is None or host in ("", b""):
        return True  # a bind to any address, or a service look-up without a host
    text = host.decode("latin-1") if isinstance(host, bytes) else str(host)
    text = text.strip("[]").split("%")[0].rstrip(".").lower()
    if text == "localhost" or text.endswith(".localhost"):  # RFC 6761, section 6.3
        return True
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def _refuse(what: str, host: object) -> None:
    if not is_local(host):
        raise NetworkRefused(f"tests reach this machine only, and this one tried {what} {host!r}")


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    # https://docs.python.org/3/library/audit_events.html names the arguments.
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        address = arguments[1]
        # Unix sockets have text addresses; netlink and packet sockets do not start with a host.
        if isinstance(address, tuple) and address and isinstance(address[0], str):
            _refuse(event, address[0])
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        _refuse(event, arguments[0])


_state = {"built": False}


def build() -> None:
    """Raise the wall around this process, once. Audit hooks stay until the process ends."""
    if _state["built"]:
        return
    _state["built"] = True
    sys.addaudithook(_watch)
    connect = uvloop.Loop.create_connection

    async def create_connection(self: Any, factory: Any, host: Any = None, *rest: Any, **options: Any) -> Any:
        _refuse("uvloop.create_connection", host)
        return await connect(self, factory, host, *rest, **options)

    uvloop.Loop.create_connection = create_connection
