"""Pages of what went through an environment: its exchanges as they come, one of them in full, and incidents."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from functools import cache
from typing import Any

from starlette.responses import Response, StreamingResponse

from broker.control import forms
from broker.control.record_routes import wanted
from broker.dashboard import bodies
from broker.dashboard.page import Addresses, Page, View
from broker.dashboard.rendering import Templates, moment
from broker.feed import Crowded, Listener
from broker.storage.looking import CLASSES

#: Exchanges of a page, and rows that live traffic keeps.
_PAGE = 100
#: Among how many those of a call are looked for.
_NEWEST_EVENTS = 200
_NEWEST_MAILS = 50
#: Seconds after which a connection on which nothing happens says so.
_STILL = 15.0
#: Seconds that one connection lasts.
_LONGEST = 1800.0
_FILTERS = ("service", "operation", "status", "violations", "incidents", "scope", "text")
_FLAGS = ("violations", "incidents")


def _selection(view: View) -> dict[str, Any]:
    """The filters of the query, as the control API takes them."""
    found: dict[str, Any] = {name: view.query[name].strip() for name in _FILTERS if view.query.get(name, "").strip()}
    return {name: value == "true" if name in _FLAGS else value for name, value in found.items()}


async def traffic(view: View) -> Mapping[str, Any]:
    """Newest first; the script adds those that come."""
    selection = _selection(view)
    found = await view.call("listExchanges", query={**selection, "after": view.query.get("after"), "limit": _PAGE})
    environment = await view.call("showEnvironment", query={"inventory": False})
    return {
        "found": found,
        "selection": selection,
        "selection_query": {name: view.query[name] for name in selection},
        "services": list(environment["services"]),
        "classes": CLASSES,
        "most": _PAGE * 2,
        "live": environment["status"] == "open" and not view.query.get("after"),
    }


async def live(view: View) -> Response:
    """Exchanges as they are stored: https://html.spec.whatwg.org/multipage/server-sent-events.html"""
    environment = await view.parts.environments.get_open(view.path["name"])
    selection = wanted(_selection(view))

    async def lines() -> AsyncIterator[str]:
        try:
            with view.parts.feed.listen(environment.uid, selection.fits) as listener:
                async for line in _told(listener, view, environment.name):
                    yield line
        except Crowded:
            yield _event("over", "so many watch already: reload the page to see what is new")

    return StreamingResponse(lines(), media_type="text/event-stream", headers={"x-accel-buffering": "no"})


async def _told(listener: Listener, view: View, name: str) -> AsyncIterator[str]:
    row = _row()
    clock = view.parts.clock
    # The browser asks again, and is asked who it is, as often.
    end = clock.monotonic() + _LONGEST
    yield "retry: 2000\n\n"
    while not listener.over and not view.session.over and clock.monotonic() < end:
        found, missed = await listener.next(_STILL)
        if missed:
            yield _event("missed", str(missed))
        for exchange in found:
            yield _event("exchange", row(forms.exchange_summary(exchange), name, clock.now()))
        if not found and not listener.over:
            yield ": still here\n\n"
    if listener.gone:
        yield _event("over", "the environment is closed")


def _event(kind: str, text: str) -> str:
    lines = "\n".join(f"data: {line}" for line in text.splitlines() or [""])
    return f"event: {kind}\n{lines}\n\n"


@cache
def _row() -> Any:
    """The macro of a row, outside a page."""
    return Templates(url=Addresses(PAGES, ())).macro("_exchange.html", "row")


async def exchange(view: View) -> Mapping[str, Any]:
    """One in full, with its violations where they are."""
    found = await view.call("showExchange")
    return {
        "exchange": found,
        "request": bodies.read(found["request_body"], found["request_headers"], found["request_size"]),
        "response": bodies.read(found["response_body"], found["response_headers"], found["response_size"]),
        "marks": {side: bodies.marks(found["violations"], side) for side in ("request", "response")},
        "place_of": bodies.place_of,
        "command": bodies.command(found, view.parts.settings.origin),
        **await _brought_about(view, found),
    }


async def _brought_about(view: View, exchange: Mapping[str, Any]) -> Mapping[str, Any]:
    """The newest events and mails of the very moment of the call, which is that of all it does."""
    environment = await view.parts.environments.get(view.path["name"])
    if exchange["mode"] != "mock" or environment.status != "open" or environment.frozen_at is not None:
        return {"events": (), "mails": ()}
    at, name = moment(exchange["at"]) + environment.ahead, {"name": environment.name}
    events = await view.call("listEvents", path=name, query={"service": exchange["service"], "limit": _NEWEST_EVENTS})
    mails = await view.call("listMails", path=name, query={"limit": _NEWEST_MAILS})
    return {
        "events": [each for each in events["items"] if moment(each["created_at"]) == at],
        "mails": [each for each in mails["items"] if moment(each["sent_at"]) == at],
    }


async def incidents(view: View) -> Mapping[str, Any]:
    """Of one environment."""
    found = await view.call("listEnvironmentIncidents", query={"after": view.query.get("after"), "limit": _PAGE})
    return {"found": found}


async def all_incidents(view: View) -> Mapping[str, Any]:
    """Of all, and of nobody's."""
    found = await view.call("listIncidents", path={}, query={"after": view.query.get("after"), "limit": _PAGE})
    return {"found": found}


SERVER_PAGES = (
    Page(
        name="all-incidents",
        path="/incidents",
        title="Incidents",
        template="incidents.html",
        show=all_incidents,
        nav="server",
        icon="alert",
    ),
)

PAGES = (
    Page(
        name="traffic",
        path="/environments/{name}/traffic",
        title="Traffic",
        template="traffic.html",
        show=traffic,
        nav="environment",
        under="environment",
        icon="activity",
    ),
    Page(name="live", path="/environments/{name}/traffic/live", title="Live", show=live, part=True),
    Page(
        name="exchange",
        path="/environments/{name}/traffic/{id}",
        title="Exchange",
        template="exchange.html",
        show=exchange,
        under="traffic",
    ),
    Page(
        name="incidents",
        path="/environments/{name}/incidents",
        title="Incidents",
        template="incidents.html",
        show=incidents,
        nav="environment",
        under="environment",
        icon="alert",
    ),
)
