"""How documents name their pages, beyond the usual names, and the way to the next one.

https://www.rfc-editor.org/rfc/rfc8288: ``Link: <address>; rel="next"``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from contracts.generate import Either
from mocks.base import Call
from mocks.generic.habits import Page, usual_envelope

LIMITS: Final = ("pageSize", "perPage", "page[size]", "maxResults", "max_results", "$top", "top", "first", "size")
AFTER: Final = (
    "pageToken",
    "nextPageToken",
    "next_token",
    "nextToken",
    "next_cursor",
    "nextCursor",
    "marker",
    "iterator",
)
OFFSETS: Final = ("skip", "$skip", "startAt", "start_at", "pageNumber", "page_number", "page[number]")


def envelope(call: Call, page: Page) -> Mapping[str, Any]:
    """What a list of any document may carry beside its objects; a schema takes the members that it knows."""
    following = Either((page.next_cursor, "")) if page.next_cursor is None else page.next_cursor
    names = ("nextPageToken", "next_token", "nextToken", "next_cursor", "nextCursor", "cursor", "iterator")
    total = ("total_count", "totalCount", "totalResults", "total_results", "totalItems", "total_items", "total_entries")
    limit = ("limit", "per_page", "perPage", "pageSize", "itemsPerPage", "maxResults")
    address = next_address(call, page)
    return {
        **usual_envelope(call, page),
        **dict.fromkeys(names, following),
        **dict.fromkeys(total, page.total),
        **dict.fromkeys(limit, page.limit),
        "hasMore": page.has_more,
        "hasNext": page.has_more,
        "next": Either((address, page.next_cursor, "")),
    }


def next_address(call: Call, page: Page) -> str | None:
    """The same call for the next page, in the style that it was made in; None on the last page."""
    if not page.has_more:
        return None
    request = call.request
    query = dict(parse_qsl(request.query, keep_blank_values=True))
    known = {*query, *_declared(call)}
    for name in ("page", "Page", "pageNumber", "page_number", "page[number]"):
        if name in known:
            query[name] = str(max(1, _number(query.get(name), 1)) + 1)
            break
    else:
        for name in ("offset", "skip", "$skip", "startAt", "start_at"):
            if name in known:
                query[name] = str(_number(query.get(name), 0) + len(page.records))
                break
        else:
            tokens = ("starting_after", "page_token", "cursor", "after", *AFTER)
            token = next((name for name in tokens if name in known), "after")
            query[token] = str(page.next_cursor)
    return f"{request.scheme}://{request.host}{request.sent_path or request.path}?{urlencode(query)}"


def _declared(call: Call) -> list[str]:
    details = getattr(call.contract, "details", None)
    found = [] if details is None else details(call.operation)["parameters"]
    return [parameter["name"] for parameter in found if parameter["in"] == "query"]


def _number(text: str | None, other: int) -> int:
    return int(text) if text is not None and text.isascii() and text.isdecimal() and len(text) < 10 else other
