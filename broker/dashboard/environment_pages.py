"""Pages of environments: all of them, and what one is and does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from broker.dashboard.page import Page, View
from broker.dashboard.rendering import moment

#: Entries of a page of environments.
_PAGE = 100
#: Life that is left when the expiry is shown as near.
_NEAR = timedelta(hours=24)

STATUSES = ("open", "closing", "closed")


async def environments(view: View) -> Mapping[str, Any]:
    """By name; those whose name has the text, where one is given."""
    query = view.query
    status = query.get("status", "open")
    wanted = status if status in STATUSES else None
    text = query.get("text", "").strip().lower()
    found = await view.call(
        "listEnvironments", path={}, query={"status": wanted, "after": query.get("after"), "limit": _PAGE, "text": text}
    )
    now = view.parts.clock.now()
    for each in found["items"]:
        each["left"] = moment(each["expires_at"]) - now
        each["modes"] = _modes(each["services"])
    return {
        "found": found,
        "status": status,
        "text": query.get("text", ""),
        "near": _NEAR,
        "figures": (await view.call("showOverview", path={}))["environments"],
        "statuses": STATUSES,
    }


def _modes(services: Mapping[str, str]) -> Mapping[str, Sequence[str]]:
    """Services by their mode."""
    found: dict[str, list[str]] = {}
    for name, mode in services.items():
        found.setdefault(mode, []).append(name)
    return found


async def environment(view: View) -> Mapping[str, Any]:
    """One of them."""
    found = await view.call("showEnvironment")
    now = view.parts.clock.now()
    return {
        "environment": found,
        "left": moment(found["expires_at"]) - now,
        "near": _NEAR,
        "incidents": (await view.call("listEnvironmentIncidents", query={"limit": 100}))["items"],
        "held": _held(found["inventory"]),
    }


def _held(inventory: Mapping[str, Any] | None) -> Sequence[tuple[str, int]]:
    """What there is of each kind, flat: ``("payments: charges", 3)``."""
    found: list[tuple[str, int]] = []
    for name, value in (inventory or {}).items():
        if isinstance(value, Mapping):
            found += [(f"{name}: {kind}", count) for kind, count in value.items() if isinstance(count, int)]
        elif isinstance(value, int):
            found.append((name, value))
    return found


PAGES = (
    Page(
        name="environments",
        path="/",
        title="Environments",
        template="environments.html",
        show=environments,
        nav="server",
        icon="boxes",
    ),
    Page(
        name="environment",
        path="/environments/{name}",
        title="{name}",
        template="environment.html",
        show=environment,
        nav="environment",
        under="environments",
        icon="home",
    ),
)
