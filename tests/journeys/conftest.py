"""A real server process and fresh environments for the journeys: official SDKs over a real socket."""

from __future__ import annotations

import itertools
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import botocore.session
import pytest
from botocore.response import StreamingBody

from demo.serving import Broker

STRICT = {"BROKER_STRICT_REPLIES": "1"}


class OpenEnvironment(Protocol):
    """Opens an environment under a name of its own and closes it after the test."""

    def __call__(self, prefix: str = "pr", **options: Any) -> dict[str, Any]: ...


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """One server for every journey that does not end it. A traceback in its log fails the run."""
    broker = Broker(tmp_path_factory.mktemp("server"), STRICT)
    broker.start()
    yield broker
    broker.stop()
    log = broker.log.read_text(errors="replace")
    assert "Traceback" not in log, log[-5000:]


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Broker]:
    """A server of this test's own, not started yet: for killing, and for other settings."""
    broker = Broker(tmp_path / "server", STRICT)
    yield broker
    broker.kill()


@pytest.fixture(scope="session")
def _numbers(worker_id: str) -> Iterator[str]:
    return (f"{worker_id}-{number}" for number in itertools.count(1))


@pytest.fixture
def open_environment(server: Broker, _numbers: Iterator[str]) -> Iterator[OpenEnvironment]:
    """``open_environment(policy=..., ttl=..., webhooks={service: url})`` answers the bundle of a fresh name.

    Through the control API, because starting the command for every test would take longer than the tests.
    """
    opened: list[str] = []

    def fresh(prefix: str = "pr", **options: Any) -> dict[str, Any]:
        name = f"{prefix}-{next(_numbers)}"
        opened.append(name)
        if webhooks := options.get("webhooks"):
            options["webhooks"] = {service: [url] for service, url in webhooks.items()}
        bundle: dict[str, Any] = server.control("PUT", f"environments/{name}", options)
        return bundle

    yield fresh
    for name in opened:
        server.control("DELETE", f"environments/{name}")


@pytest.fixture
def loopback_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names below localhost mean this machine (RFC 6761), which not every resolver knows."""
    real = socket.getaddrinfo

    def resolve(host: Any, *rest: Any, **options: Any) -> Any:
        text = host.decode() if isinstance(host, bytes) else str(host)
        return real("127.0.0.1" if text.rstrip(".").endswith(".localhost") else host, *rest, **options)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)


@pytest.fixture(autouse=True)
def _clients_are_closed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The sockets of AWS clients, and of answers that were not read to their ends, go with their test: the collector
    would find them in another one's."""
    create = botocore.session.Session.create_client
    made: list[Any] = []

    def streamed(parsed: dict[str, Any], **_: Any) -> None:
        made.extend(value for value in parsed.values() if isinstance(value, StreamingBody))

    def remembered(self: botocore.session.Session, *arguments: Any, **options: Any) -> Any:
        client = create(self, *arguments, **options)
        client.meta.events.register("after-call", streamed)
        made.append(client)
        return client

    monkeypatch.setattr(botocore.session.Session, "create_client", remembered)
    yield
    for open_one in made:
        open_one.close()


@pytest.fixture
def environment(open_environment: OpenEnvironment) -> dict[str, Any]:
    """The bundle of one fresh environment: ``["variables"]`` is what an application is given."""
    return open_environment()
