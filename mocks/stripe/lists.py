"""Lists as Stripe answers them: newest first, cursors by id, ``has_more``, and time filters.

https://docs.stripe.com/api/pagination (2026-11).
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mocks.base import UnknownCursor
from mocks.stripe.calls import Object, StripeCall
from mocks.stripe.errors import invalid, missing

DEFAULT_LIMIT = 10
MOST = 100

Predicate = Callable[[Object], bool]


def list_of(items: Sequence[Object], url: str, has_more: bool = False, **more: Any) -> Object:
    """A list object."""
    return {"object": "list", "data": list(items), "has_more": has_more, **more, "url": url}


def with_newest(known: Object, item: Object) -> Object:
    """An object's own list of what belongs to it, with one more: it shows the newest ten, and counts all."""
    count = known["total_count"]
    data = [item, *known["data"]][:DEFAULT_LIMIT]
    return list_of(data, known["url"], count >= DEFAULT_LIMIT, total_count=count + 1)


async def page(
    call: StripeCall,
    kind: str,
    where: Mapping[str, str] | None = None,
    *,
    keep: Predicate | None = None,
    url: str | None = None,
) -> Object:
    """The list that a call asks for: ``where`` selects by indexed fields, ``keep`` by anything else."""
    limit, after, before = _window(call)
    times = _times(call.body.get("created"))
    if times is not None:
        keep = _both(times, keep)
    try:
        found = await _collect(call, kind, where, keep, limit, after, before)
    except UnknownCursor:
        param = "starting_after" if after else "ending_before"
        raise missing(kind, after or before or "", param) from None
    more = len(found) > limit
    if more:
        # The surplus record is the one furthest from the cursor.
        found = found[-limit:] if before else found[:limit]
    return list_of(found, url or call.operation.path, more)


def sliced(call: StripeCall, items: Sequence[Object], kind: str, url: str) -> Object:
    """The list that a call asks for of what another object holds, in the order that it has there."""
    limit, after, before = _window(call)
    keys = [item["id"] for item in items]
    cursor = after or before
    if cursor and cursor not in keys:
        raise missing(kind, cursor, "starting_after" if after else "ending_before")
    found = items[keys.index(after) + 1 :] if after else items[: keys.index(before)] if before else items
    shown = found[-limit:] if before else found[:limit]
    return list_of(shown, url, len(found) > limit)


async def _collect(
    call: StripeCall,
    kind: str,
    where: Mapping[str, str] | None,
    keep: Predicate | None,
    limit: int,
    after: str | None,
    before: str | None,
) -> list[Object]:
    """At most one record more than ``limit``, newest first."""
    if keep is None:
        return list(await call.state.page(kind, where=where, limit=limit + 1, after=after, before=before))
    found: list[Object] = []
    while len(found) <= limit:
        records = await call.state.page(kind, where=where, limit=MOST, after=after, before=before)
        chosen = [record for record in records if keep(record)]
        if before:
            found = chosen + found
            before = records[0]["id"] if records else before
        else:
            found += chosen
            after = records[-1]["id"] if records else after
        if len(records) < MOST:
            break
    return found[-(limit + 1) :] if before else found[: limit + 1]


def cut(call: StripeCall, items: Sequence[Object], url: str) -> Object:
    """The part of a short list, oldest first, that a call asks for. Raises ServiceError."""
    limit, after, before = _window(call)
    ids = [item["id"] for item in items]
    for cursor, param in ((after, "starting_after"), (before, "ending_before")):
        if cursor and cursor not in ids:
            raise missing("line_item", cursor, param)
    if before:
        earlier = items[: ids.index(before)]
        return list_of(earlier[-limit:], url, len(earlier) > limit)
    later = items[ids.index(after) + 1 :] if after else items
    return list_of(later[:limit], url, len(later) > limit)


def _window(call: StripeCall) -> tuple[int, str | None, str | None]:
    body = call.body
    limit = limit_of(call)
    after, before = body.get("starting_after"), body.get("ending_before")
    if after and before:
        raise invalid(
            "You may only specify one of these parameters: starting_after, ending_before.",
            code="parameters_exclusive",
            param="ending_before",
        )
    return limit, after, before


def limit_of(call: StripeCall) -> int:
    """How many objects a page holds; raises ServiceError."""
    limit: int = call.body.get("limit", DEFAULT_LIMIT)
    if limit > MOST:
        raise _limit_error("less", MOST)
    if limit < 1:
        raise _limit_error("greater", 1)
    return limit


def _limit_error(than: str, bound: int) -> Exception:
    return invalid(
        f"This value must be {than} than or equal to {bound}.", code="parameter_invalid_integer", param="limit"
    )


def _times(created: Any) -> Predicate | None:
    """``created``: an exact time, or a hash of gt, gte, lt, lte."""
    if created in (None, ""):
        return None
    if not isinstance(created, Mapping):
        exact = int(created)
        return lambda record: bool(record.get("created") == exact)
    above, below = -1, 1 << 62
    for name, value in created.items():
        if name == "gt":
            above = max(above, int(value) + 1)
        elif name == "gte":
            above = max(above, int(value))
        elif name == "lt":
            below = min(below, int(value) - 1)
        elif name == "lte":
            below = min(below, int(value))
    return lambda record: above <= record.get("created", 0) <= below


def within(name: str, wanted: Any) -> Predicate:
    """A filter by a number that objects have: it is ``wanted``, or within its gt, gte, lt, lte."""
    if not isinstance(wanted, Mapping):
        return lambda record: bool(record[name] == int(wanted))
    tests = {"gt": operator.gt, "gte": operator.ge, "lt": operator.lt, "lte": operator.le}
    return lambda record: all(tests[how](record[name], int(bound)) for how, bound in wanted.items())


def _both(first: Predicate, second: Predicate | None) -> Predicate:
    if second is None:
        return first
    return lambda record: first(record) and second(record)
