"""Control routes that make events happen, and that let somebody listen to an environment's."""

from __future__ import annotations

from typing import Any

from broker.control import event_shapes as forms
from broker.control.answering import Ask, Query, Route
from broker.control.parts import Parts
from broker.control.shapes import ID_PARAMETER, ref
from broker.environments import parse_overlap
from broker.errors import Conflict, EnvironmentClosed, NotFound
from broker.listening import Listening
from broker.rolling import Rolling
from broker.triggers import Triggers

_V1 = "/_broker/v1"
_ENVIRONMENT = _V1 + "/environments/{name}"
#: Milliseconds that a listener may let the server wait: a server that stops waits for it.
_LONGEST = 5000
_URL = {"type": "string", "pattern": "^https?://", "maxLength": 2000}


async def list_triggers(parts: Parts, ask: Ask) -> Any:
    """By service and type."""
    return {"items": [forms.trigger(each) for each in _triggers(parts).known(ask.query.get("service"))]}


async def fire_trigger(parts: Parts, ask: Ask) -> Any:
    """The calls are over when it answers."""
    wanted = dict(ask.body)
    return forms.fired(await _triggers(parts).fire(ask.path["name"], wanted.pop("type"), **wanted))


async def listen(parts: Parts, ask: Ask) -> Any:
    """Waits for something to tell, for a while."""
    query, name = ask.query, ask.path["name"]
    listening = _listening(parts)
    page = await listening.since(
        name,
        query.get("after"),
        service=query.get("service"),
        types=tuple(each.strip() for each in query.get("events", "*").split(",") if each.strip()),
        wait=query.get("wait", 0) / 1000,
        limit=query.get("limit", 20),
        url=query.get("url", "http://localhost"),
        connected_url=query.get("connected_url"),
    )
    return forms.listened(page, dict(await listening.secrets(name, query.get("service"))))


async def roll_secret(parts: Parts, ask: Ask) -> Any:
    """The fresh one signs at once."""
    rolling = Rolling(environments=parts.environments, storage=parts.storage, vault=parts.vault, clock=parts.clock)
    wanted = ask.body
    found = await rolling.roll(
        ask.path["name"],
        wanted["service"],
        endpoint=wanted.get("endpoint"),
        overlap=parse_overlap(wanted.get("overlap", "0")),
    )
    return forms.rolled(found)


def _triggers(parts: Parts) -> Triggers:
    if parts.triggers is None:
        raise NotFound("this server triggers nothing")
    return parts.triggers


def _listening(parts: Parts) -> Listening:
    return Listening(environments=parts.environments, clock=parts.clock)


_SERVICE = Query("service", ID_PARAMETER, "Only this service.")

ROUTES: tuple[Route, ...] = (
    Route(
        method="GET",
        path=_V1 + "/triggers",
        id="listTriggers",
        about="List the types of event that can be triggered, and what is called for each.",
        respond=list_triggers,
        query=(_SERVICE,),
        replies={200: ref("TriggerList")},
        errors=(NotFound,),
    ),
    Route(
        method="POST",
        path=_ENVIRONMENT + "/triggers",
        id="fireTrigger",
        about="Make an event of a type happen: its calls are made in the environment, as an application makes them, so "
        "that objects, balance and all events that go with it are true. What was made before a refused call stays.",
        respond=fire_trigger,
        body=forms.TRIGGERING,
        replies={200: ref("Triggered")},
        errors=(NotFound, Conflict, EnvironmentClosed),
    ),
    Route(
        method="POST",
        path=_ENVIRONMENT + "/secrets/roll",
        id="rollSecret",
        about="Put a fresh secret in the place of the one that signs a service's events: the environment's own, or an "
        "endpoint's. Until the overlap is over, each delivery has a signature of both.",
        respond=roll_secret,
        body=forms.ROLLING,
        replies={200: ref("Rolled")},
        errors=(NotFound, Conflict, EnvironmentClosed),
    ),
    Route(
        method="GET",
        path=_ENVIRONMENT + "/listen",
        id="listen",
        waits=True,
        about="Take what came after an event, oldest first, each with a signed delivery for whoever asks to make. "
        "Without `after` nothing, but where to begin. Nothing is sent, and no delivery is noted.",
        respond=listen,
        query=(
            Query("after", ID_PARAMETER, "Where the listener stands: `next` of the answer before."),
            _SERVICE,
            Query(
                "events", {"type": "string", "maxLength": 5000}, "Types or patterns, with commas: charge.*,payout.paid."
            ),
            Query(
                "wait", {"type": "integer", "minimum": 0, "maximum": _LONGEST}, "Milliseconds to wait for something."
            ),
            Query("limit", {"type": "integer", "minimum": 1, "maximum": 100}, "Events, 20 unless said."),
            Query("url", _URL, "Where the deliveries will be made."),
            Query("connected_url", _URL, "Where those of connected accounts' events will be, if it is elsewhere."),
        ),
        replies={200: ref("Listened")},
        errors=(NotFound, Conflict, EnvironmentClosed),
    ),
)
