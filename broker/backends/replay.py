"""Mode ``replay``: answers from the cassette that the environment's policy names, with no provider and no account.

Nothing of an environment gets into a cassette here. Each environment has a place of its own in it, in memory: it begins
anew with the environment, with the server, and when the file changes. No events are sent.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter

from broker.backends.record import request_body
from broker.cassettes.matching import Player, Progress, leaves
from broker.cassettes.recorded import Cassette, Kept, Recorded, joined, pairs, query_of, telling
from broker.cassettes.shelf import Shelf
from broker.errors import InvalidInput
from broker.visit import Visit
from contracts.contract import Match
from contracts.exchange import Headers, Request, Response
from mocks.base import MockService, Refusal

log = logging.getLogger("broker.replay")

#: Bytes of a body that are taken apart at once; more of them would keep other calls waiting.
_LONG_BODY = 32 << 10
#: Cassettes that are held ready.
_PLAYERS = 30
_ABSENT = (
    "The policy wants {service} replayed from the cassette {name}, and there is none. Record it first (mode: record), "
    "or import it."
)
_UNFIT = "Nothing in the cassette {name} fits this call ({operation}). {nearest}"
_LONG = (
    "The answer to this call ({operation}) was longer than a cassette keeps ({size} bytes), so it cannot be replayed. "
    "Let the mock answer it, with a rule of the policy."
)


class ReplayBackend:
    """``outcomes`` count calls by service: played, missing."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._players: dict[tuple[str, str], tuple[Cassette, Player]] = {}
        self._progress: dict[str, dict[tuple[str, str], tuple[Cassette, Progress]]] = {}
        self._loading = asyncio.Lock()
        self.outcomes: Counter[tuple[str, str]] = Counter()

    def forget(self, uid: str) -> None:
        """The environment is over, or begins anew."""
        self._progress.pop(uid, None)

    async def answer(self, visit: Visit, service: MockService, match: Match) -> Response:
        try:
            response = await self._played(visit, service, match)
        except Refusal as missing:
            self.outcomes[service.name, "missing"] += 1
            # Some answers have no room for it: those to HEAD, for instance.
            log.info("exchange %s of %s: %s", visit.id, visit.entry.environment.name, missing.message)
            raise
        self.outcomes[service.name, "played"] += 1
        visit.fidelity = "recorded"
        return response

    async def _played(self, visit: Visit, service: MockService, match: Match) -> Response:
        environment, operation = visit.entry.environment, match.operation.id
        name = visit.entry.policy.cassette(service.name) or environment.name
        cassette, player = await self._player(service, name)
        asked = await _asked(visit.request, match)
        of_environment = self._progress.setdefault(environment.uid, {})
        known = of_environment.get((service.name, name))
        if known is None or known[0] is not cassette:
            known = of_environment[service.name, name] = (cassette, Progress(environment.name))
        progress = known[1]
        found = player.find(operation, asked, progress)
        if found is None:
            if visit.request.stream is None:
                # What its contract refuses never reached the provider while it was recorded: it is refused alike.
                service.contract().read(match, visit.request)
            nearest = await asyncio.to_thread(player.nearest, operation, asked, progress)
            raise Refusal("no_recording", _UNFIT.format(name=name, operation=operation, nearest=nearest))
        if found.response.form == "digest":
            size = found.response.value["size"]
            raise Refusal("no_recording", _LONG.format(operation=operation, size=size))
        return _response(found, player, progress)

    async def _player(self, service: MockService, name: str) -> tuple[Cassette, Player]:
        key = (service.name, name)
        known = self._players.get(key)
        if known is not None and self._shelf.holds(service.name, name, known[0]):
            return known
        async with self._loading:
            try:
                cassette = await asyncio.to_thread(self._shelf.read, service.name, name)
            except InvalidInput as broken:
                raise Refusal("no_recording", f"The cassette cannot be read: {broken.detail}") from None
            if cassette is None:
                raise Refusal("no_recording", _ABSENT.format(service=service.name, name=name))
            known = self._players.get(key)
            if known is None or known[0] is not cassette:
                if len(self._players) >= _PLAYERS:
                    self._players.clear()
                player = await asyncio.to_thread(_prepared, service, cassette)
                known = self._players[key] = (cassette, player)
        return known


def _prepared(service: MockService, cassette: Cassette) -> Player:
    operations = [operation_of(service, each) for each in cassette.exchanges]
    return Player(cassette.exchanges, operations, cassette.environment)


def operation_of(service: MockService, one: Recorded) -> str:
    """The operation that an exchange was about, by today's contract; else as it was recorded."""
    request = Request(
        method=one.method,
        path=one.path,
        query=one.target.partition("?")[2],
        headers=Headers(pairs(one.request_headers)),
    )
    found = service.contract().match(service.relocate(request))
    return found.operation.id if found is not None else one.operation or ""


async def _asked(request: Request, match: Match) -> dict[str, str]:
    """The call as a cassette would hold it, taken apart."""
    kept = Kept()
    if request.stream is None:
        kept.take(request.body)
    else:
        async for piece in request.stream:
            kept.take(piece)
    if kept.held > _LONG_BODY:
        return await asyncio.to_thread(_apart, request, match, kept)
    return _apart(request, match, kept)


def _apart(request: Request, match: Match, kept: Kept) -> dict[str, str]:
    body = request_body(request, match.operation, kept)
    return leaves(request.path, query_of(request.query), body, joined(telling(request.headers.pairs)))


def _response(one: Recorded, player: Player, progress: Progress) -> Response:
    body = type(one.response)(one.response.form, player.own(one.response.value, progress))
    headers = [(name, str(player.own(value, progress))) for name, value in pairs(one.response_headers)]
    return Response(one.status, headers, body.raw())
