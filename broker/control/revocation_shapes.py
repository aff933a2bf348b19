"""JSON Schemas of what the control API says about resources at real providers, and how they are taken back."""

from __future__ import annotations

from typing import get_args

from broker.control.shapes import (
    ANYTHING,
    COUNT,
    INVENTORY,
    MOMENT,
    TEXT,
    Schema,
    many,
    mapping,
    maybe,
    page,
    record,
    ref,
)
from broker.storage.external import EntryStatus, Origin

STATUSES: Schema = {"type": "string", "enum": list(get_args(EntryStatus))}

_SWEPT = record(
    {
        "account": TEXT,
        "kind": TEXT,
        "id": TEXT,
        "owner": {**TEXT, "description": "The environment whose marker it carries."},
        "age_seconds": {**maybe({"type": "integer"}), "description": "null where the provider does not say."},
        "action": {"type": "string", "enum": ["deleted", "kept", "blocked", "stuck", "would delete"]},
        "words": TEXT,
    },
    about="A leftover, and what became of it.",
)

COMPONENTS: dict[str, Schema] = {
    "Resource": record(
        {
            "id": {**TEXT, "description": "The line of the ledger."},
            "service": TEXT,
            "account": TEXT,
            "kind": TEXT,
            "external_id": {**maybe(TEXT), "description": "The provider's id; null while it is not known."},
            "alias": {**TEXT, "description": "The application's own name for it, where that is another one."},
            "parent": TEXT,
            "status": STATUSES,
            "origin": {"type": "string", "enum": list(get_args(Origin))},
            "outcome": {**TEXT, "description": "Once it is gone: deleted, absent, canceled, archived, kept, refused."},
            "words": {**TEXT, "description": "The provider's, while it does not let go of it."},
            "attempts": COUNT,
            "operation": TEXT,
            "exchange": TEXT,
            "created_at": MOMENT,
            "changed_at": MOMENT,
        },
        about="Something that was made at a real provider.",
    ),
    "ResourcePage": page(ref("Resource")),
    "ClosePlan": record(
        {
            "environment": TEXT,
            "status": TEXT,
            "resources": many(
                record(
                    {"service": TEXT, "accounts": many(TEXT), "kind": TEXT, "number": COUNT, "pending": COUNT},
                    about="In the order in which they go. `pending`: requests of which it is not known what they made.",
                )
            ),
            "inventory": maybe(INVENTORY),
            "credentials": COUNT,
            "leases": COUNT,
        },
        about="What a close would take back and delete.",
    ),
    "StuckClose": record(
        {
            "environment": TEXT,
            "uid": TEXT,
            "phase": TEXT,
            "reason": TEXT,
            "attempts": COUNT,
            "since": MOMENT,
            "next_at": MOMENT,
            "resources": many(ANYTHING),
        },
        about="A close that cannot go on for now, with the provider's words. It is tried again for ever.",
    ),
    "StuckList": record({"items": many(ref("StuckClose"))}),
    "Sweep": record(
        {
            "id": TEXT,
            "status": {"type": "string", "enum": ["waiting", "running", "ended"]},
            "dry_run": {"type": "boolean"},
            "min_age_seconds": COUNT,
            "account": maybe(TEXT),
            "begun_at": MOMENT,
            "ended_at": maybe(MOMENT),
            "accounts": mapping(
                record(
                    {
                        "status": {"type": "string", "enum": ["waiting", "listing", "deleting", "done", "failed"]},
                        "listed": COUNT,
                        "words": TEXT,
                    }
                )
            ),
            "counts": {
                **mapping(COUNT),
                "description": "By what was done; open, closing, own and ended are no leftovers, later is for the "
                "next run.",
            },
            "rows": many(_SWEPT),
        },
        about="One run over the accounts; `rows` has its first thousand leftovers.",
    ),
    "Notice": record(
        {
            "id": TEXT,
            "type": TEXT,
            "status": {"type": "string", "enum": ["pending", "delivered"]},
            "attempts": COUNT,
            "created_at": MOMENT,
            "next_at": maybe(MOMENT),
            "error": TEXT,
        },
        about="Something that the orchestrator is told.",
    ),
    "NoticeList": record({"items": many(ref("Notice"))}),
    "ReceiptKey": record({"algorithm": TEXT, "key": {**TEXT, "description": "32 bytes in base64."}}),
    "ReceiptVerdict": record({"valid": {"type": "boolean"}, "because": TEXT}),
}

SWEEPING = record(
    {
        "dry_run": {"type": "boolean", "description": "Say what would go, and change nothing."},
        "min_age": {**TEXT, "description": "Younger leftovers stay: 1h unless said."},
        "account": {**TEXT, "description": "Only this one.", "minLength": 1, "maxLength": 200},
    },
    optional=("dry_run", "min_age", "account"),
)

RECEIPT: Schema = {
    **ANYTHING,
    "properties": {"signature": {"description": "As the receipt has it."}},
    "description": "A receipt with its signature, as it was given.",
}
