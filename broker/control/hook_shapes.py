"""JSON Schemas of what the control API says about webhooks of real providers."""

from __future__ import annotations

from typing import get_args

from broker.attribution import By
from broker.control.shapes import ANYTHING, COUNT, MOMENT, TEXT, Schema, many, maybe, page, record, ref
from broker.hook_endpoints import State

_HOOK: dict[str, Schema] = {
    "account": TEXT,
    "id": {**TEXT, "description": "The provider's own id of the event."},
    "type": TEXT,
    "received_at": MOMENT,
    "environment": {**maybe(TEXT), "description": "Whose it is; null while nobody claims it."},
    "by": {
        **maybe({"type": "string", "enum": [*get_args(By), "hand"]}),
        "description": "How that was found out.",
    },
    "routed": {"type": "boolean", "description": "Whether it is settled: among the environment's events, or see note."},
    "note": {
        **maybe({"type": "string", "enum": ["late", "muted", "foreign"]}),
        "description": "late: the environment was being closed; muted: its policy does not use the real provider; "
        "foreign: another broker's, by its marker.",
    },
}

COMPONENTS: dict[str, Schema] = {
    "HookEndpoint": record(
        {
            "account": TEXT,
            "service": TEXT,
            "state": {"type": "string", "enum": list(get_args(State))},
            "address": {**maybe(TEXT), "description": "Where the provider sends the account's events."},
            "endpoint": {**maybe(TEXT), "description": "The provider's id of the endpoint."},
            "checked_at": maybe(MOMENT),
            "error": {**maybe(TEXT), "description": "Why it is not alive."},
        },
        about="An account's one endpoint for webhooks. Never its secret.",
    ),
    "HookEndpointList": record({"items": many(ref("HookEndpoint"))}),
    "HookSummary": record(_HOOK),
    "Hook": record({**_HOOK, "ids": many(TEXT), "markers": many(TEXT), "payload": ANYTHING}),
    "HookPage": page(ref("HookSummary")),
    "HooksReceived": record({"received": COUNT, "new": COUNT}),
}

SECRET = record(
    {
        "secret": {
            "type": "string",
            "minLength": 8,
            "maxLength": 4000,
            "description": "What verifies the events, as the provider showed it where the endpoint was registered.",
        }
    }
)

CLAIM = record({"environment": {**TEXT, "description": "The open environment that the event belongs to."}})
