"""``broker usage``: what an environment spent at real providers."""

from __future__ import annotations

from broker.cli import terminal
from broker.cli.client import Control, segment
from broker.cli.options import Json, Name


def usage(name: Name, json: Json = False) -> None:
    """Show what an environment spent at real providers, of what its policy lets it spend."""
    found = Control().ask("GET", f"/environments/{segment(name)}/usage")
    if json:
        return terminal.emit(found)
    rows = []
    for one in found["items"]:
        for what in dict.fromkeys([*one["used"], *one["budget"]]):
            limit = one["budget"].get(what)
            rows.append((one["service"], what, one["used"].get(what, 0), limit, _per(one, limit)))
    terminal.table(
        ("SERVICE", "WHAT", "USED", "OF", "PER"),
        rows,
        empty=f"{name} has not called a real provider and has no budget.",
    )
    return None


def _per(one: dict[str, int | None], limit: int | None) -> str | None:
    if limit is None:
        return None
    seconds = one["per_seconds"]
    return "its life" if seconds is None else f"{seconds} s"
