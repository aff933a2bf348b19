"""Pages of environments: all of them, and what one is and does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from broker.dashboard import charts
from broker.dashboard.page import Page, View
from broker.dashboard.rendering import moment, number, size

#: Entries of a page of environments.
_PAGE = 100
#: Life that is left when the expiry is shown as near.
_NEAR = timedelta(hours=24)

#: Exchanges that the page of an environment shows.
_LATEST = 8
#: Windows of the charts, as the control API calls them.
WINDOWS = {"15m": "15 minutes", "1h": "1 hour", "24h": "24 hours"}

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
    incidents = await view.call("listEnvironmentIncidents", query={"limit": 100})
    return {
        "environment": found,
        "left": moment(found["expires_at"]) - view.parts.clock.now(),
        "near": _NEAR,
        "incidents": incidents["items"],
        "more_incidents": incidents["next"] is not None,
        "held": _held(found["inventory"]),
        **(await _traffic(view) if found["status"] == "open" else _NO_TRAFFIC),
    }


#: What the page of an environment knows of one that is not open.
_NO_TRAFFIC: Mapping[str, Any] = {"traffic": None, "counts": {}}


async def _traffic(view: View) -> Mapping[str, Any]:
    window = view.query.get("window", "1h")
    traffic = await view.call("showTraffic", query={"window": window if window in WINDOWS else "1h"})
    latest = (await view.call("listExchanges", query={"limit": _LATEST}))["items"]
    return {
        "traffic": traffic,
        "counts": traffic["services"],
        "charts": charts.of_traffic(traffic),
        "width": charts.WIDTH,
        "height": charts.HEIGHT,
        "windows": WINDOWS,
        "window": window,
        "latest": latest,
        "last": latest[0] if latest else None,
    }


def _held(inventory: Mapping[str, Any] | None) -> Sequence[tuple[str, str]]:
    """What there is, in words."""
    if inventory is None:
        return ()
    found = [
        (service, ", ".join(f"{kind} {number(count)}" for kind, count in kinds.items()))
        for service, kinds in inventory["records"].items()
    ]
    blobs = inventory["blobs"]
    found.append(("files", f"{number(blobs['count'])}, {size(blobs['bytes'])}"))
    return [*found, *((name, number(inventory[name])) for name in ("mails", "events", "deliveries", "exchanges"))]


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
