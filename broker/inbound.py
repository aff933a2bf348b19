"""Mails from outside on their way into an environment: a service's own business, carried out like one of its calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from broker.backends.mock import MockBackend
from broker.clock import Clock
from broker.directory import Directory
from broker.environments import Environments
from broker.errors import Conflict, InvalidInput, NotFound
from broker.visit import Visit
from contracts.contract import Operation
from contracts.exchange import Request
from mocks import mime
from mocks.arriving import Arriving
from mocks.base import Call, MockService

#: The address of the server that brings a mail where none is told: for documentation (RFC 5737), as nobody is.
CLIENT = "203.0.113.25"
_OPERATION = Operation(id="arrival", method="POST", path="/")
#: Bytes of a mail's head that are looked through for addresses.
_HEAD = 256 * 1024


class Inbound:
    """See the module."""

    def __init__(
        self,
        clock: Clock,
        environments: Environments,
        directory: Directory,
        services: Mapping[str, MockService],
        mock: MockBackend,
    ) -> None:
        self._clock = clock
        self._environments = environments
        self._directory = directory
        self._services = services
        self._mock = mock

    async def receive(
        self,
        name: str,
        raw: bytes,
        *,
        service: str | None = None,
        to: Sequence[str] = (),
        sender: str | None = None,
        client: str = CLIENT,
        scope: str = "",
    ) -> Sequence[dict[str, Any]]:
        """A mail arrives: the planned deliveries, each with ``event``, ``url`` and ``to``. Without ``to`` and
        ``sender`` the mail's own addresses are the envelope's. Raises NotFound, EnvironmentClosed, InvalidInput, and
        Conflict where nobody waits for it."""
        taker = self._taker(service)
        if not raw.strip():
            raise InvalidInput("the mail is empty")
        known = _addresses(raw)
        mail = Arriving(raw, list(to) or known["to"], known["from"][0] if sender is None else sender, client)
        if not mail.to:
            raise InvalidInput("to: the mail names nobody; say whom it is for")
        environment = await self._environments.get_open(name)
        entry = await self._directory.by_name(name)
        if entry is None or entry.environment.uid != environment.uid:
            raise NotFound(f"no environment is called {name[:80]}")
        if entry.policy.mode(taker.name) != "mock":
            raise Conflict(f"{taker.name} is no mock in {name}: its mail arrives at the provider")
        found: list[dict[str, Any]] = []
        request = Request(method="POST", path="/")
        now, started = self._clock.now(), self._clock.monotonic()
        visit = Visit(self._clock.text(16), entry, taker, None, request, now, started, scope=scope)
        try:
            await self._mock.carry(visit, taker, _OPERATION, partial(_received, taker, mail, found))
        except mime.Unreadable as wrong:
            raise InvalidInput(str(wrong)) from None
        if not found:
            raise Conflict(f"nobody in {name} waits for mail to {', '.join(mail.to)[:200]}")
        return found

    def _taker(self, name: str | None) -> MockService:
        """Raises NotFound, InvalidInput."""
        takers = [each for each in self._services.values() if each.receive is not None]
        if name is not None:
            if name not in self._services:
                raise NotFound(f"no service is called {name[:80]}")
            takers = [each for each in takers if each.name == name]
        if len(takers) != 1:
            names = ", ".join(sorted(each.name for each in self._services.values() if each.receive is not None))
            raise InvalidInput(f"service: say which one takes the mail: {names or 'none here does'}")
        return takers[0]


async def _received(service: MockService, mail: Arriving, found: list[dict[str, Any]], call: Call) -> None:
    if service.receive is not None:
        found += await service.receive(call, mail)


def _addresses(raw: bytes) -> Mapping[str, list[str]]:
    """Whom a mail says that it is for, and from; "" where it does not say from whom. Raises InvalidInput."""
    try:
        head = mime.parsed(raw[:_HEAD])
    except mime.Unreadable as wrong:
        raise InvalidInput(str(wrong)) from None
    told = {name: [str(value) for value in head.get_all(name, ())] for name in ("to", "cc", "from")}
    to = [address for _, address in mime.addresses([*told["to"], *told["cc"]]) if "@" in address]
    sender = [address for _, address in mime.addresses(told["from"]) if address]
    return {"to": list(dict.fromkeys(to)), "from": sender or [""]}
