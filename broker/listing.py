"""What a provider lists as an environment's, put beside what the ledger knows.

Whatever carries the environment's marker and is not at its end is written down as living, so that it is taken back: a
line whose request had no answer gets its id, one that was gone lives again, and what no line knows gets a new one.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from broker.accounts import Accounts
from broker.clock import Clock
from broker.ledger import Ledger
from broker.storage.base import Storage
from broker.storage.external import Entry
from sandboxes.base import Found, Marker, Refused, Resource, Unreachable

log = logging.getLogger("broker.listing")

#: Found resources that are looked up in the ledger at once.
_BATCH = 100
#: How far the provider's clock may be from ours.
_SKEW = timedelta(minutes=10)
#: Ends at the provider after which an object may still be listed there: it is no sign of life.
ENDS = frozenset({"kept", "archived", "canceled"})


@dataclass(slots=True)
class Look:
    """One listing of one account for one environment. ``pending`` are the lines that it may settle, newest first;
    those that it did not find remain."""

    uid: str
    service: str
    account: str
    pending: list[Entry] = field(default_factory=list)
    living: list[Resource] = field(default_factory=list)

    def claimed(self, resource: Resource) -> Entry | None:
        """The line that meant this one: of the same name, else the oldest of its kind without an id. Which of
        several is the same to whoever takes them back."""
        kin = [each for each in self.pending if each.kind == resource.kind and not each.external_id]
        named = [each for each in kin if resource.alias and each.alias == resource.alias]
        if not kin:
            return None
        entry = (named or kin)[-1]
        self.pending.remove(entry)
        return entry


class Listing:
    """Looks, and writes down what it sees."""

    def __init__(self, storage: Storage, clock: Clock, ledger: Ledger, accounts: Accounts) -> None:
        self._storage = storage
        self._clock = clock
        self._ledger = ledger
        self._accounts = accounts

    async def carry_out(self, look: Look) -> None:
        """To the end of the list, in bounded memory. Raises what the account or its driver does: then nothing is known
        of what was not met."""
        provider, real = await self._accounts.named(look.account)
        marker = await self._accounts.marker(look.uid)
        environment = await self._storage.registry.environment_by_uid(look.uid)
        since = (self._clock.now() if environment is None else environment.created_at) - _SKEW
        batch: list[Found] = []
        async for found in provider.find(marker, since, self._accounts.send(provider, real)):
            if owned(found, marker):
                batch.append(found)
            if len(batch) == _BATCH:
                await self._place(look, batch)
                batch = []
        if batch:
            await self._place(look, batch)

    async def _place(self, look: Look, batch: Sequence[Found]) -> None:
        known = await self._ledger.known(look.account, [found.resource.id for found in batch])
        for resource in (found.resource for found in batch):
            entry = known.get(resource.id)
            if entry is not None and entry.kind != resource.kind:
                entry = None
            if entry is not None and entry.uid == look.uid:
                await self._place_known(look, entry, resource)
            elif entry is not None and entry.status != "gone":
                log.warning("%s %s carries a marker of %s and is another's", resource.kind, resource.id, look.uid)
            elif (pending := look.claimed(resource)) is not None:
                await self._ledger.made(pending, resource)
                look.living.append(resource)
            else:
                await self._ledger.learn(look.uid, look.service, look.account, [resource], origin="found")
                look.living.append(resource)

    async def _place_known(self, look: Look, entry: Entry, resource: Resource) -> None:
        if entry.status == "gone" and entry.outcome in ENDS:
            return
        look.living.append(resource)
        if entry.status in ("gone", "pending"):
            look.pending = [each for each in look.pending if each.id != entry.id]
            await self._ledger.made(entry, resource)


def owned(found: Found, marker: Marker) -> bool:
    """Whether it is really this environment's: a provider's search may answer with what is merely alike."""
    return found.owner in (marker.uid, marker.short)


def unasked(account: str, error: Exception) -> str:
    """Why an account could not be asked, in a sentence."""
    words = f"{error.status}: {error}" if isinstance(error, Refused) else str(error) or type(error).__name__
    if not isinstance(error, (Refused, Unreachable)):
        log.warning("account %s cannot be asked: %r", account, error)
    return f"account {account} cannot be asked: {words}"
