"""Whose objects a call sees: the platform's, or with ``Stripe-Account`` those of one connected account.

https://docs.stripe.com/connect/authentication (2026-11): the header is sent with the platform's own key, and an object
that was made with it is only there with it.
"""

from __future__ import annotations

import hashlib
import string
from collections.abc import AsyncIterable, AsyncIterator, Mapping, Sequence

from mocks.base import Blob, Call, Order, Record, State

LETTERS = string.digits + string.ascii_letters

#: Records that all accounts share: an event says whose it is, an account is nobody's but the platform's, and
#: time passes in all of them at once.
SHARED = frozenset(["account", "appointment", "deleted_account", "event"])


class Scoped:
    """The State of one connected account: kinds of its own beside the platform's."""

    def __init__(self, state: State, account: str) -> None:
        self._state = state
        self._account = account

    def _kind(self, kind: str) -> str:
        return kind if kind in SHARED else f"{self._account}/{kind}"

    async def get(self, kind: str, key: str) -> Record | None:
        return await self._state.get(self._kind(kind), key)

    async def put(self, kind: str, key: str, record: Record, index: Mapping[str, str] | None = None) -> None:
        await self._state.put(self._kind(kind), key, record, index)

    async def delete(self, kind: str, key: str) -> bool:
        return await self._state.delete(self._kind(kind), key)

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
        return await self._state.page(
            self._kind(kind), order=order, after=after, before=before, prefix=prefix, limit=limit, where=where
        )

    async def count(self, kind: str, where: Mapping[str, str] | None = None) -> int:
        return await self._state.count(self._kind(kind), where)

    async def write_blob(self, chunks: AsyncIterable[bytes], size: int | None = None) -> Blob:
        return await self._state.write_blob(chunks, size)

    def read_blob(self, blob_id: str, start: int = 0, stop: int | None = None) -> AsyncIterator[bytes]:
        return self._state.read_blob(blob_id, start, stop)

    async def delete_blob(self, blob_id: str) -> None:
        await self._state.delete_blob(blob_id)

    async def undo(self) -> None:
        await self._state.undo()


def _drawn(seed: int, what: str, length: int) -> str:
    """Text that is always the same for an environment."""
    number = int.from_bytes(hashlib.blake2b(f"{what}:{seed}".encode(), digest_size=32).digest(), "big")
    found = ""
    for _ in range(length):
        number, place = divmod(number, len(LETTERS))
        found += LETTERS[place]
    return found


def platform(call: Call) -> str:
    """The id of the account that the keys belong to."""
    return "acct_1" + _drawn(call.seed, "account", 15)


def application(call: Call) -> str:
    """The id of the platform's Connect application."""
    return "ca_" + _drawn(call.seed, "application", 32)


def own(call: Call, what: str, prefix: str, length: int) -> str:
    """The id of something that the platform's account has from the beginning."""
    return prefix + _drawn(call.seed, what, length)
