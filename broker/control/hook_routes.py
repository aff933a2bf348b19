"""Control routes of webhooks from real providers: where they arrive, the endpoints, what arrived and whose it is."""

from __future__ import annotations

from typing import Any

from broker.control import forms, shapes
from broker.control.answering import Ask, Query, Route
from broker.control.hook_shapes import CLAIM, SECRET
from broker.control.paging import check_cursor, paged
from broker.control.parts import Parts
from broker.control.shapes import ref
from broker.errors import Conflict, EnvironmentClosed, InvalidInput, NotFound
from broker.hook_endpoints import INCOMING, Standing
from broker.hooks import Hooks
from broker.storage.external import HookRow
from contracts.exchange import Headers, Request

#: Bytes of one delivery: providers send up to a thousand events at once.
_MOST = 8 << 20


def _hooks(parts: Parts) -> Hooks:
    if parts.hooks is None:
        raise NotFound("this server has no accounts of real providers")
    return parts.hooks


async def receive(parts: Parts, ask: Ask) -> Any:
    """What a provider sends; its signature is the proof."""
    path = ask.path["path"]
    request = Request(method="POST", path=INCOMING + path, headers=Headers(ask.headers.items()), body=ask.raw)
    received, new = await _hooks(parts).receive(path, request)
    return {"received": received, "new": new}


def _standing(found: Standing) -> dict[str, Any]:
    return {
        "account": found.account,
        "service": found.service,
        "state": found.state,
        "address": found.address,
        "endpoint": found.endpoint,
        "checked_at": None if found.checked_at is None else forms.moment(found.checked_at),
        "error": found.error,
    }


async def show_endpoint(parts: Parts, ask: Ask) -> Any:
    """How an account's endpoint is."""
    return _standing(await _hooks(parts).endpoints.standing(ask.path["account"]))


async def list_endpoints(parts: Parts, ask: Ask) -> Any:
    """Of every account."""
    return {"items": [_standing(each) for each in await _hooks(parts).endpoints.standings()]}


async def give_secret(parts: Parts, ask: Ask) -> Any:
    """The endpoint was registered by hand."""
    return _standing(await _hooks(parts).endpoints.give_secret(ask.path["account"], ask.body["secret"]))


async def retire_endpoint(parts: Parts, ask: Ask) -> Any:
    """Take it away."""
    forget = ask.query.get("forget", False)
    return _standing(await _hooks(parts).endpoints.retire(ask.path["account"], forget=forget))


async def ensure_endpoint(parts: Parts, ask: Ask) -> Any:
    """Make it, or find it alive."""
    return _standing(await _hooks(parts).endpoints.ensure(ask.path["account"]))


async def _summary(parts: Parts, row: HookRow) -> dict[str, Any]:
    owner = None if row.uid is None else await parts.storage.registry.environment_by_uid(row.uid)
    return {
        "account": row.account,
        "id": row.event_id,
        "type": row.type,
        "received_at": forms.moment(row.received_at),
        "environment": None if owner is None else owner.name,
        "by": row.by or None,
        "routed": row.routed,
        "note": row.note or None,
    }


async def _whole(parts: Parts, row: HookRow) -> dict[str, Any]:
    return {
        **await _summary(parts, row),
        "ids": list(row.ids),
        "markers": list(row.markers),
        "payload": dict(row.payload),
    }


async def list_hooks(parts: Parts, ask: Ask) -> Any:
    """Newest first."""
    _hooks(parts)
    query, external = ask.query, parts.storage.external
    limit = query.get("limit", 100)
    after = _cursor(query["after"]) if "after" in query else None
    found = await external.hooks(query.get("account"), claimed=query.get("claimed"), after=after, limit=limit + 1)

    async def known(cursor: str) -> HookRow | None:
        return await external.hook(*_cursor(cursor))

    await check_cursor(query.get("after"), found, known)
    shown = [(row, await _summary(parts, row)) for row in found]
    return paged(shown, limit, lambda one: one[1], lambda one: f"{one[0].account}/{one[0].event_id}")


def _cursor(text: str) -> tuple[str, str]:
    account, slash, event_id = text.partition("/")
    if not slash:
        raise InvalidInput("after: give the `next` of the page before as it is")
    return account, event_id


async def show_hook(parts: Parts, ask: Ask) -> Any:
    """With its payload."""
    _hooks(parts)
    account, event_id = ask.path["account"], ask.path["event"]
    row = await parts.storage.external.hook(account, event_id)
    if row is None:
        raise NotFound(f"no event {event_id} of account {account}; the oldest ones make room for new ones")
    return await _whole(parts, row)


async def claim_hook(parts: Parts, ask: Ask) -> Any:
    """Say whose it is."""
    hooks = _hooks(parts)
    environment = await parts.environments.get_open(ask.body["environment"])
    return await _whole(parts, await hooks.claim(ask.path["account"], ask.path["event"], environment))


_V1 = "/_broker/v1"
_ENDPOINT = _V1 + "/accounts/{account}/hook"
_EVENT = _V1 + "/hooks/{account}/{event}"

ROUTES = (
    Route(
        method="POST",
        path=INCOMING + "{path}",
        id="receiveHook",
        about="Take what a real provider sends to an account's endpoint: verified by the provider's signature instead "
        "of the token, stored, and delivered to the environment whose it is.",
        respond=receive,
        opaque=True,
        max_body=_MOST,
        replies={200: ref("HooksReceived")},
        errors=(NotFound, Conflict),
        token=False,
    ),
    Route(
        method="GET",
        path=_ENDPOINT,
        id="showHookEndpoint",
        about="Show an account's endpoint for webhooks: its address, and whether it is alive.",
        respond=show_endpoint,
        replies={200: ref("HookEndpoint")},
        errors=(NotFound,),
    ),
    Route(
        method="PUT",
        path=_ENDPOINT,
        id="giveHookSecret",
        about="Give the secret of an endpoint that was registered at the provider by hand, with the address that is "
        "shown. It is sealed and never shown.",
        respond=give_secret,
        body=SECRET,
        secret=True,
        replies={200: ref("HookEndpoint")},
        errors=(NotFound, Conflict),
    ),
    Route(
        method="DELETE",
        path=_ENDPOINT,
        id="retireHookEndpoint",
        about="Take an account's endpoint away, at the provider too; the broker makes none by itself again.",
        respond=retire_endpoint,
        query=(Query("forget", {"type": "boolean"}, "Leave it at the provider when that does not take it away now."),),
        replies={200: ref("HookEndpoint")},
        errors=(NotFound, Conflict),
    ),
    Route(
        method="POST",
        path=_ENDPOINT + "/ensure",
        id="ensureHookEndpoint",
        about="Make an account's endpoint at the provider, or find it alive, now.",
        respond=ensure_endpoint,
        replies={200: ref("HookEndpoint")},
        errors=(NotFound, Conflict),
    ),
    Route(
        method="GET",
        path=_V1 + "/hooks",
        id="listHooks",
        about="List what real providers sent, newest first; with claimed=false what nobody claims.",
        respond=list_hooks,
        query=(
            Query("account", shapes.ID_PARAMETER, "Only this account's."),
            Query("claimed", {"type": "boolean"}, "Only what an environment claims, or only what none does."),
            Query("after", {"type": "string", "minLength": 1, "maxLength": 400}, "The `next` of the page before."),
            Query("limit", {"type": "integer", "minimum": 1, "maximum": 1000}, "Entries of a page, 100 unless said."),
        ),
        replies={200: ref("HookPage")},
        errors=(NotFound,),
    ),
    Route(
        method="GET",
        path=_V1 + "/hooks/endpoints",
        id="listHookEndpoints",
        about="List the endpoints for webhooks of all accounts.",
        respond=list_endpoints,
        replies={200: ref("HookEndpointList")},
        errors=(NotFound,),
    ),
    Route(
        method="GET",
        path=_EVENT,
        id="showHook",
        about="Show an event that a real provider sent, with its payload and what tells whose it is.",
        respond=show_hook,
        replies={200: ref("Hook")},
        errors=(NotFound,),
    ),
    Route(
        method="POST",
        path=_EVENT + "/claim",
        id="claimHook",
        about="Say that an event is an open environment's, and deliver it there. What it is about does not become the "
        "environment's, so that closing it deletes nothing of it.",
        respond=claim_hook,
        body=CLAIM,
        replies={200: ref("Hook")},
        errors=(NotFound, Conflict, EnvironmentClosed),
    ),
)
