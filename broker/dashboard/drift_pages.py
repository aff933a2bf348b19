"""Pages of drift: nights and their last report, checks with what they found, what was observed in passing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from broker.dashboard.page import Action, Done, Page, View, at
from broker.errors import NotFound
from contracts.drift import SEVERITIES

#: Checks, and differences of a kind, of one page.
_CHECKS, _ROWS = 50, 200


async def drift(view: View) -> Mapping[str, Any]:
    """Nights, the last report, checks, and the accounts that a check may ask."""
    nights = await view.call("listNights", path={})
    return {
        "nights": nights,
        "report": await _report(view),
        "checks": (await view.call("listChecks", path={}, query={"limit": _CHECKS}))["items"],
        "accounts": [each["name"] for each in await view.listed("listAccounts", path={})],
        "severities": SEVERITIES,
        "most": _ROWS,
    }


async def _report(view: View) -> Any:
    from orjson import loads

    try:
        return loads(await view.call("showDriftReport", path={}))
    except NotFound:
        return None


async def check(view: View) -> Mapping[str, Any]:
    """One check, as far as it is."""
    return {"check": await view.call("showCheck"), "severities": SEVERITIES, "most": _ROWS}


async def observed(view: View) -> Mapping[str, Any]:
    """Differences between real answers and their contracts, the most frequent first."""
    service = view.query.get("service")
    found = await view.call("listObserved", path={}, query={"service": service, "limit": _ROWS})
    services = await view.call("listServices", path={})
    return {"items": found["items"], "services": [each["name"] for each in services["items"]], "most": _ROWS}


async def begin_check(view: View) -> Done:
    """A check of one account."""
    body = {"account": view.form.get("account", "")}
    if view.form.get("probes", "").strip():
        body["probes"] = view.form["probes"].strip()
    run = await view.call("beginCheck", path={}, body=body)
    return Done(at("drift", "checks", run["id"]), "The check has begun; reload to see how far it is.")


async def begin_night(view: View) -> Done:
    """All of it, now."""
    await view.call("beginNight", path={})
    return Done(at("drift"), "The night has begun: contracts, probes and what was observed are looked at.")


async def forget(view: View) -> Done:
    """One difference, or all of a service; what is seen again counts anew."""
    query = {"service": view.form.get("service"), "key": view.form.get("key")}
    found = await view.call("forgetObserved", path={}, query=query)
    return Done(at("drift", "observed"), f"Forgotten: {found['forgotten']}.")


PAGES = (
    Page(name="drift", path="/drift", title="Drift", template="drift.html", show=drift, nav="server", icon="branch"),
    Page(
        name="check",
        path="/drift/checks/{id}",
        title="Check {id}",
        template="check.html",
        show=check,
        under="drift",
    ),
    Page(
        name="observed",
        path="/drift/observed",
        title="Observed",
        template="observed.html",
        show=observed,
        under="drift",
    ),
)

ACTIONS = (
    Action(name="begin_check", path="/drift/checks", act=begin_check),
    Action(name="begin_night", path="/drift/nights", act=begin_night),
    Action(name="forget_observed", path="/drift/observed/forget", act=forget),
)
