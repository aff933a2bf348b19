"""Lists of a shared account, with one environment's objects only.

SendGrid pages by an opaque token that leads to the next page, never into the middle of one. So the tokens that an
application gets from here hold two things: SendGrid's token of a page, and how many of its objects were read already.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

import orjson

from contracts.exchange import Response
from sandboxes.base import CUT, Outgoing, Upstream, Visible
from sandboxes.sendgrid import wire

#: Pages that one call reads at most.
PAGES: Final = 20


@dataclass(frozen=True, slots=True)
class Listing:
    """``id_field`` is the member by which an item is known. Of paged ones, ``size`` is how many objects a page holds
    when the application does not say, and ``read`` how many are read at once: the most that SendGrid gives."""

    id_field: str = "id"
    size: int = 0
    read: int = 0


LISTINGS: Final[Mapping[str, Listing]] = {
    "GET_templates": Listing(size=200, read=200),
    "LIST-designs": Listing(size=100, read=100),
    "GET_mc-lists": Listing(size=100, read=1000),
    "GET_segments": Listing(),
    "GET_marketing-segments": Listing(),
    "GET_asm-groups": Listing(),
    "GET_asm-suppressions": Listing("group_id"),
    "GET_asm-suppressions-email": Listing(),
    "GET_user-scheduled_sends": Listing("batch_id"),
}

#: Where answers keep their items, when they are no arrays themselves.
_MEMBERS: Final = ("result", "results", "segments", "suppressions")


async def narrow(call: Outgoing, send: Upstream, visible: Visible) -> Response:
    """The list without what is not the environment's."""
    listing = LISTINGS[call.operation.id]
    return await (_paged if listing.read else _whole)(call, listing, send, visible)


async def _whole(call: Outgoing, listing: Listing, send: Upstream, visible: Visible) -> Response:
    response = await wire.whole(await send(call.request))
    value = wire.decoded(response.body)
    items = items_of(value)
    if not 200 <= response.status < 300 or items is None:
        return response
    kept = await _visible(items, listing, visible)
    return _answer(response, kept if isinstance(value, list) else _with_items(value, kept))


async def _paged(call: Outgoing, listing: Listing, send: Upstream, visible: Visible) -> Response:
    """Reads on until one object more than the page holds is found, so that whether there is more is never a guess."""
    query = dict(parse_qsl(call.request.query, keep_blank_values=True))
    size = _size(query.get("page_size"), listing)
    token, skip = _opened(query.get("page_token", ""))
    first = not token and not skip
    kept: list[Any] = []
    after = ""
    for _ in range(PAGES):
        response = await wire.whole(await send(replace(call.request, query=_query(query, listing, token))))
        value = wire.decoded(response.body)
        items = items_of(value)
        if not 200 <= response.status < 300 or items is None:
            return response
        ours = {id(item) for item in await _visible(items[skip:], listing, visible)}
        for index, item in enumerate(items):
            if index < skip or id(item) not in ours:
                continue
            if len(kept) == size:
                return _page(call, response, value, query, kept, after)
            kept.append(item)
            after = _closed(token, index + 1)
        token, skip = next_token(value), 0
        if not token:
            return _page(call, response, value, query, kept, "", count=len(kept) if first else None)
    cut = _page(call, response, value, query, kept, _closed(token, 0))
    cut.headers.append(CUT)
    return cut


def items_of(value: Any) -> list[Any] | None:
    """The items of a list's answer, wherever it keeps them; None for no list."""
    if isinstance(value, list):
        return value
    if isinstance(value, dict):
        for member in _MEMBERS:
            if isinstance(value.get(member), list):
                found: list[Any] = value[member]
                return found
    return None


def next_token(value: Any) -> str:
    """SendGrid's token of the page after this one: a parameter of the address in ``_metadata.next``."""
    following = (value.get("_metadata") or {}).get("next") if isinstance(value, dict) else None
    if not isinstance(following, str):
        return ""
    return dict(parse_qsl(urlsplit(following).query)).get("page_token", "")


async def _visible(items: Sequence[Any], listing: Listing, visible: Visible) -> list[Any]:
    named = [(item, str(item.get(listing.id_field))) for item in items if isinstance(item, dict)]
    seen = await visible([name for _, name in named]) if named else {}
    return [item for item, name in named if name in seen]


def _with_items(value: Mapping[str, Any], kept: list[Any]) -> dict[str, Any]:
    """The answer with these items. ``_metadata`` counts and links the account's, so it is left out of lists that come
    whole."""
    changed = {name: part for name, part in value.items() if name != "_metadata"}
    [member] = [name for name in _MEMBERS if isinstance(value.get(name), list)][:1]
    return {**changed, member: kept}


def _page(
    call: Outgoing,
    response: Response,
    value: Mapping[str, Any],
    query: Mapping[str, str],
    kept: list[Any],
    following: str,
    count: int | None = None,
) -> Response:
    """``_metadata`` links to the gateway instead of past it. ``count`` is told where it was counted; there is no link
    backwards, because nothing was read on that side."""
    metadata: dict[str, Any] = {"self": _address(call, query)}
    if following:
        metadata["next"] = _address(call, {**query, "page_token": following})
    if count is not None:
        metadata["count"] = count
    return _answer(response, {**_with_items(value, kept), "_metadata": metadata})


def _address(call: Outgoing, query: Mapping[str, str]) -> str:
    request = call.request
    return f"{request.scheme}://{request.host}{request.sent_path or request.path}?{urlencode(query)}"


def _answer(response: Response, value: Any) -> Response:
    body = orjson.dumps(value)
    headers = [pair for pair in response.headers if pair[0] not in ("content-length", "etag", "content-md5")]
    return Response(response.status, [*headers, ("content-length", str(len(body)))], body)


def _query(query: Mapping[str, str], listing: Listing, token: str) -> str:
    wanted = {name: value for name, value in query.items() if name != "page_token"}
    wanted["page_size"] = str(listing.read)
    if token:
        wanted["page_token"] = token
    return urlencode(wanted)


def _size(text: str | None, listing: Listing) -> int:
    return min(int(text), listing.read) if text is not None and text.isdecimal() and int(text) else listing.size


def _closed(token: str, read: int) -> str:
    return f"pb{read}.{token}"


def _opened(token: str) -> tuple[str, int]:
    """A token of ours; one of SendGrid's own stands for the begin of its page."""
    head, dot, rest = token.partition(".")
    if dot and head.startswith("pb") and head[2:].isdecimal():
        return rest, int(head[2:])
    return token, 0
