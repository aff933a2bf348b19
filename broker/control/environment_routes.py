"""Control routes of an environment's life: open, show, list, renew, reset, close, bundle, receipt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from broker import bundle as bundles
from broker.control.answering import Answer, Ask
from broker.control.paging import paged
from broker.control.parts import Parts
from broker.control.world_routes import worlds
from broker.environments import OVERLAP, iso, parse_overlap, parse_ttl
from broker.errors import NotFound

#: What a format is; the others are lines of text.
MEDIA = {"k8s": "application/yaml"}


async def open_environment(parts: Parts, ask: Ask) -> Answer:
    """Make it, or find it; another policy is applied in place."""
    body = ask.body or {}
    environments = parts.environments
    policy = await environments.wanted_policy(ask.path["name"], body.get("policy"), body.get("webhooks") or {})
    ttl = None if body.get("ttl") is None else parse_ttl(body["ttl"])
    opened = await environments.open(
        ask.path["name"], policy, ttl=ttl, reopen=body.get("reopen", False), trust=body.get("trust")
    )
    return Answer(
        await environments.bundle(opened.environment),
        status=201 if opened.outcome == "created" else 200,
        headers={"broker-outcome": opened.outcome},
    )


async def list_environments(parts: Parts, ask: Ask) -> Any:
    """By name, the newest opening of each."""
    environments = parts.environments
    limit = ask.query.get("limit", 100)
    found = await environments.list(
        status=ask.query.get("status"), text=ask.query.get("text", ""), after=ask.query.get("after"), limit=limit + 1
    )
    return paged(found, limit, environments.describe, lambda environment: environment.name)


async def show_environment(parts: Parts, ask: Ask) -> Any:
    """With its policy, and what it holds while it is open, unless that is not asked for: it costs a count of all."""
    environment = await parts.environments.get(ask.path["name"])
    inventory = storage = None
    accounts: Sequence[Mapping[str, str]] = ()
    if environment.status == "open":
        store = await parts.environments.store(environment)
        inventory = await store.inventory() if ask.query.get("inventory", True) else None
        accounts = await worlds(parts).list(environment)
        storage = {"used_bytes": store.room.used, "limit_bytes": store.room.most}
    return {
        **parts.environments.describe(environment),
        "policy": dict(environment.policy),
        "inventory": inventory,
        "storage": storage,
        "accounts": [dict(one) for one in accounts],
    }


async def renew_environment(parts: Parts, ask: Ask) -> Any:
    """From now on for another life."""
    ttl = (ask.body or {}).get("ttl")
    renewed = await parts.environments.renew(ask.path["name"], None if ttl is None else parse_ttl(ttl))
    return parts.environments.describe(renewed)


async def rotate_credentials(parts: Parts, ask: Ask) -> Any:
    """Fresh ones, in a new bundle; the old ones live on for the overlap."""
    body = ask.body or {}
    overlap = OVERLAP if body.get("overlap") is None else parse_overlap(body["overlap"])
    environment, services, until = await parts.environments.rotate(ask.path["name"], body.get("service"), overlap)
    bundle = await parts.environments.bundle(environment)
    return {"rotated": services, "old_valid_until": iso(until), "bundle": bundle}


async def reset_environment(parts: Parts, ask: Ask) -> Any:
    """Empty its mocks."""
    return {"name": ask.path["name"], "deleted": dict(await parts.environments.reset(ask.path["name"]))}


async def close_environment(parts: Parts, ask: Ask) -> Any:
    """Delete everything of it, wait for the end, and answer the receipt; of a closed one, its receipt."""
    environment = await parts.environments.get(ask.path["name"])
    return dict(await parts.work.close(environment.name, wait=ask.query.get("wait")))


async def show_receipt(parts: Parts, ask: Ask) -> Any:
    """Of the newest closing."""
    environment = await parts.environments.get(ask.path["name"])
    receipt = await parts.storage.registry.receipt(environment.uid)
    if receipt is None:
        raise NotFound(f"environment {environment.name} is {environment.status}: the receipt comes with its closing")
    now: dict[str, Any] = {}
    if environment.status == "closing":
        # As it is now, and not as it was at the end of the last attempt.
        uid = environment.uid
        if (removed := parts.storage.removed(uid)) is not None:
            now["removed"] = removed
        if parts.revocation is not None:
            now |= {"external": await parts.revocation.figures(uid), "parts": parts.revocation.parts(uid)}
    return {**receipt, **now}


async def show_bundle(parts: Parts, ask: Ask) -> Answer:
    """In one of the formats."""
    environment = await parts.environments.get_open(ask.path["name"])
    found = await parts.environments.bundle(environment)
    wanted = ask.query.get("format", "json")
    if wanted == "json":
        return Answer(found)
    return Answer(text=bundles.render(found, wanted), media=MEDIA.get(wanted, "text/plain"))
