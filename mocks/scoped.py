"""The State of one account among several in an environment's world: its kinds stand beside those of the others."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Collection, Mapping, Sequence

from mocks.base import Blob, Order, Record, State


class Scoped:
    """See the module. ``whole`` is the State of the account that the others belong to; of the ``shared`` kinds all have
    the same records."""

    def __init__(self, whole: State, account: str, shared: Collection[str]) -> None:
        self.whole = whole
        self.account = account
        self._shared = shared

    def _kind(self, kind: str) -> str:
        return kind if kind in self._shared else f"{self.account}/{kind}"

    async def get(self, kind: str, key: str) -> Record | None:
        return await self.whole.get(self._kind(kind), key)

    async def put(self, kind: str, key: str, record: Record, index: Mapping[str, str] | None = None) -> None:
        await self.whole.put(self._kind(kind), key, record, index)

    async def delete(self, kind: str, key: str) -> bool:
        return await self.whole.delete(self._kind(kind), key)

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
        return await self.whole.page(
            self._kind(kind), order=order, after=after, before=before, prefix=prefix, limit=limit, where=where
        )

    async def count(self, kind: str, where: Mapping[str, str] | None = None) -> int:
        return await self.whole.count(self._kind(kind), where)

    async def write_blob(self, chunks: AsyncIterable[bytes], size: int | None = None) -> Blob:
        return await self.whole.write_blob(chunks, size)

    def read_blob(self, blob_id: str, start: int = 0, stop: int | None = None) -> AsyncIterator[bytes]:
        return self.whole.read_blob(blob_id, start, stop)

    async def delete_blob(self, blob_id: str) -> None:
        await self.whole.delete_blob(blob_id)

    async def undo(self) -> None:
        await self.whole.undo()
