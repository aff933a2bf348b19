"""Control routes of figures: how many environments there are, and what went through one, over time."""

from __future__ import annotations

from typing import Any

from broker.control.answering import Ask, Route
from broker.control.parts import Parts
from broker.control.shapes import ref


async def show_overview(parts: Parts, ask: Ask) -> Any:
    """Of the whole server."""
    counts = await parts.storage.registry.count_environments()
    return {"environments": {status: counts.get(status, 0) for status in ("open", "closing", "closed")}}


ROUTES: tuple[Route, ...] = (
    Route(
        method="GET",
        path="/_broker/v1/overview",
        id="showOverview",
        about="Show how many environments there are, by status.",
        respond=show_overview,
        replies={200: ref("Overview")},
    ),
)
