"""JSON Schemas of what the control API says and hears about real accounts and their leases."""

from __future__ import annotations

from typing import get_args

from broker.control.shapes import (
    ANYTHING,
    COUNT,
    MOMENT,
    NAME_PARAMETER,
    TEXT,
    Schema,
    many,
    mapping,
    maybe,
    record,
    ref,
)
from broker.storage.external import LeaseKind

_ACCOUNT: dict[str, Schema] = {
    "name": TEXT,
    "service": TEXT,
    "endpoint": {**TEXT, "description": "Where the account is reached."},
    "secret": record(
        {
            "from": {"type": "string", "enum": ["variable", "file", "sealed"]},
            "name": {**maybe(TEXT), "description": "The variable's name or the file's path."},
        },
        about="Where the credential is kept. Never what it is.",
    ),
    "fingerprint": {**maybe(TEXT), "description": "Tells one credential from another; keyed by this server."},
    "trouble": {**maybe(TEXT), "description": "Why the account cannot be used now; null when it can."},
    "pool": maybe(TEXT),
    "exclusive": {"type": "boolean"},
    "environments": many(TEXT),
    "rate": {"type": "number", "description": "Calls a second."},
    "concurrency": COUNT,
    "options": ANYTHING,
    "created_at": MOMENT,
    "leased_by": {**many(TEXT), "description": "The environments that lease it."},
    "usage": {**ANYTHING, "description": "Calls that wait and run, and sums by environment since the server's start."},
}

USAGE = record(
    {
        "service": TEXT,
        "mode": TEXT,
        "used": {**mapping(COUNT), "description": "Calls, mails, amount since the budget's window began."},
        "budget": {**mapping(COUNT), "description": "What may be used at the most; what is not named has no limit."},
        "per_seconds": maybe({**COUNT, "description": "How long a window is; null for the environment's life."}),
        "over": {**TEXT, "description": "What happens to a call beyond it: refuse, queue or mock."},
    },
    about="What an environment spent at one real provider.",
)

COMPONENTS: dict[str, Schema] = {
    "Usage": record({"name": TEXT, "items": many(USAGE)}),
    "Account": record(_ACCOUNT, about="A real account. Never its credential."),
    "AccountList": record({"items": many(ref("Account"))}),
    "AccountVerdict": record(
        {
            "name": TEXT,
            "usable": {"type": "boolean"},
            "fingerprint": maybe(TEXT),
            "trouble": maybe(TEXT),
        },
        about="Whether the account's credential can be read, may be one, and is taken by the provider.",
    ),
    "AccountRemoved": record({"name": TEXT}),
    "Lease": record(
        {
            "lease_id": TEXT,
            "environment": maybe(TEXT),
            "service": TEXT,
            "account": TEXT,
            "kind": {
                "type": "string",
                "enum": list(get_args(LeaseKind)),
                "description": "account: out of a pool, or alone; credential and subaccount: the provider's own, made "
                "for this environment.",
            },
            "issued_at": MOMENT,
            "expires_at": {**maybe(MOMENT), "description": "Its own end; the environment's where it has none."},
            "lease_duration": {**COUNT, "description": "Seconds that are left; 0 when it is over."},
            "renewable": {"type": "boolean"},
            "revoked_at": maybe(MOMENT),
            "subaccount": maybe(TEXT),
        },
        about="What an environment holds of an account, in Vault's terms. Never a credential.",
    ),
    "LeaseList": record({"items": many(ref("Lease"))}),
    "Rotated": record(
        {
            "rotated": {**many(TEXT), "description": "The services."},
            "old_valid_until": {**MOMENT, "description": "When what was valid before opens nothing any more."},
            "bundle": ref("Bundle"),
        }
    ),
}

_PART: Schema = {"type": "string", "minLength": 1, "maxLength": 16384}

_SECRET: Schema = {
    "oneOf": [
        record({"variable": {"type": "string", "pattern": "^[A-Za-z][A-Za-z0-9_]*$", "maxLength": 200}}),
        record({"file": {"type": "string", "pattern": "^/[^\\x00]*$", "maxLength": 4000}}),
        record(
            {
                "value": {
                    "anyOf": [
                        {"type": "string", "minLength": 1, "maxLength": 65536},
                        record({"key": _PART, "secret": _PART, "token": _PART}, optional=("secret", "token")),
                    ]
                }
            }
        ),
    ],
    "description": "Where the credential is: {variable: NAME} of the server, {file: PATH} on its machine, or "
    "{value: ...}, which is sealed and never shown again. Text is KEY, KEY:SECRET, or JSON with key, secret and token. "
    "Absent keeps the one that is there.",
}

ACCOUNT = record(
    {
        "service": {"type": "string", "minLength": 1, "maxLength": 63},
        "secret": _SECRET,
        "endpoint": {
            **maybe({"type": "string", "maxLength": 500}),
            "description": "Where it is reached, when not at the provider's own address: https://HOST[:PORT].",
        },
        "pool": {
            "anyOf": [NAME_PARAMETER, {"type": "null"}],
            "description": "The pool that environments lease it from.",
        },
        "exclusive": {"type": "boolean", "description": "Leased to one environment at a time."},
        "environments": {
            **many({"type": "string", "minLength": 1, "maxLength": 100}),
            "minItems": 1,
            "maxItems": 50,
            "description": "Patterns of the names of environments that may use it; all of them unless said.",
        },
        "rate": {
            "anyOf": [{"type": "number", "exclusiveMinimum": 0, "maximum": 100000}, {"type": "null"}],
            "description": "Calls a second; the provider's own limit unless said.",
        },
        "concurrency": {
            "anyOf": [{"type": "integer", "minimum": 1, "maximum": 10000}, {"type": "null"}],
            "description": "Calls at once; the provider's own limit unless said.",
        },
        "options": {
            **mapping(
                {
                    "anyOf": [
                        {"type": ["string", "number", "boolean"]},
                        {**many(TEXT), "maxItems": 100},
                    ]
                }
            ),
            "maxProperties": 50,
            "description": "What the provider's driver knows.",
        },
    },
    optional=("secret", "endpoint", "pool", "exclusive", "environments", "rate", "concurrency", "options"),
)

ROTATION = record(
    {
        "service": {"type": "string", "minLength": 1, "maxLength": 63, "description": "Only this service's."},
        "overlap": {
            "type": "string",
            "minLength": 1,
            "maxLength": 40,
            "description": "For how long the old ones go on opening the environment: 1h unless said; 0 for not at all.",
        },
    },
    optional=("service", "overlap"),
)
