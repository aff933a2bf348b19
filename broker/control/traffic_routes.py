"""Control routes of figures: how many environments there are, and what went through one, over time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from broker.control import forms, shapes
from broker.control.answering import Ask, Query, Route
from broker.control.parts import Parts
from broker.control.shapes import COUNT, MOMENT, Schema, many, mapping, maybe, record, ref
from broker.errors import Conflict, EnvironmentClosed, NotFound
from broker.storage.base import Figures
from broker.storage.traffic import STRETCH, filled, total

#: By name: how far it goes back, and its steps.
WINDOWS = {
    "15m": (timedelta(minutes=15), timedelta(seconds=15)),
    "1h": (timedelta(hours=1), timedelta(minutes=1)),
    "24h": (timedelta(hours=24), timedelta(minutes=20)),
}

#: What lists of exchanges select by, beside service, operation and scope.
FILTERS = (
    Query("violations", {"type": "boolean"}, "Only exchanges that broke their contract."),
    Query("incidents", {"type": "boolean"}, "Only attempts to cross a wall."),
    Query(
        "status",
        {"type": "string", "pattern": "^([2-5]xx|[1-5][0-9][0-9])$"},
        "Only those answered so: a class (`4xx`) or a number (`404`).",
    ),
    Query(
        "text",
        {"type": "string", "minLength": 1, "maxLength": 200},
        "Only those with this in their id, path, operation or a body. Looked for in steps: a page with few entries "
        "or none may have a `next`.",
    ),
)


async def show_overview(parts: Parts, ask: Ask) -> Any:
    """Of the whole server."""
    counts = await parts.storage.registry.count_environments()
    return {"environments": {status: counts.get(status, 0) for status in ("open", "closing", "closed")}}


async def show_traffic(parts: Parts, ask: Ask) -> Any:
    """Of one environment."""
    await parts.settle()
    store = await parts.environments.store(await parts.environments.get(ask.path["name"]))
    length, step = WINDOWS[ask.query.get("window", "1h")]
    since = _begin(parts.clock.now(), step) - length + step
    found, services = await store.journal.traffic(since, step, ask.query.get("service"))
    return {
        "since": forms.moment(since),
        "step_seconds": int(step.total_seconds()),
        "steps": [
            {"at": forms.moment(each.at), **_figures(each)} for each in filled(found, since, step, int(length / step))
        ],
        "total": _figures(total(found, since)),
        "services": services,
    }


def _begin(now: datetime, step: timedelta) -> datetime:
    """Of the step that is under way; steps are of whole stretches."""
    seconds = int(now.timestamp())
    return datetime.fromtimestamp(seconds - seconds % max(STRETCH, int(step.total_seconds())), now.tzinfo)


def _figures(found: Figures) -> dict[str, Any]:
    return {
        "exchanges": found.exchanges,
        "client_errors": found.client_errors,
        "server_errors": found.server_errors,
        "violated": found.violated,
        "p50_ms": _rounded(found.quantile(0.5)),
        "p95_ms": _rounded(found.quantile(0.95)),
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


_FIGURES: dict[str, Schema] = {
    "exchanges": COUNT,
    "client_errors": {**COUNT, "description": "Answered 4xx."},
    "server_errors": {**COUNT, "description": "Answered 5xx."},
    "violated": {**COUNT, "description": "Broke their contract."},
    "p50_ms": maybe({"type": "number"}),
    "p95_ms": maybe({"type": "number"}),
}

#: Components of the API's document.
COMPONENTS: dict[str, Schema] = {
    "Traffic": record(
        {
            "since": MOMENT,
            "step_seconds": COUNT,
            "steps": many(record({"at": MOMENT, **_FIGURES})),
            "total": record(_FIGURES),
            "services": {**mapping(COUNT), "description": "Exchanges by service; those of none under no name."},
        },
        about="Figures of the exchanges of a window: its steps, oldest first, and all of them together.",
    ),
    "Overview": record(
        {"environments": record({"open": COUNT, "closing": COUNT, "closed": COUNT})},
        about="How many environments there are, the newest opening of each name.",
    ),
}

ROUTES: tuple[Route, ...] = (
    Route(
        method="GET",
        path="/_broker/v1/overview",
        id="showOverview",
        about="Show how many environments there are, by status.",
        respond=show_overview,
        replies={200: ref("Overview")},
    ),
    Route(
        method="GET",
        path="/_broker/v1/environments/{name}/traffic",
        id="showTraffic",
        about="Show figures of an environment's traffic: exchanges, errors, broken contracts, durations of answers.",
        respond=show_traffic,
        query=(
            Query("window", {"type": "string", "enum": list(WINDOWS)}, "How far back; 1h unless said."),
            Query("service", shapes.ID_PARAMETER, "Only this service."),
        ),
        replies={200: ref("Traffic")},
        errors=(NotFound, Conflict, EnvironmentClosed),
    ),
)
