"""JSON Schemas of triggers and of listening, and their values."""

from __future__ import annotations

from typing import Any

from broker.control.forms import moment
from broker.control.shapes import ANYTHING, HEADERS, ID_PARAMETER, MOMENT, TEXT, Schema, many, mapping, maybe, record
from broker.listening import Heard, Page
from broker.rolling import Rolled
from broker.triggers import Fired
from contracts.triggers import Trigger

_PLACE: Schema = {"type": "string", "minLength": 1, "maxLength": 300}
_VALUES: Schema = {
    "type": "object",
    "propertyNames": _PLACE,
    "additionalProperties": {"type": "string", "maxLength": 5000},
    "maxProperties": 100,
}

TRIGGERING = record(
    {
        "type": {**ID_PARAMETER, "description": "The type of event: customer.created"},
        "service": {**TEXT, "minLength": 1, "maxLength": 63, "description": "Where several services have the type."},
        "override": {**_VALUES, "description": "Parameters by place: [NAME:]path, where NAME is one of its calls."},
        "remove": {"type": "array", "items": _PLACE, "maxItems": 100, "description": "Parameters that are left out."},
        "headers": {**_VALUES, "description": "Header fields that every call has besides its own."},
    },
    optional=("service", "override", "remove", "headers"),
)

ROLLING = record(
    {
        "service": {**TEXT, "minLength": 1, "maxLength": 63},
        "endpoint": {
            **ID_PARAMETER,
            "description": "Of this endpoint of the API; else the environment's own.",
        },
        "overlap": {**TEXT, "minLength": 1, "maxLength": 20, "description": "How long the earlier one signs too: 24h."},
    },
    optional=("endpoint", "overlap"),
)

COMPONENTS: dict[str, Schema] = {
    "TriggerList": record(
        {
            "items": many(
                record(
                    {
                        "type": TEXT,
                        "service": TEXT,
                        "about": TEXT,
                        "calls": many(record({"name": TEXT, "call": TEXT}, about="What is called, in order.")),
                    }
                )
            )
        }
    ),
    "Triggered": record(
        {
            "type": TEXT,
            "service": TEXT,
            "event": {**maybe(TEXT), "description": "The id of the event of that type; null where none came."},
            "calls": many(
                record(
                    {
                        "name": TEXT,
                        "method": TEXT,
                        "path": TEXT,
                        "status": {"type": "integer"},
                        "object": {**maybe(TEXT), "description": "The id of what was answered."},
                    }
                )
            ),
            "events": many(record({"id": TEXT, "type": TEXT})),
        },
        about="What a trigger called, and every event that came of it, oldest first.",
    ),
    "Rolled": record(
        {
            "service": TEXT,
            "endpoint": maybe(TEXT),
            "secret": {**TEXT, "description": "The fresh one, shown here once."},
            "until": {**maybe(MOMENT), "description": "Until when the earlier one signs too."},
        }
    ),
    "Listened": record(
        {
            "items": many(
                record(
                    {
                        "id": TEXT,
                        "type": TEXT,
                        "service": TEXT,
                        "account": {**maybe(TEXT), "description": "The connected account that the event is of."},
                        "created_at": MOMENT,
                        "payload": ANYTHING,
                        "delivery": maybe(record({"headers": HEADERS, "body": TEXT})),
                    },
                    about="An event, and the signed request to make of it, now; null where its service signs none.",
                )
            ),
            "next": {**TEXT, "description": "The `after` of the next question."},
            "secrets": {**mapping(TEXT), "description": "What signs the deliveries, by service."},
        },
        about="Events that came, oldest first.",
    ),
}


def trigger(found: Trigger) -> dict[str, Any]:
    """An entry of a TriggerList."""
    return {
        "type": found.type,
        "service": found.service,
        "about": found.about,
        "calls": [{"name": call.name, "call": f"{call.method} {call.path}"} for call in found.calls],
    }


def fired(found: Fired) -> dict[str, Any]:
    """A Triggered."""
    return {
        "type": found.trigger.type,
        "service": found.trigger.service,
        "event": None if found.event is None else found.event.id,
        "calls": [
            {"name": one.name, "method": one.method, "path": one.path, "status": one.status, "object": one.object}
            for one in found.calls
        ],
        "events": [{"id": event.id, "type": event.type} for event in found.events],
    }


def listened(page: Page, secrets: dict[str, str]) -> dict[str, Any]:
    """A Listened."""
    return {"items": [_heard(one) for one in page.heard], "next": page.next, "secrets": secrets}


def rolled(found: Rolled) -> dict[str, Any]:
    """A Rolled."""
    until = None if found.until is None else moment(found.until)
    return {"service": found.service, "endpoint": found.endpoint, "secret": found.secret, "until": until}


def _heard(one: Heard) -> dict[str, Any]:
    event, signed = one.event, one.signed
    return {
        "id": event.id,
        "type": event.type,
        "service": event.service,
        "account": one.account,
        "created_at": moment(event.created_at),
        "payload": {name: value for name, value in event.payload.items() if not name.startswith("_")},
        "delivery": None
        if signed is None
        else {"headers": [list(pair) for pair in signed.headers], "body": signed.body.decode()},
    }
