"""Pages of stored objects in the style that the caller uses: offsets, page numbers, tokens or cursors."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any, Final

from mocks.base import Call, Missing, Record, UnknownCursor
from mocks.generic.habits import Habits, Page
from mocks.generic.roles import Role, path_values

_LIMITS: Final = ("limit", "page_size", "per_page", "PageSize")
_AFTER: Final = ("starting_after", "page_token", "cursor", "after", "PageToken", "lastSeenID")
_BEFORE: Final = ("ending_before", "before")
_OFFSETS: Final = ("offset", "page", "Page")
_PAGING: Final = frozenset((*_LIMITS, *_AFTER, *_BEFORE, *_OFFSETS))
#: How many records are read at once while a list is filtered.
_BATCH: Final = 100


async def page_of(call: Call, role: Role, habits: Habits) -> Page:
    """The page of ``role``'s resource that the call asks for: below the parents that its path names, filtered
    by the query members that the objects have too. An unknown cursor is Missing."""
    query = {**call.params.query, **(call.params.body if isinstance(call.params.body, Mapping) else {})}
    size = _number(query, (*_LIMITS, *habits.limits))
    limit = max(1, min(habits.page_limit if size is None else size, habits.most))
    reader = _Reader(call, role, habits, query)
    afters = (*_AFTER, *habits.afters)
    after, before = _text(query, afters), _text(query, _BEFORE)
    skip = _skipped(query, limit, habits.offsets)
    try:
        if before is not None:
            found = [record async for record in reader.backwards(before, limit + 1)]
            more = len(found) > limit
            records = found[:limit][::-1]
        else:
            found = [record async for record in reader.forwards(after, skip + limit + 1)]
            more = len(found) > skip + limit
            records = found[skip : skip + limit]
    except UnknownCursor:
        name = next(name for name in (*afters, *_BEFORE) if name in query)
        raise Missing(habits.noun(role.shape.name), after or before or "", name, in_path=False) from None
    cursor = reader.id_of(records[-1]) if more and records else None
    return Page(records=records, limit=limit, has_more=more, next_cursor=cursor, total=skip + len(records))


class _Reader:
    """Walks the stored objects that a list may show."""

    def __init__(self, call: Call, role: Role, habits: Habits, query: Mapping[str, Any]) -> None:
        self._state = call.state
        self._shape = role.shape
        self._order = habits.order
        values = path_values(call.operation, call.params)
        depth = len(role.shape.parents)
        self._parents = values[:depth]
        self._where = dict(zip(role.shape.parents, self._parents, strict=False)) or None
        paging = _PAGING.union(habits.limits, habits.afters, habits.offsets)
        self._filters = {name: value for name, value in query.items() if name not in paging}
        if not depth and role.parent is not None and values:
            # A list below a parent of objects that stand on their own: they name the parent themselves.
            self._filters[role.parent.name.rpartition(".")[2]] = values[-1]

    def id_of(self, record: Record) -> str:
        return str(record[self._shape.id_field])

    def _cursor(self, key: str) -> str:
        return "/".join([*self._parents, key])

    async def forwards(self, after: str | None, most: int) -> AsyncIterator[Record]:
        """At most ``most`` records behind ``after``, in the provider's order."""
        cursor = None if after is None else self._cursor(after)
        while most > 0:
            batch = await self._state.page(
                self._shape.name, order=self._order, after=cursor, limit=_BATCH, where=self._where
            )
            for record in batch:
                if most > 0 and self._shown(record):
                    most -= 1
                    yield record
            if len(batch) < _BATCH:
                return
            cursor = self._cursor(self.id_of(batch[-1]))

    async def backwards(self, before: str, most: int) -> AsyncIterator[Record]:
        """At most ``most`` records before ``before``, the nearest first."""
        cursor = self._cursor(before)
        while most > 0:
            batch = await self._state.page(
                self._shape.name, order=self._order, before=cursor, limit=_BATCH, where=self._where
            )
            for record in reversed(batch):
                if most > 0 and self._shown(record):
                    most -= 1
                    yield record
            if len(batch) < _BATCH:
                return
            cursor = self._cursor(self.id_of(batch[0]))

    def _shown(self, record: Record) -> bool:
        return all(name not in record or _passes(record[name], wanted) for name, wanted in self._filters.items())


def _passes(value: Any, wanted: Any) -> bool:
    """Whether a member passes a filter: equal, one of several, or within bounds (``created[gte]``)."""
    if isinstance(wanted, Mapping):
        if not isinstance(value, (int, float)):
            return True
        bounds = {name: bound for name, bound in wanted.items() if isinstance(bound, (int, float))}
        return (
            value > bounds.get("gt", value - 1)
            and value >= bounds.get("gte", value)
            and value < bounds.get("lt", value + 1)
            and value <= bounds.get("lte", value)
        )
    if isinstance(wanted, list):
        return value in wanted
    if isinstance(value, (dict, list)):
        return True
    return bool(value == wanted or str(value) == str(wanted))


def _skipped(query: Mapping[str, Any], limit: int, others: tuple[str, ...]) -> int:
    """How many objects stand on earlier pages. Page numbers count from 1; SendGrid's first page may be asked
    for as 0 as well."""
    pages = tuple(name for name in others if "age" in name)
    offset = _number(query, ("offset", *(name for name in others if name not in pages)))
    if offset is not None:
        return max(0, offset)
    number = _number(query, ("page", "Page", *pages))
    return 0 if number is None else max(0, number - 1) * limit


def _number(query: Mapping[str, Any], names: tuple[str, ...]) -> int | None:
    for name in names:
        value = query.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        if isinstance(value, str) and value.isdecimal():
            return int(value)
    return None


def _text(query: Mapping[str, Any], names: tuple[str, ...]) -> str | None:
    return next((str(query[name]) for name in names if query.get(name) not in (None, "")), None)
