"""All that happens in S3 by time alone: what lifecycle rules do, and the ends of restores."""

from __future__ import annotations

from datetime import datetime

from mocks.base import Call, State
from mocks.s3 import lifecycle_runs, restore_events
from mocks.waking import Waking


async def due(state: State) -> datetime | None:
    """When something is."""
    moments = [await lifecycle_runs.due(state), await restore_events.due(state)]
    return min((moment for moment in moments if moment is not None), default=None)


async def act(call: Call) -> None:
    """A part of what is due: what was due first."""
    restored, run = await restore_events.due(call.state), await lifecycle_runs.due(call.state)
    if restored is not None and (run is None or restored < run):
        await restore_events.act(call)
    else:
        await lifecycle_runs.act(call)


WAKING = Waking(due, act)
