"""Pages that lead to each other by ``page_token``: the id that the page before ends with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from mocks.base import Call, Record, ServiceError, UnknownCursor

Where = Mapping[str, str] | None


async def page(
    call: Call, kind: str, size: int, refuse: Callable[[str], ServiceError], where: Where = None
) -> tuple[Sequence[Record], dict[str, Any]]:
    """The records of the page that the query asks for, the newest first, and its ``_metadata``: the addresses of this
    page and of those around it, and how many records all of them have. ``refuse`` words what is no page's token."""
    token = str(call.params.query.get("page_token") or "") or None
    try:
        found = await call.state.page(kind, limit=size + 1, after=token, where=where)
    except UnknownCursor:
        raise refuse("invalid page token") from None  # wording ours
    records = found[:size]
    metadata: dict[str, Any] = {"self": address(call, token), "count": await call.state.count(kind, where)}
    if token:
        # The page before begins after another record, or is the first.
        before = await call.state.page(kind, limit=size, before=token, where=where)
        metadata["prev"] = address(call, before[0]["id"] if len(before) == size else None)
    if len(found) > size:
        metadata["next"] = address(call, records[-1]["id"])
    return records, metadata


def address(call: Call, token: str | None) -> str:
    """Where the page after ``token`` is."""
    kept = {
        name: str(value).lower() if isinstance(value, bool) else value
        for name, value in call.params.query.items()
        if name != "page_token" and value is not None
    }
    query = urlencode({**kept, **({"page_token": token} if token else {})})
    return f"{call.address}{call.request.path}" + (f"?{query}" if query else "")
