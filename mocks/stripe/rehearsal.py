"""A state to try things out in: what is written there is seen there, and stays nowhere.

A preview does in it what a renewal or a change of a subscription will do, with the same code.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Mapping, Sequence

from mocks.base import Blob, Order, Record, State, UnknownCursor

#: Records that are read at once.
_PAGE = 100


class Rehearsal:
    """Over a State. Lists are made of kinds whose records have their key as ``id``."""

    __slots__ = ("_base", "_index", "_written")

    def __init__(self, base: State) -> None:
        self._base = base
        #: By kind and key, oldest first; None is what was deleted.
        self._written: dict[str, dict[str, Record | None]] = {}
        self._index: dict[tuple[str, str], Mapping[str, str]] = {}

    async def get(self, kind: str, key: str) -> Record | None:
        own = self._written.get(kind, {})
        return own[key] if key in own else await self._base.get(kind, key)

    async def put(self, kind: str, key: str, record: Record, index: Mapping[str, str] | None = None) -> None:
        self._written.setdefault(kind, {})[key] = record
        if index is not None:
            self._index[kind, key] = index

    async def delete(self, kind: str, key: str) -> bool:
        there = await self.get(kind, key) is not None
        self._written.setdefault(kind, {})[key] = None
        return there

    async def page(
        self,
        kind: str,
        *,
        order: Order = "newest",
        after: str | None = None,
        before: str | None = None,
        prefix: str = "",
        limit: int = 100,
        where: Mapping[str, str] | None = None,
    ) -> Sequence[Record]:
        if kind not in self._written:
            return await self._base.page(
                kind, order=order, after=after, before=before, prefix=prefix, limit=limit, where=where
            )
        found = [each for each in await self._all(kind, where) if str(each["id"]).startswith(prefix)]
        if order == "newest":
            found.reverse()
        elif order == "key":
            found.sort(key=lambda record: str(record["id"]).encode())
        keys = [each["id"] for each in found]
        for cursor in (after, before):
            if cursor is not None and cursor not in keys:
                raise UnknownCursor(cursor)
        if before is not None:
            return found[: keys.index(before)][-limit:]
        return found[keys.index(after) + 1 if after is not None else 0 :][:limit]

    async def _all(self, kind: str, where: Mapping[str, str] | None) -> list[Record]:
        """Oldest first."""
        own, cursor = self._written[kind], None
        found: list[Record] = []
        while True:
            some = await self._base.page(kind, order="oldest", after=cursor, limit=_PAGE, where=where)
            found += some
            if len(some) < _PAGE:
                break
            cursor = some[-1]["id"]
        known = {each["id"] for each in found}
        kept = [own.get(each["id"], each) for each in found]
        kept += [record for key, record in own.items() if key not in known and await self._new(kind, key, where)]
        return [each for each in kept if each is not None and self._fits(kind, str(each["id"]), where, known)]

    async def _new(self, kind: str, key: str, where: Mapping[str, str] | None) -> bool:
        """Whether a record that the base did not list may be one: it is new, or has another index here."""
        return (kind, key) in self._index or (where is None and await self._base.get(kind, key) is None)

    def _fits(self, kind: str, key: str, where: Mapping[str, str] | None, known: set[str]) -> bool:
        if not where:
            return True
        index = self._index.get((kind, key))
        if index is None:
            return key in known
        return all(index.get(name) == value for name, value in where.items())

    async def count(self, kind: str, where: Mapping[str, str] | None = None) -> int:
        if kind not in self._written:
            return await self._base.count(kind, where)
        return len(await self._all(kind, where))

    async def write_blob(self, chunks: AsyncIterable[bytes], size: int | None = None) -> Blob:
        raise TypeError("a rehearsal keeps no bytes")

    def read_blob(self, blob_id: str, start: int = 0, stop: int | None = None) -> AsyncIterator[bytes]:
        return self._base.read_blob(blob_id, start, stop)

    async def delete_blob(self, blob_id: str) -> None:
        raise TypeError("a rehearsal keeps no bytes")

    async def undo(self) -> None:
        self._written.clear()
        self._index.clear()
