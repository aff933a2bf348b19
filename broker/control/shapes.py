"""JSON Schemas of what the control API says and hears: the components of its OpenAPI document."""

from __future__ import annotations

from typing import Any, get_args

from broker.attestation import COMPONENT, DIGEST, MOST, VARIABLE, Verdict
from broker.bundle import FORMATS
from broker.environments import NAME, Outcome
from broker.policy import MODES
from broker.scopes import PATTERN as SCOPES
from broker.storage.base import Trust

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
COUNT: Schema = {"type": "integer", "minimum": 0}
MOMENT: Schema = {"type": "string", "format": "date-time"}
ID_PARAMETER: Schema = {"type": "string", "minLength": 1, "maxLength": 200}
SCOPE: Schema = {"type": "string", "pattern": SCOPES}
OUTCOME: Schema = {"type": "string", "enum": list(get_args(Outcome))}
TRUST: Schema = {"type": "string", "enum": list(get_args(Trust))}
MODE: Schema = {"type": "string", "enum": list(MODES)}


def ref(name: str) -> Schema:
    """A reference to a component."""
    return {"$ref": f"#/components/schemas/{name}"}


def maybe(schema: Schema) -> Schema:
    """The schema, or null."""
    if isinstance(schema.get("type"), str) and "enum" not in schema:
        return {**schema, "type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


def record(properties: dict[str, Schema], *, optional: tuple[str, ...] = (), about: str = "") -> Schema:
    """An object with exactly these members."""
    found: Schema = {
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
    }
    return {**found, "description": about} if about else found


def many(schema: Schema) -> Schema:
    """An array of it."""
    return {"type": "array", "items": schema}


def mapping(schema: Schema) -> Schema:
    """An object with free names."""
    return {"type": "object", "additionalProperties": schema}


def page(schema: Schema) -> Schema:
    """One page of a list; ``next`` is the ``after`` of the following one, null on the last."""
    return record({"items": many(schema), "next": maybe(TEXT)})


ANYTHING: Schema = {"type": "object"}
HEADERS = many({"type": "array", "items": TEXT, "minItems": 2, "maxItems": 2})

INVENTORY = record(
    {
        "records": mapping(mapping(COUNT)),
        "blobs": record({"count": COUNT, "bytes": COUNT}),
        "events": COUNT,
        "deliveries": COUNT,
        "mails": COUNT,
        "exchanges": COUNT,
    },
    about="What exists: records by service and kind, and the rest by number.",
)

ENVIRONMENT: dict[str, Schema] = {
    "name": TEXT,
    "status": {"type": "string", "enum": ["open", "closing", "closed"]},
    "trust": TRUST,
    "endpoint": TEXT,
    "created_at": MOMENT,
    "expires_at": MOMENT,
    "closed_at": maybe(MOMENT),
    "tag": {**TEXT, "description": "Five characters that every id made for this environment carries."},
    "seed": COUNT,
    "services": mapping(MODE),
}

FAULT = record(
    {"where": TEXT, "key": TEXT, "line": COUNT, "column": COUNT, "message": TEXT},
    optional=("where", "key", "line", "column"),
    about="One fault of an input: of a request (where) or of a policy document (line, column, key).",
)

EXCHANGE: dict[str, Schema] = {
    "id": TEXT,
    "at": MOMENT,
    "service": maybe(TEXT),
    "operation": maybe(TEXT),
    "mode": TEXT,
    "fidelity": maybe(TEXT),
    "method": TEXT,
    "path": TEXT,
    "status": {"type": "integer"},
    "duration_ms": {"type": "number"},
    "request_size": COUNT,
    "response_size": COUNT,
    "violations": many(ANYTHING),
    "incident": maybe(TEXT),
    "scope": TEXT,
}

EVENT: dict[str, Schema] = {"id": TEXT, "service": TEXT, "type": TEXT, "created_at": MOMENT, "scope": TEXT}

ATTEMPT = record(
    {
        "number": COUNT,
        "at": MOMENT,
        "status": maybe({"type": "integer"}),
        "error": maybe(TEXT),
        "duration_ms": {"type": "number"},
    }
)

DELIVERY = record(
    {
        "id": TEXT,
        "url": TEXT,
        "endpoint": maybe(TEXT),
        "status": {"type": "string", "enum": ["pending", "delivered", "failed"]},
        "attempts": many(ATTEMPT),
        "next_at": maybe(MOMENT),
        "created_at": MOMENT,
    }
)

SERVICE: dict[str, Schema] = {
    "name": TEXT,
    "handlers": {
        **COUNT,
        "description": "Operations with a handler of their own; the generic engine answers the rest.",
    },
    "credentials": many(TEXT),
    "webhooks": {"type": "boolean"},
    "limits": TEXT,
}

OPERATION = record(
    {
        "id": TEXT,
        "method": TEXT,
        "path": TEXT,
        "resource": maybe(TEXT),
        "action": TEXT,
        "fidelity": {"type": "string", "enum": ["stateful", "generated", "refused"]},
    }
)

DECISION = record(
    {
        "service": TEXT,
        "operation": maybe(TEXT),
        "mode": MODE,
        "rule": maybe(
            {**COUNT, "description": "Index of the rule that decides; null when the mode or a default does."}
        ),
        "because": TEXT,
    }
)

FINDING = record(
    {
        "component": TEXT,
        "variable": maybe(TEXT),
        "verdict": {"type": "string", "enum": list(get_args(Verdict))},
        "because": TEXT,
    },
    about="What was seen of one variable of one component, or of the component itself. No value, and no digest.",
)

COMPONENTS: dict[str, Schema] = {
    "Problem": {
        **record(
            {
                "type": TEXT,
                "title": TEXT,
                "status": {"type": "integer", "minimum": 400, "maximum": 599},
                "detail": TEXT,
                "errors": many(FAULT),
            },
            optional=("errors",),
            about="RFC 9457 problem details.",
        ),
        "additionalProperties": True,
    },
    "Bundle": record(
        {
            "name": TEXT,
            "status": TEXT,
            "endpoint": TEXT,
            "expires_at": MOMENT,
            "variables": mapping(TEXT),
            "bindings": mapping(record({"mode": MODE, "base_url": TEXT, "host_url": TEXT, "webhooks": many(TEXT)})),
        },
        about="What an orchestrator injects into the environment. Holds its virtual credentials.",
    ),
    "EnvironmentSummary": record(ENVIRONMENT),
    "Environment": record(
        {
            **ENVIRONMENT,
            "policy": ANYTHING,
            "inventory": maybe(INVENTORY),
            "accounts": many(ref("EnvironmentAccount")),
            "storage": maybe(
                record(
                    {"used_bytes": COUNT, "limit_bytes": maybe(COUNT)},
                    about="What objects and files take, those under way included, and what they may take.",
                )
            ),
        }
    ),
    "EnvironmentClock": record(
        {"name": TEXT, "now": MOMENT, "frozen": {"type": "boolean"}, "ahead_seconds": {"type": "integer"}},
        about="What the environment's mocks take for the time, and how far that is from the server's.",
    ),
    "EnvironmentPage": page(ref("EnvironmentSummary")),
    "Reset": record({"name": TEXT, "deleted": INVENTORY}),
    "Receipt": {**ANYTHING, "description": "What existed, what was deleted, what is left."},
    "ExchangeSummary": record(EXCHANGE),
    "Exchange": record(
        {
            **EXCHANGE,
            "request_headers": HEADERS,
            "request_body": maybe(TEXT),
            "response_headers": HEADERS,
            "response_body": maybe(TEXT),
        }
    ),
    "ExchangePage": page(ref("ExchangeSummary")),
    "Incident": record(
        {
            "id": TEXT,
            "at": MOMENT,
            "kind": TEXT,
            "environment": maybe(TEXT),
            "service": maybe(TEXT),
            "message": TEXT,
            "details": ANYTHING,
        }
    ),
    "IncidentPage": page(ref("Incident")),
    "EventSummary": record(EVENT),
    "Event": record({**EVENT, "payload": ANYTHING, "deliveries": many(DELIVERY)}),
    "EventPage": page(ref("EventSummary")),
    "Resent": record({"event": TEXT, "deliveries": many(TEXT)}),
    "Deleted": record({"deleted": COUNT}),
    "PolicyVerdict": record(
        {
            "valid": {"type": "boolean"},
            "errors": many(FAULT),
            "warnings": many(TEXT),
            "policy": maybe({**ANYTHING, "description": "With shorthands written out; null when not valid."}),
        }
    ),
    "Explanation": record({"request": TEXT, "decisions": many(DECISION)}),
    "Service": record(SERVICE),
    "ServiceList": record({"items": many(ref("Service"))}),
    "Contract": record(
        {"service": TEXT, "version": TEXT, "operations": many(OPERATION)},
        about="What the provider promises, and how each operation is answered.",
    ),
    "ContractList": record(
        {"items": many(record({"service": TEXT, "version": TEXT, "operations": COUNT, "handlers": COUNT}))}
    ),
    "Attested": record({"environment": TEXT, "component": TEXT, "at": MOMENT, "variables": many(TEXT)}),
    "Verdict": record(
        {
            "environment": TEXT,
            "components": many(record({"component": TEXT, "at": MOMENT})),
            "findings": many(FINDING),
            "faults": {**COUNT, "description": "Findings that are not ok."},
        }
    ),
    "Delivered": record(
        {
            "outcome": {
                "type": "string",
                "enum": [*get_args(Outcome), "renewed", "closing", "closed", "ignored", "pong"],
            },
            "environment": TEXT,
            "ignored": {**TEXT, "description": "Why."},
        },
        optional=("environment", "ignored"),
    ),
    "Health": record({"status": TEXT}),
    "Readiness": record({"status": TEXT, "waiting": many(TEXT)}),
}

POLICY_INPUT: Schema = {
    "anyOf": [TEXT, ANYTHING, {"type": "null"}],
    "description": "YAML or JSON text, or the document itself; see /_broker/policy.schema.json.",
}

OPENING = record(
    {
        "policy": {
            **POLICY_INPUT,
            "description": "YAML or JSON text, or the document itself. Absent or null keeps what is there.",
        },
        "ttl": {**maybe(TEXT), "description": "How long it lives, for instance 7d; used when it is opened only."},
        "webhooks": {
            **mapping({"type": "array", "items": TEXT, "maxItems": 20}),
            "description": "Further targets by service; they are added to those of the policy.",
        },
        "reopen": {"type": "boolean", "description": "Open a closed environment again, as a new one."},
        "trust": {
            **TRUST,
            "description": "fork: code from elsewhere, which gets mocks only, whatever the policy says. Absent keeps "
            "what is there; a new environment is a member's.",
        },
    },
    optional=("policy", "ttl", "webhooks", "reopen", "trust"),
)

RENEWAL = record({"ttl": maybe(TEXT)}, optional=("ttl",))

CLOCK_CHANGE = record(
    {
        "freeze": {
            "type": "boolean",
            "description": "true: the time stands still; false: it goes on from where it stands.",
        },
        "advance": {"type": "string", "description": "How far to go on: 30d, 1h."},
        "reset": {"type": "boolean", "description": "Back to the server's own time, before anything else."},
    },
    optional=("freeze", "advance", "reset"),
)

RESENDING = record({"delivery": ID_PARAMETER}, optional=("delivery",))

POLICY_CHECK = record({"policy": POLICY_INPUT})

COMPONENT_PARAMETER: Schema = {"type": "string", "pattern": COMPONENT, "maxLength": 63}
NAME_PARAMETER: Schema = {"type": "string", "pattern": f"^{NAME.pattern}$", "maxLength": 63}
FORMAT_PARAMETER: Schema = {"type": "string", "enum": list(FORMATS)}

_VARIABLE: Schema = {"type": "string", "pattern": VARIABLE, "maxLength": 200}

ATTESTATION = record(
    {
        "digests": {
            "type": "object",
            "propertyNames": _VARIABLE,
            "additionalProperties": {"type": "string", "pattern": DIGEST},
            "minProperties": 1,
            "maxProperties": MOST,
            "description": "By variable: HMAC-SHA256 of its value in hex, keyed by BROKER_ATTEST_KEY; then, where the "
            "bundle has BROKER_ATTEST_SALT, a colon and the same keyed by that. As text/plain: NAME=digest lines.",
        }
    }
)

VERIFICATION = record(
    {
        "expect": {
            "type": "object",
            "propertyNames": _VARIABLE,
            "additionalProperties": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
            "maxProperties": MOST,
            "description": "Digests of the values that components must see, keyed by the environment's own key.",
        },
        "require": {**many(_VARIABLE), "maxItems": MOST, "description": "Variables that each component must have."},
        "components": {
            **many(COMPONENT_PARAMETER),
            "maxItems": MOST,
            "description": "Components that must have attested.",
        },
        "max_age": {**maybe(TEXT), "description": "The age from which on a report is stale, for instance 1h."},
    },
    optional=("expect", "require", "components", "max_age"),
)

GITHUB_DELIVERY: Schema = {
    "type": "object",
    "properties": {"action": {**TEXT, "description": "As GitHub sends it, with the rest of its payload."}},
}
