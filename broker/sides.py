"""An environment of this server that is asked as an application asks: by checks of drift, and to make events happen."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import replace

import orjson

from broker import bindings
from broker.clock import Clock
from broker.environments import Environments
from broker.probing import Told, Unusable
from broker.storage.base import Environment, EnvironmentStore, Storage
from broker.vault import Vault
from contracts.exchange import Headers, Request, Response
from mocks.base import Keys, MockService

#: Bytes of one answer: more is no answer to a probe.
_ANSWER = 32 << 20
#: Events of one side.
_EVENTS = 10_000


class Sides:
    """Opens environments' virtual keys. ``answer`` is the gateway's."""

    def __init__(
        self,
        *,
        environments: Environments,
        storage: Storage,
        vault: Vault,
        clock: Clock,
        answer: Callable[[Request], Awaitable[Response]],
    ) -> None:
        self._environments = environments
        self._storage = storage
        self._vault = vault
        self._clock = clock
        self._answer = answer

    async def of(self, environment: Environment, service: MockService) -> EnvironmentSide:
        """The side that an open environment is of a service."""
        credentials = await self._storage.registry.credentials(environment.uid)
        addresses = self._environments.addresses(environment)
        return EnvironmentSide(
            environment,
            service,
            bindings.view(service.name, credentials, addresses, self._vault).credentials,
            clock=self._clock,
            answer=self._answer,
            store=self._environments.store,
        )


class EnvironmentSide:
    """A side that is an environment of this server."""

    def __init__(
        self,
        environment: Environment,
        service: MockService,
        keys: Keys,
        *,
        clock: Clock,
        answer: Callable[[Request], Awaitable[Response]],
        store: Callable[[Environment], Awaitable[EnvironmentStore]],
    ) -> None:
        self._environment = environment
        self._service = service
        self._keys = keys
        self._clock = clock
        self._answer = answer
        self._store = store
        #: Whether its events come.
        self.hears = True

    async def ask(self, request: Request, *, keyed: bool = True) -> Response:
        """As an application asks: by path, signed, with a body that is read as it comes. As a person with a browser
        where it is not ``keyed``."""
        host = "localhost"
        path = f"/e/{self._environment.name}/{self._service.name}{request.path}"
        headers = Headers([*request.headers, ("host", host)])
        addressed = replace(request, path=path, sent_path=path, host=host, headers=headers)
        signed = self._service.authorize(addressed, self._keys, self._clock.now()) if keyed else addressed
        if signed.body:
            signed = replace(signed, body=b"", stream=_pieces(signed.body))
        response = await self._answer(signed)
        body = response.body if response.stream is None else await _whole(response.stream)
        return Response(response.status, response.headers, b"" if request.method == "HEAD" else body)

    async def events(self) -> Sequence[Told] | None:
        """From the outbox, where both its mocks' and its real providers' are. One that came before its call's answer
        waits for that, so they stand as they came."""
        if not self.hears:
            return None
        store = await self._store(self._environment)
        found = await store.outbox.events(service=self._service.name, limit=_EVENTS)
        oldest = list(reversed(found))
        oldest.sort(key=lambda event: event.created_at)
        return [Told(event.type, orjson.dumps(event.payload)) for event in oldest]


async def _pieces(body: bytes, size: int = 65536) -> AsyncIterator[bytes]:
    for at in range(0, len(body), size):
        yield body[at : at + size]


async def _whole(stream: AsyncIterator[bytes]) -> bytes:
    """Raises Unusable."""
    pieces, size = [], 0
    async for piece in stream:
        size += len(piece)
        if size > _ANSWER:
            raise Unusable(f"an answer has more than {_ANSWER >> 20} MiB")
        pieces.append(piece)
    return b"".join(pieces)
