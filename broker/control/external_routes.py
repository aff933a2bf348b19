"""Control routes of what was made at real providers: the ledger, plans of closes, sweeps, notices, signed receipts."""

from __future__ import annotations

from typing import Any

from broker import receipts
from broker.control import forms, shapes
from broker.control.answering import Answer, Ask, Query, Route
from broker.control.paging import check_cursor, paged
from broker.control.parts import Parts
from broker.control.revocation_shapes import RECEIPT, SWEEPING
from broker.control.shapes import ref
from broker.environments import parse_ttl
from broker.errors import Conflict, NotFound
from broker.storage.external import Entry, Notice


def _resource(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "service": entry.service,
        "account": entry.account,
        "kind": entry.kind,
        "external_id": entry.external_id,
        "alias": entry.alias,
        "parent": entry.parent,
        "status": entry.status,
        "origin": entry.origin,
        "outcome": entry.outcome,
        "words": entry.error,
        "attempts": entry.attempts,
        "operation": entry.operation,
        "exchange": entry.exchange,
        "created_at": forms.moment(entry.created_at),
        "changed_at": forms.moment(entry.changed_at),
    }


async def list_resources(parts: Parts, ask: Ask) -> Any:
    """Newest first; of closed environments too."""
    environment = await parts.environments.get(ask.path["name"])
    store, query = parts.storage.external.ledger, ask.query
    limit = query.get("limit", 100)
    found = await store.entries(
        environment.uid,
        service=query.get("service"),
        left=query.get("left", False),
        after=query.get("after"),
        limit=limit + 1,
    )
    await check_cursor(query.get("after"), found, store.entry)
    return paged(found, limit, _resource, lambda entry: entry.id)


async def plan_close(parts: Parts, ask: Ask) -> Any:
    """Nothing is changed, and no provider is asked."""
    environment = await parts.environments.get(ask.path["name"])
    registry, external = parts.storage.registry, parts.storage.external
    inventory, credentials = None, 0
    if environment.status == "open":
        inventory = dict(await (await parts.environments.store(environment)).inventory())
        credentials = len(await registry.credentials(environment.uid))
    return {
        "environment": environment.name,
        "status": environment.status,
        "resources": [] if parts.revocation is None else await parts.revocation.plan(environment.uid),
        "inventory": inventory,
        "credentials": credentials,
        "leases": len(await external.leases(environment.uid)),
    }


async def list_stuck(parts: Parts, ask: Ask) -> Any:
    """With the provider's words."""
    return {"items": list(await parts.work.stuck())}


async def begin_sweep(parts: Parts, ask: Ask) -> Answer:
    """It goes on in the background."""
    body = ask.body or {}
    if parts.sweeps is None:
        raise NotFound("this server has no real providers, so there is nothing to sweep")
    options: dict[str, Any] = {"dry_run": body.get("dry_run", False), "account": body.get("account")}
    if "min_age" in body:
        options["min_age"] = parse_ttl(body["min_age"])
    return Answer(dict(await parts.work.sweep(**options)), status=202)


async def show_sweep(parts: Parts, ask: Ask) -> Any:
    """The one that is at work, or the last one."""
    last = None if parts.sweeps is None else await parts.sweeps.last()
    if last is None:
        raise NotFound("no sweep was made yet; `broker sweep --dry-run` begins one that changes nothing")
    return last


def _notice(notice: Notice) -> dict[str, Any]:
    return {
        "id": notice.id,
        "type": notice.type,
        "status": notice.status,
        "attempts": notice.attempts,
        "created_at": forms.moment(notice.created_at),
        "next_at": None if notice.next_at is None else forms.moment(notice.next_at),
        "error": notice.error,
    }


async def list_notices(parts: Parts, ask: Ask) -> Any:
    """Oldest first."""
    found = await parts.storage.external.notices(status=ask.query.get("status"), limit=ask.query.get("limit", 100))
    return {"items": [_notice(each) for each in found]}


async def show_receipt_key(parts: Parts, ask: Ask) -> Any:
    """The public half."""
    return {"algorithm": receipts.ALGORITHM, "key": receipts.public_key(parts.vault.signing_key())}


async def verify_receipt(parts: Parts, ask: Ask) -> Any:
    """Whether this server signed it so."""
    try:
        receipts.verify(ask.body, receipts.public_key(parts.vault.signing_key()))
    except receipts.BadReceipt as bad:
        return {"valid": False, "because": str(bad)}
    return {"valid": True, "because": "this server signed it, and nothing was changed since"}


_V1 = "/_broker/v1"
_ENVIRONMENT = _V1 + "/environments/{name}"
_LIMIT = Query("limit", {"type": "integer", "minimum": 1, "maximum": 1000}, "Entries of a page, 100 unless said.")

ROUTES = (
    Route(
        method="GET",
        path=_ENVIRONMENT + "/resources",
        id="listResources",
        about="List what an environment made at real providers, newest first, and what became of it.",
        respond=list_resources,
        query=(
            Query("service", shapes.ID_PARAMETER, "Only this service."),
            Query("left", {"type": "boolean"}, "Only what is not gone."),
            Query("after", shapes.ID_PARAMETER, "The `next` of the page before."),
            _LIMIT,
        ),
        replies={200: ref("ResourcePage")},
        errors=(NotFound,),
    ),
    Route(
        method="GET",
        path=_ENVIRONMENT + "/plan",
        id="planClose",
        about="Say what a close would take back and delete. Changes nothing.",
        respond=plan_close,
        replies={200: ref("ClosePlan")},
        errors=(NotFound, Conflict),
    ),
    Route(
        method="GET",
        path=_V1 + "/stuck",
        id="listStuck",
        about="List the closes that cannot go on for now, with the provider's words.",
        respond=list_stuck,
        replies={200: ref("StuckList")},
    ),
    Route(
        method="POST",
        path=_V1 + "/sweep",
        id="beginSweep",
        about="Look through the real accounts for what carries this server's marker and belongs to no living "
        "environment, and delete what is old enough. Goes on in the background.",
        respond=begin_sweep,
        body=SWEEPING,
        body_required=False,
        replies={202: ref("Sweep")},
        errors=(NotFound, Conflict),
    ),
    Route(
        method="GET",
        path=_V1 + "/sweep",
        id="showSweep",
        about="Show the sweep that is at work, or the last one.",
        respond=show_sweep,
        replies={200: ref("Sweep")},
        errors=(NotFound,),
    ),
    Route(
        method="GET",
        path=_V1 + "/notices",
        id="listNotices",
        about="List what the orchestrator is told by webhooks of the broker's own, oldest first.",
        respond=list_notices,
        query=(Query("status", {"type": "string", "enum": ["pending", "delivered"]}, "Only those."), _LIMIT),
        replies={200: ref("NoticeList")},
    ),
    Route(
        method="GET",
        path=_V1 + "/receipts/key",
        id="showReceiptKey",
        about="The public key that verifies this server's receipts.",
        respond=show_receipt_key,
        replies={200: ref("ReceiptKey")},
    ),
    Route(
        method="POST",
        path=_V1 + "/receipts/verify",
        id="verifyReceipt",
        about="Say whether this server signed a receipt, and nothing in it was changed since.",
        respond=verify_receipt,
        body=RECEIPT,
        replies={200: ref("ReceiptVerdict")},
    ),
)
