"""Makes an event of a type happen: its calls, asked of an environment's service as an application asks.

So what is told has happened: the objects are there, money has moved, and every event that goes with it is emitted too.
Knows no provider by name; what to call is data (contracts/triggers.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson

from broker.clock import Clock
from broker.environments import Environments
from broker.errors import Conflict, InvalidInput, NotFound
from broker.policy import Policy
from broker.sides import EnvironmentSide, Sides
from broker.storage.base import Environment, Event, Storage
from broker.vault import Vault
from contracts import triggers
from contracts.exchange import Request, Response
from contracts.triggers import Trigger, TriggerCall
from mocks.base import MockService

#: Seconds that a real provider's event may take to come, and between two looks.
_PATIENCE, _LOOK = 15.0, 0.1
#: Events of one trigger.
_EVENTS = 1000
#: Characters of a refusal's body that are quoted.
_QUOTED = 500


@dataclass(frozen=True, slots=True)
class Made:
    """A call that was carried out."""

    name: str
    method: str
    path: str
    status: int
    object: str | None


@dataclass(frozen=True, slots=True)
class Fired:
    """What came of a trigger: its calls, all events that they brought about, oldest first, and which of these is the
    one that was asked for; None where it did not come."""

    trigger: Trigger
    calls: Sequence[Made]
    events: Sequence[Event]

    @property
    def event(self) -> Event | None:
        """The last one of the type."""
        return next((event for event in reversed(self.events) if event.type == self.trigger.type), None)


class Triggers:
    """See the module."""

    def __init__(
        self,
        *,
        clock: Clock,
        storage: Storage,
        vault: Vault,
        services: Mapping[str, MockService],
        environments: Environments,
        answer: Callable[[Request], Awaitable[Response]],
        load: Callable[[str], Mapping[str, Trigger]] = triggers.load,
    ) -> None:
        """``answer`` is the gateway's; ``load`` finds a service's triggers."""
        self._clock = clock
        self._services = services
        self._environments = environments
        self._sides = Sides(environments=environments, storage=storage, vault=vault, clock=clock, answer=answer)
        self._load = load
        #: Seconds that a real provider's event may take to come.
        self.patience = _PATIENCE

    def known(self, service: str | None = None) -> Sequence[Trigger]:
        """All of a service, or of every one, by service and type. Raises NotFound."""
        if service is not None and service not in self._services:
            raise NotFound(f"no service is called {service[:80]}")
        names = self._services if service is None else (service,)
        return [trigger for name in names for trigger in self._load(name).values()]

    def _found(self, type: str, service: str | None) -> Trigger:
        """Raises InvalidInput, with the types that are written like it, and NotFound."""
        known = {trigger.type: trigger for trigger in self.known(service)}
        try:
            return triggers.find(known, type)
        except triggers.UnknownTrigger as unknown:
            near = f"did you mean {', '.join(unknown.near)}?" if unknown.near else "none is written like it"
            raise InvalidInput(
                f"type: {type[:100]} cannot be triggered; {near} `broker events trigger --list` shows all"
            ) from None

    async def fire(
        self,
        name: str,
        type: str,
        *,
        service: str | None = None,
        override: Mapping[str, str] | None = None,
        remove: Sequence[str] = (),
        headers: Mapping[str, str] | None = None,
    ) -> Fired:
        """Make the calls of a trigger in an open environment. ``override`` and ``remove`` change their parameters,
        ``headers`` go with each. Raises InvalidInput, NotFound, EnvironmentClosed, and Conflict where a call is
        refused: what the calls before it did stays."""
        trigger = self._found(type, service)
        try:
            trigger = triggers.changed(trigger, override or {}, remove)
        except triggers.UnknownPlace as unknown:
            raise InvalidInput(f"override: {unknown}") from None
        environment = await self._environments.get_open(name)
        side = await self._sides.of(environment, self._services[trigger.service])
        outbox = (await self._environments.store(environment)).outbox
        newest = await outbox.events(limit=1)
        since = newest[0].id if newest else None
        calls = await self._carried_out(
            environment, side, trigger, {name.lower(): value for name, value in (headers or {}).items()}
        )
        waited, real = 0.0, Policy.from_normalised(environment.policy).mode(trigger.service) != "mock"
        while True:
            found = Fired(trigger, calls, await outbox.events_since(since, limit=_EVENTS))
            if found.event is not None or not real or waited >= self.patience:
                return found
            await asyncio.sleep(_LOOK)
            waited += _LOOK

    async def _carried_out(
        self, environment: Environment, side: EnvironmentSide, trigger: Trigger, headers: Mapping[str, str]
    ) -> list[Made]:
        answers: dict[str, Any] = {}
        made: list[Made] = []
        for number, call in enumerate(trigger.calls, 1):
            call = replace(call, headers={**headers, **call.headers})
            now = int(environment.at(self._clock.now()).timestamp())
            try:
                request = triggers.request(call, answers, now, self._clock.text(12))
            except triggers.Unset as unset:
                raise Conflict(f"{_named(number, call)} needs {unset.args[0]}, which no answer before it has") from None
            response = await side.ask(request, keyed=not call.person)
            value = _value(response)
            expected = call.status == response.status if call.status else response.status < 300
            if not expected:
                raise Conflict(
                    f"{_named(number, call)} answered {response.status}: {_words(value) or 'nothing more'}. "
                    "What the calls before it did stays",
                    calls=[each.name for each in made],
                )
            answers[call.name] = value
            key = value.get("id") if isinstance(value, dict) else None
            made.append(Made(call.name, call.method, request.path, response.status, key and str(key)))
        return made


def _named(number: int, call: TriggerCall) -> str:
    return f"call {number}, {call.name} ({call.method} {call.path}),"


def _value(response: Response) -> Any:
    try:
        return orjson.loads(response.body)
    except orjson.JSONDecodeError:
        return None


def _words(value: Any) -> str:
    """What a refusal says, wherever this provider's say it."""
    if not isinstance(value, dict):
        return ""
    for each in (value.get("error"), value):
        if isinstance(each, dict) and isinstance(each.get("message"), str):
            return str(each["message"])[:_QUOTED]
    return orjson.dumps(value).decode()[:_QUOTED]
