"""Pages of what was made at real providers: an environment's ledger, closes that are stuck, sweeps, notices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from broker.dashboard.page import Action, Done, Page, View, at
from broker.errors import NotFound

#: Entries of a page of the ledger, and of notices.
_PAGE = 100


async def resources(view: View) -> Mapping[str, Any]:
    """An environment's lines of the ledger, newest first, with its leases, its usage, and what a close would do."""
    query = view.query
    found = await view.call(
        "listResources",
        query={
            "service": query.get("service"),
            "left": query.get("left") == "true" or None,
            "after": query.get("after"),
            "limit": _PAGE,
        },
    )
    plan = await view.call("planClose")
    return {
        "found": found,
        "plan": plan,
        "usage": (await view.call("showUsage"))["items"],
        "leases": await view.listed("listLeases"),
        "services": sorted({each["service"] for each in (*plan["resources"], *found["items"])}),
    }


async def teardowns(view: View) -> Mapping[str, Any]:
    """Closes under way and stuck, the last sweep, and what the orchestrator has not been told yet."""
    closing = await view.call("listEnvironments", path={}, query={"status": "closing", "limit": _PAGE})
    return {
        "stuck": (await view.call("listStuck", path={}))["items"],
        "closing": closing["items"],
        "sweep": await _sweep(view),
        "notices": (await view.call("listNotices", path={}, query={"status": "pending", "limit": _PAGE}))["items"],
    }


async def _sweep(view: View) -> Any:
    try:
        return await view.call("showSweep", path={})
    except NotFound:
        return None


async def sweep(view: View) -> Done:
    """A sweep begins; a dry one changes nothing."""
    dry = view.form.get("dry_run") == "true"
    await view.call("beginSweep", path={}, body={"dry_run": dry})
    return Done(at("teardowns"), "The sweep has begun." if not dry else "The sweep looks, and changes nothing.")


async def revoke(view: View) -> Done:
    """A lease ends; the next call leases anew."""
    lease = await view.call("revokeLease", path={"id": view.path["id"]})
    return Done(at("environments", view.path["name"], "resources"), f"The lease of {lease['account']} is revoked.")


PAGES = (
    Page(
        name="resources",
        path="/environments/{name}/resources",
        title="Real resources",
        template="resources.html",
        show=resources,
        nav="environment",
        under="environment",
        icon="list",
    ),
    Page(
        name="teardowns",
        path="/teardowns",
        title="Teardowns",
        template="teardowns.html",
        show=teardowns,
        nav="server",
        icon="trash",
    ),
)

ACTIONS = (
    Action(name="begin_sweep", path="/teardowns/sweep", act=sweep),
    Action(name="revoke_lease", path="/environments/{name}/leases/{id}/revoke", act=revoke),
)
