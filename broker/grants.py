"""Whose key it is that a service's own API made: its id carries the tag of its environment, and the environment's state
knows the key.

Nothing is kept here or in the registry: the commit that stores a key opens the door, and the one that deletes it shuts
the door, whatever happens to the server in between.
"""

from __future__ import annotations

from broker.directory import Directory, Entry, Owner
from broker.storage.base import Storage, StoreGone
from mocks.base import Grant, MadeKeys, MockService


class Grants:
    """See the module."""

    def __init__(self, directory: Directory, storage: Storage) -> None:
        self._directory = directory
        self._storage = storage

    async def owner(self, service: MockService, key: str) -> Owner | None:
        """Whose key it is, by the tag in its id: ``dead`` where the environment knows no such key, or no more."""
        made = service.made_keys
        made_id = None if made is None else made.id(key)
        if made is None or made_id is None:
            return None
        found: Owner | None = None
        for entry in await self._directory.makers(made_id):
            grant = await self._find(entry, service, made, key) if entry.environment.status == "open" else None
            if grant is not None:
                return Owner(entry, service.name, grant.name, True, None, grant=grant.terms)
            found = found or Owner(entry, service.name, "", True, None, dead=True)
        return found

    async def _find(self, entry: Entry, service: MockService, made: MadeKeys, key: str) -> Grant | None:
        try:
            store = await self._storage.open(entry.environment)
        except StoreGone:
            return None
        state = store.begin(service.name)
        store.users += 1
        try:
            return await made.find(state, key)
        finally:
            store.users -= 1
            await state.rollback()
