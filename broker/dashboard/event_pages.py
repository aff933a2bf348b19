"""Pages of an environment's events: what happened, what was sent to whom, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from broker.dashboard.page import Action, Done, Page, View, at
from broker.errors import InvalidInput

#: Entries of a page.
_PAGE = 100


async def events(view: View) -> Mapping[str, Any]:
    """Newest first, with the types that can be made to happen."""
    query = view.query
    wanted = {name: query.get(name) for name in ("service", "type", "scope", "after")}
    environment = await view.call("showEnvironment", query={"inventory": False})
    return {
        "environment": environment,
        "found": await view.call("listEvents", query={**wanted, "limit": _PAGE}),
        "services": list(environment["services"]),
        "triggers": sorted(
            await view.listed("listTriggers", path={}), key=lambda each: (each["service"], each["type"])
        ),
    }


async def event(view: View) -> Mapping[str, Any]:
    """One, with its deliveries and all their attempts."""
    return {
        "event": await view.call("showEvent"),
        "environment": await view.call("showEnvironment", query={"inventory": False}),
    }


async def deliveries(view: View) -> Mapping[str, Any]:
    """Newest first, each with its last attempt."""
    wanted = {name: view.query.get(name) for name in ("service", "status", "after")}
    environment = await view.call("showEnvironment", query={"inventory": False})
    return {
        "environment": environment,
        "found": await view.call("listDeliveries", query={**wanted, "limit": _PAGE}),
        "services": list(environment["services"]),
        "statuses": ("pending", "delivered", "failed"),
    }


async def resend(view: View) -> Done:
    """To every target that it had, or to one."""
    name, event_id, delivery = view.path["name"], view.path["id"], view.form.get("delivery", "")
    found = await view.call("resendEvent", body={"delivery": delivery} if delivery else {})
    number = len(found["deliveries"])
    return Done(
        at("environments", name, "events", event_id),
        f"Sent again: {number} {'delivery' if number == 1 else 'deliveries'}.",
    )


async def replay(view: View) -> Done:
    """Everything that failed, once more."""
    found = await view.call("replayDeliveries")
    said = f"{found['deliveries']} failed deliveries are sent again."
    if found["left"]:
        said += f" {found['left']} are left: repeat it."
    return Done(at("environments", view.path["name"], "deliveries"), said)


async def trigger(view: View) -> Done:
    """An event of a type is made to happen, by the calls that an application makes."""
    service, _, wanted = view.form.get("trigger", "").partition(" ")
    if not wanted:
        raise InvalidInput("choose what is to happen")
    fired = await view.call("fireTrigger", body={"service": service, "type": wanted})
    return Done(at("environments", view.path["name"], "events"), f"{wanted} happened: {len(fired['events'])} events.")


PAGES = (
    Page(
        name="events",
        path="/environments/{name}/events",
        title="Events",
        template="events.html",
        show=events,
        nav="environment",
        under="environment",
        icon="send",
    ),
    Page(
        name="event",
        path="/environments/{name}/events/{id}",
        title="{id}",
        template="event.html",
        show=event,
        under="events",
    ),
    Page(
        name="deliveries",
        path="/environments/{name}/deliveries",
        title="Webhook deliveries",
        template="deliveries.html",
        show=deliveries,
        nav="environment",
        under="environment",
        icon="bell",
    ),
)

ACTIONS = (
    Action(name="resend", path="/environments/{name}/events/{id}/resend", act=resend),
    Action(name="replay", path="/environments/{name}/deliveries/replay", act=replay),
    Action(name="trigger", path="/environments/{name}/trigger", act=trigger),
)
