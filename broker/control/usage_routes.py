"""Control routes of usage: what an environment spent at real providers, of what it may spend."""

from __future__ import annotations

from typing import Any

from broker.control.answering import Ask, Route
from broker.control.parts import Parts
from broker.control.shapes import ref
from broker.errors import NotFound
from broker.policy import REAL, Policy


async def show_usage(parts: Parts, ask: Ask) -> Any:
    """By service, those that have a real side."""
    environment = await parts.environments.get(ask.path["name"])
    policy = Policy.from_normalised(environment.policy)
    items = []
    for service in parts.services if parts.budgets is not None else ():
        sandbox = policy.sandbox(service)
        used = await parts.budgets.used(environment.uid, service, sandbox.per) if parts.budgets is not None else {}
        if not used and not sandbox.budget and policy.mode(service) not in REAL:
            continue
        items.append(
            {
                "service": service,
                "mode": policy.mode(service),
                "used": dict(used),
                "budget": dict(sandbox.budget),
                "per_seconds": None if sandbox.per is None else int(sandbox.per.total_seconds()),
                "over": sandbox.over_budget,
            }
        )
    return {"name": environment.name, "items": items}


ROUTES: tuple[Route, ...] = (
    Route(
        method="GET",
        path="/_broker/v1/environments/{name}/usage",
        id="showUsage",
        about="Show what an environment spent at real providers, and what its policy lets it spend.",
        respond=show_usage,
        replies={200: ref("Usage")},
        errors=(NotFound,),
    ),
)
