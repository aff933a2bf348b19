"""Lists and searches of a shared account, with the environment's own objects only.

Pages of a hundred are read until the application's page is full and it is known whether there is more, or until too
much of the account has been read: then the answer says so. Lists of what belongs to one object that the environment
owns pass as they are, so that what Stripe made there by itself is seen too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote_plus, urlencode

import orjson

from contracts.exchange import Response
from sandboxes.base import CUT, Outgoing, Upstream, Visible
from sandboxes.stripe import kinds, making, wire
from sandboxes.stripe.asking import PAGE

#: https://docs.stripe.com/api/pagination
DEFAULT_LIMIT = 10
#: How many pages of the account are read for one page of the application's.
MOST_PAGES = 20

#: Bytes of one page, and what is answered to a longer one.
_LONGEST = 64 << 20
_TOO_LONG = orjson.dumps(
    {
        "error": {
            "type": "invalid_request_error",
            "message": "This page is too long to be read by the gateway: expand less, or ask for fewer.",
        }
    }
)

#: Parameters that narrow a list to one object's, which ``references`` has shown to be the environment's. Not those of
#: the catalogue: several environments may build on one product that was made by hand.
_SCOPES = frozenset(
    {
        *("customer", "subscription", "invoice", "payment_intent", "charge", "setup_intent", "quote", "schedule"),
        *("payment_link", "test_clock", "credit_note", "transfer", "destination"),
    }
)


async def narrow(call: Outgoing, send: Upstream, visible: Visible) -> Response:
    """The application's page. An answer that is no list (an error) passes as it is."""
    query = call.params.query
    scopes = [query[name] for name in query if name in _SCOPES]
    if call.params.path or call.rule.scope != "own" or (scopes and call.unmapped.isdisjoint(scopes)):
        return await _whole(await send(call.request))
    limit = query.get("limit", DEFAULT_LIMIT)
    if not 1 <= limit <= PAGE:
        return await _refused(call, send, visible)
    if "query" in query:
        return await _search(call, send, visible, limit)
    return await _list(call, send, visible, limit)


@dataclass(slots=True)
class _Page:
    """One answer of Stripe's, read."""

    response: Response
    value: dict[str, Any]
    elements: list[Any]

    @property
    def more(self) -> bool:
        return bool(self.value.get("has_more"))


async def _page(call: Outgoing, send: Upstream, changed: Mapping[str, str | None]) -> _Page | Response:
    """The application's own request with these members of the query changed; None takes one out."""
    pairs = [piece for piece in call.request.query.split("&") if piece and _name(piece) not in changed]
    added = urlencode([(name, value) for name, value in changed.items() if value is not None])
    response = await _whole(await send(replace(call.request, query="&".join([*pairs, added] if added else pairs))))
    value = wire.read(response) if response.status == 200 else None
    if not isinstance(value, dict) or not isinstance(value.get("data"), list):
        return response
    return _Page(response, value, value["data"])


async def _whole(response: Response) -> Response:
    """A long answer, read: what cannot be looked into cannot be filtered."""
    if response.stream is None:
        return response
    body = bytearray()
    async for chunk in response.stream:
        body += chunk
        if len(body) > _LONGEST:
            return Response(400, [("content-type", "application/json")], _TOO_LONG)
    return Response(response.status, response.headers, bytes(body))


def _name(piece: str) -> str:
    return unquote_plus(piece.partition("=")[0])


async def _refused(call: Outgoing, send: Upstream, visible: Visible) -> Response:
    """A limit that Stripe does not know: its own words, and nothing of others' should it have none."""
    page = await _page(call, send, {})
    return page if isinstance(page, Response) else _answer(page, await _own(page.elements, visible), more=page.more)


async def _list(call: Outgoing, send: Upstream, visible: Visible, limit: int) -> Response:
    backwards = "ending_before" in call.params.query
    way = "ending_before" if backwards else "starting_after"
    cursor = call.params.query.get(way)
    found: list[Any] = []
    for reading in range(1, MOST_PAGES + 1):
        page = await _page(call, send, {"limit": str(PAGE), way: cursor})
        if isinstance(page, Response):
            return page
        own = await _own(page.elements, visible)
        found = [*own, *found] if backwards else [*found, *own]
        end = len(found) > limit or not page.more or not page.elements
        if end or reading == MOST_PAGES:
            kept = found[-limit:] if backwards else found[:limit]
            return _answer(page, kept, more=len(found) > limit or not end, cut=not end)
        cursor = making.identity(page.elements[0 if backwards else -1])
    raise AssertionError("the last page has returned")


async def _search(call: Outgoing, send: Upstream, visible: Visible, limit: int) -> Response:
    """Search pages have opaque tokens: ours says how many elements of Stripe's page are behind (``7~TOKEN``)."""
    skip, token = _behind(call.params.query.get("page"))
    found: list[Any] = []
    for reading in range(1, MOST_PAGES + 1):
        page = await _page(call, send, {"limit": str(PAGE), "page": token or None})
        if isinstance(page, Response):
            return page
        own = {id(element) for element in await _own(page.elements[skip:], visible)}
        for position, element in enumerate(page.elements[skip:], skip):
            if id(element) not in own:
                continue
            if len(found) == limit:
                return _answer(page, found, more=True, next_page=f"{position}~{token}")
            found.append(element)
        skip, token = 0, str(page.value.get("next_page") or "")
        if not page.more or not token:
            return _answer(page, found, more=False)
        if reading == MOST_PAGES:
            return _answer(page, found, more=True, next_page=f"0~{token}", cut=True)
    raise AssertionError("the last page has returned")


def _behind(page: str | None) -> tuple[int, str]:
    skip, mark, token = (page or "").partition("~")
    return (int(skip), token) if mark and skip.isdigit() else (0, page or "")


async def _own(elements: Sequence[Any], visible: Visible) -> list[Any]:
    """What the environment may see: by its own id, or by what it belongs to, for Stripe makes objects by itself. An
    event is seen by what it tells of."""
    shown = [(element, _ids(element)) for element in elements]
    seen = dict(await visible([ids[0] for _, ids in shown if ids]))
    # What is nobody's by its own id may have been made by Stripe for another environment's object.
    rest = {owner: None for _, ids in shown if ids and seen.get(ids[0]) is None for owner in ids[1:]}
    if rest:
        seen.update(await visible(list(rest)))
    return [element for element, ids in shown if _may_be_seen(ids, seen)]


def _may_be_seen(ids: Sequence[str], seen: Mapping[str, str | None]) -> bool:
    """One of its ids is the environment's own; or it may see what is nobody's, and all of them are."""
    if any(seen.get(key) is not None for key in ids):
        return True
    return bool(ids) and all(key in seen for key in ids)


def _ids(element: Any) -> tuple[str, ...]:
    own = making.identity(element)
    if own is None:
        return ()
    if kinds.kind_of(own) == "event":
        about = element.get("data", {}).get("object") if isinstance(element, Mapping) else None
        subject = making.identity(about)
        return (*((subject,) if subject else ()), *making.belongs_to(about), own)
    return (own, *making.belongs_to(element))


def _answer(
    page: _Page, elements: Sequence[Any], *, more: bool, cut: bool = False, next_page: str | None = None
) -> Response:
    """Stripe's last answer with other elements. How many objects the whole account has is not told."""
    value = {name: member for name, member in page.value.items() if name != "total_count"}
    value.update({"data": elements, "has_more": more})
    if "next_page" in value:
        value["next_page"] = next_page
    body = orjson.dumps(value)
    headers = [pair for pair in page.response.headers if pair[0] != "content-length"]
    headers.append(("content-length", str(len(body))))
    return Response(200, [*headers, CUT] if cut else headers, body, value=value)
