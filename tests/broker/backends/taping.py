"""A gateway whose service ``tiny`` can be recorded and replayed: the provider is whatever a test wants to be said."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson

from broker.cassettes.recorded import Cassette
from broker.recording import Recording
from broker.storage.base import Environment
from broker.visit import Visit
from contracts.contract import Match
from contracts.exchange import Request, Response
from mocks.base import MockService, Refusal
from sandboxes.base import Account, Secret
from tests.broker.tiny import Gate
from tests.clocks import HeldClock

#: The real account's credential.
SECRET = "the-real-accounts-own-credential"


class Provider:
    """Stands where the proxy does. ``says`` makes an answer of a request whose body was read."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.says: Callable[[Request], Response] = self.numbered
        self.fidelity = "real"
        self.trailers: dict[str, str] = {}

    def numbered(self, request: Request) -> Response:
        """Another answer every time, as a provider with a state gives it."""
        echoed = orjson.loads(request.body) if request.body[:1] == b"{" else {}
        return said({"id": f"th_{len(self.asked)}", **echoed})

    async def answer(self, visit: Visit, service: MockService, match: Match) -> Response:
        request = visit.request
        if request.stream is not None:
            request.body = b"".join([piece async for piece in request.stream])
            self.trailers = getattr(request.stream, "trailers", {})
        self.asked.append(f"{request.method} {request.path}")
        visit.fidelity = self.fidelity
        return self.says(request)


def said(value: Any, status: int = 200, **headers: str) -> Response:
    """An answer in JSON."""
    fields = [("content-type", "application/json"), *((name.replace("_", "-"), text) for name, text in headers.items())]
    return Response(status, fields, orjson.dumps(value))


class Taping:
    """``gate`` is the gateway, ``recording`` all about cassettes."""

    def __init__(self, folder: Path, clock: HeldClock) -> None:
        self.gate = Gate(folder, clock)
        self.provider = Provider()
        self.known = True
        self.recording = Recording(
            settings=self.gate.settings,
            vault=self.gate.vault,
            redactor=self.gate.redactor,
            proxy=self.provider,
            account=self._account,
            report=self.gate.incident_book.report,
        )
        self.gate.environments.emptied(self.recording.rewind)
        self.shelf = self.recording.shelf
        self.gate.gateway._backends = {
            **self.gate.gateway._backends,
            "record": self.recording.record,
            "replay": self.recording.replay,
        }

    async def _account(self, environment: Environment, service: str) -> Account:
        if not self.known:
            raise Refusal("no_account", "the lease is over")
        return Account("one", "https://tiny.invalid", Secret(SECRET))

    async def open(self, name: str, mode: str, cassette: str | None = "first") -> tuple[Environment, str]:
        """An environment and its key."""
        body = {"mode": mode} if cassette is None else {"mode": mode, "cassette": cassette}
        home = await self.gate.open(name, {"services": {"tiny": body}})
        return home, await self.gate.key(home)

    async def written(self, name: str = "first") -> Cassette | None:
        """The cassette, with everything that was answered so far."""
        await asyncio.wait_for(self.recording.record.flush(), 10)
        return self.shelf.read("tiny", name)

    async def close(self) -> None:
        await self.recording.stop()
        await self.gate.close()
