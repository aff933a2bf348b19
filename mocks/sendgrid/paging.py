"""Pages by limit and offset, and the ``Link`` header that leads from one to the others.

https://www.twilio.com/docs/sendgrid/api-reference/how-to-use-the-sendgrid-v3-api/responses (pagination, 2026-11); which
lists have it, SendGrid's docs tell in issue 6413 alone.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from mocks.base import Call, Order, Record, Reply, State

#: Records that are read at once where all are wanted.
_READ: Final = 500


async def every(
    state: State,
    kind: str,
    key: Callable[[Record], str],
    *,
    order: Order = "oldest",
    where: Mapping[str, str] | None = None,
) -> AsyncIterator[Record]:
    """All records of a kind, some hundred in memory at a time. ``key`` tells a record's."""
    after = None
    while True:
        page = await state.page(kind, order=order, after=after, where=where, limit=_READ)
        for record in page:
            yield record
        if len(page) < _READ:
            return
        after = key(page[-1])


def page(call: Call, found: Sequence[Any], usual: int) -> Reply:
    """The part of a list that ``limit`` and ``offset`` ask for, ``usual`` items where no limit is told."""
    query = call.params.query
    offset, limit = query.get("offset") or 0, query.get("limit") or usual
    return Reply(list(found[offset : offset + limit]), headers=[("link", links(call, len(found), limit, offset))])


def links(call: Call, total: int, limit: int, offset: int) -> str:
    """The header's value: the pages around the one at ``offset`` of ``total`` items, each with its number."""
    last = max(total - 1, 0) // limit * limit
    places = [("prev", max(offset - limit, 0)), ("last", last), ("first", 0)]
    if offset + limit < total:
        places.insert(0, ("next", offset + limit))
    asked = [pair for pair in parse_qsl(call.request.query) if pair[0] not in ("limit", "offset")]
    address = f"{call.address}{call.request.path}"
    found = []
    for name, place in places:
        query = urlencode([*asked, ("limit", limit), ("offset", place)])
        found.append(f'<{address}?{query}>; rel="{name}"; title="{place // limit + 1}"')
    return ", ".join(found)
