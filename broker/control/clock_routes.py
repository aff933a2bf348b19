"""Control routes of an environment's clock: what its mocks take for the time, frozen, advanced, set back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from broker.control import shapes
from broker.control.answering import Ask, Route
from broker.control.parts import Parts
from broker.control.shapes import ref
from broker.environments import iso, parse_ttl
from broker.errors import Conflict, EnvironmentClosed, InvalidInput, NotFound
from broker.storage.base import Environment

#: How far ahead a clock may be: no service's dates are made for more.
FURTHEST = timedelta(days=36_525)


async def show_clock(parts: Parts, ask: Ask) -> Any:
    """Of an open environment."""
    return _shown(parts, await parts.environments.get_open(ask.path["name"]))


async def change_clock(parts: Parts, ask: Ask) -> Any:
    """Reset, freeze or release, then advance: what became due has happened with the answer.

    Raises InvalidInput where nothing, or too much, is asked for."""
    environment = await parts.environments.get_open(ask.path["name"])
    now = parts.clock.now()
    if not ask.body:
        raise InvalidInput("say what the clock is to do: freeze, advance or reset")
    frozen_at, ahead = environment.frozen_at, environment.ahead
    if ask.body.get("reset"):
        frozen_at, ahead = None, timedelta()
    freeze = ask.body.get("freeze")
    if freeze and not frozen_at:
        frozen_at = now + ahead
    elif freeze is False and frozen_at:
        ahead, frozen_at = frozen_at - now, None
    step = ask.body.get("advance")
    moved = timedelta() if step is None else parse_ttl(step)
    if frozen_at is not None:
        frozen_at, ahead = frozen_at + min(moved, 2 * FURTHEST), timedelta()
    else:
        ahead += min(moved, 2 * FURTHEST)
    if (frozen_at or now + ahead) - now > FURTHEST:
        raise InvalidInput(f"advance: the clock may be {FURTHEST.days} days ahead at the most")
    changed = await parts.environments.set_clock(environment.name, frozen_at, ahead)
    await parts.caught_up(changed)
    return _shown(parts, changed)


def _shown(parts: Parts, environment: Environment) -> dict[str, Any]:
    now = parts.clock.now()
    own = environment.at(now)
    return {
        "name": environment.name,
        "now": iso(own),
        "frozen": environment.frozen_at is not None,
        "ahead_seconds": round((own - now).total_seconds()),
    }


_CLOCK = "/_broker/v1/environments/{name}/clock"

ROUTES: tuple[Route, ...] = (
    Route(
        method="GET",
        path=_CLOCK,
        id="showClock",
        about="Show what the environment's mocks take for the time.",
        respond=show_clock,
        replies={200: ref("EnvironmentClock")},
        errors=(NotFound, Conflict, EnvironmentClosed),
    ),
    Route(
        method="POST",
        path=_CLOCK,
        id="changeClock",
        about="Freeze, release, advance or reset the clock of an environment's mocks. Its life, signatures and "
        "deliveries go by the server's own.",
        respond=change_clock,
        body=shapes.CLOCK_CHANGE,
        replies={200: ref("EnvironmentClock")},
        errors=(NotFound, Conflict, EnvironmentClosed),
    ),
)
