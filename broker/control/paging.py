"""Pages of a list: one entry more is asked for than is shown, to know whether more follow."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from broker.errors import InvalidInput

T = TypeVar("T")


def paged(found: Sequence[T], limit: int, form: Callable[[T], Any], key: Callable[[T], str]) -> dict[str, Any]:
    """``found`` has up to ``limit + 1`` entries; ``next`` is the ``after`` of the following page."""
    shown = found[:limit]
    return {"items": [form(item) for item in shown], "next": key(shown[-1]) if len(found) > limit else None}


async def check_cursor(after: str | None, found: Sequence[Any], get: Callable[[str], Awaitable[Any]]) -> None:
    """Raises InvalidInput when an empty page is empty because ``after`` names nothing."""
    if after is not None and not found and await get(after) is None:
        raise InvalidInput(f"after: nothing here has the id {after!r}, or it was dropped meanwhile; start anew")
