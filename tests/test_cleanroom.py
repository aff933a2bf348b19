"""The clean room holds: what it strips, and that its wall refuses."""

from __future__ import annotations

import asyncio
import os
import socket

import httpx
import pytest
import uvloop

from tests.cleanroom import NetworkRefused, inherited, is_local
from tests.clocks import HeldClock

FAR = "203.0.113.7"  # TEST-NET-3, RFC 5737: nobody is there


def test_the_machines_settings_are_gone() -> None:
    environment = dict(os.environ)  # noqa: TID251 - what is looked at here
    assert not [name for name in inherited(environment) if not name.startswith("AWS_")]
    assert environment["AWS_EC2_METADATA_DISABLED"] == "true"
    assert "AWS_ACCESS_KEY_ID" not in environment


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "[::1]", "localhost", "s3.pr-1.localhost.", b"::1"])
def test_this_machine_is_local(host: str) -> None:
    assert is_local(host)


@pytest.mark.parametrize(
    "host",
    [FAR, "10.0.0.1", "169.254.169.254", "api.example", "localhost.example", "::ffff:8.8.8.8"],
)
def test_everything_else_is_not(host: str) -> None:
    assert not is_local(host)


def test_sockets_are_refused() -> None:
    with socket.socket() as one, pytest.raises(NetworkRefused):
        one.connect((FAR, 443))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other, pytest.raises(NetworkRefused):
        other.sendto(b"", (FAR, 53))


def test_names_are_not_looked_up() -> None:
    with pytest.raises(NetworkRefused):
        socket.getaddrinfo("api.example.com", 443)


async def test_asyncio_is_refused() -> None:
    with pytest.raises(NetworkRefused):
        await asyncio.open_connection(FAR, 443)


def test_uvloop_is_refused() -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner, pytest.raises(NetworkRefused):
        runner.run(asyncio.open_connection(FAR, 443))


def test_http_clients_are_refused() -> None:
    with pytest.raises(NetworkRefused):
        httpx.get(f"http://{FAR}/")


def test_this_machine_is_reachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        socket.create_connection(listening.getsockname()).close()


def test_the_clock_stands_until_it_is_moved(clock: HeldClock) -> None:
    before = clock.now()
    assert clock.now() == before
    assert (clock.advance(days=8) - before).days == 8
    drawn = {clock.text(5) for _ in range(2000)}
    assert len(drawn) == 2000
