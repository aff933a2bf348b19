"""Who is who, at hand: environments by name, tag and key, cached from the registry.

One process holds the registry, so an entry stays true until ``forget`` is told of a change.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from broker.clock import Clock
from broker.policy import Policy
from broker.storage.base import Credential, Environment, Registry
from broker.vault import Vault
from mocks.base import MockService
from mocks.generic.ids import carried

#: Entries kept: some kilobytes each.
_ENTRIES = 4096
_TAGGED = re.compile(r"(?:[A-Za-z0-9_]*_)?([0-9A-Za-z]{13,})")


@dataclass(frozen=True, slots=True)
class Entry:
    """An environment with its policy and credentials, by service and spec."""

    environment: Environment
    policy: Policy
    credentials: Mapping[tuple[str, str], Credential]
    #: The services that only this environment's policy knows.
    services: Mapping[str, MockService] = field(default_factory=dict)


def none_of_its_own(policy: Policy) -> Mapping[str, MockService]:
    """The services of a policy where it can name none but the server's."""
    return {}


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose key it is. ``secret`` is what its holder signs with, None where the key is the secret. A key that was
    rotated is ``dead`` from ``dies_at`` on."""

    entry: Entry
    service: str
    spec: str
    presented: bool
    secret: str | None
    dies_at: datetime | None = None
    dead: bool = False
    #: What the service keeps of a key that its own API made.
    grant: Mapping[str, Any] | None = None


def tags_of(key: str) -> tuple[str, ...]:
    """The tags that an id made by ``new_id`` can carry: five characters after the last underscore, or after the digit
    that some providers put there (``pi_3...``, ``price_1...``), or what a UUID of the generic engine holds."""
    inside = carried(key)
    if inside is not None:
        return (inside,)
    found = _TAGGED.fullmatch(key)
    if found is None:
        return ()
    # A UUID without dashes looks like a bare id too; a tag that nobody has is no tag.
    drawn = found.group(1)
    return (drawn[:5], drawn[1:6]) if drawn[0].isdigit() else (drawn[:5],)


class Directory:
    """See the module. Lookups cost a dict access once known; unknown ones ask the registry each time."""

    def __init__(
        self,
        registry: Registry,
        vault: Vault,
        clock: Clock,
        own: Callable[[Policy], Mapping[str, MockService]] = none_of_its_own,
    ) -> None:
        self._own = own
        self._registry = registry
        self._vault = vault
        self._clock = clock
        self._by_name: dict[str, Entry] = {}
        self._by_uid: dict[str, Entry] = {}
        self._owners: dict[str, Owner] = {}
        #: Tags are given once: the uid behind one never changes.
        self._uids: dict[str, str] = {}

    async def by_name(self, name: str) -> Entry | None:
        """The newest environment of that name, tombstones included."""
        found = self._by_name.get(name)
        if found is None:
            environment = await self._registry.environment(name)
            if environment is None:
                return None
            found = await self._enter(environment)
        return found

    async def owner(self, key: str) -> Owner | None:
        """Whose virtual credential this is, closed environments and dead keys included."""
        found = self._owners.get(key)
        if found is not None:
            return found if found.dies_at is None else self._as_of_now(found)
        credential = await self._registry.credential(self._vault.fingerprint(key))
        if credential is None:
            return None
        entry = self._by_uid.get(credential.environment)
        if entry is None:
            environment = await self._registry.environment_by_uid(credential.environment)
            if environment is None:
                return None
            entry = await self._enter(environment)
        secret = None if credential.secret_sealed is None else self._vault.unseal(credential.secret_sealed)
        found = Owner(
            entry, credential.service, credential.spec, credential.presented, secret, dies_at=credential.dies_at
        )
        if len(self._owners) >= 4 * _ENTRIES:
            self._owners.clear()
        # The key itself is held in memory only, as long as its environment is open.
        if entry.environment.status == "open":
            self._owners[key] = found
        return self._as_of_now(found)

    async def makers(self, key: str) -> Sequence[Entry]:
        """The environments whose tag an id carries, tombstones included: one of them at the most made it."""
        found = []
        for tag in tags_of(key):
            uid = self._uids.get(tag)
            entry = None if uid is None else self._by_uid.get(uid)
            if entry is None:
                environment = await self._registry.environment_by_tag(tag)
                if environment is None:
                    continue
                entry = self._by_uid.get(environment.uid) or await self._enter(environment)
                if len(self._uids) >= _ENTRIES:
                    self._uids.clear()
                self._uids[tag] = environment.uid
            found.append(entry)
        return found

    def _as_of_now(self, owner: Owner) -> Owner:
        over = owner.dies_at is not None and owner.dies_at <= self._clock.now()
        return replace(owner, dead=True) if over else owner

    def holds(self, entry: Entry) -> bool:
        """Whether nothing has changed about the environment since this entry was made."""
        return self._by_uid.get(entry.environment.uid) is entry

    async def by_uid(self, uid: str) -> Environment | None:
        """The environment of that opening."""
        return await self._registry.environment_by_uid(uid)

    async def foreign(self, environment: Environment, key: str) -> Environment | None:
        """The other environment that an id was made for, if any."""
        tags = tags_of(key)
        if environment.tag in tags:
            return None
        for tag in tags:
            found = await self._registry.environment_by_tag(tag)
            if found is not None:
                return found
        return None

    async def _enter(self, environment: Environment) -> Entry:
        credentials = await self._registry.credentials(environment.uid)
        policy = Policy.from_normalised(environment.policy)
        entry = Entry(
            environment,
            policy,
            {(credential.service, credential.spec): credential for credential in credentials},
            self._own(policy) if environment.status == "open" else {},
        )
        if len(self._by_uid) >= _ENTRIES:
            self._by_uid.clear()
            self._by_name.clear()
        self._by_uid[environment.uid] = entry
        known = self._by_name.get(environment.name)
        if known is None or known.environment.created_at <= environment.created_at:
            newest = await self._registry.environment(environment.name)
            if newest is not None and newest.uid == environment.uid:
                self._by_name[environment.name] = entry
        return entry

    def forget(self, uid: str) -> None:
        """The environment has changed: opened, renewed, closing, closed."""
        entry = self._by_uid.pop(uid, None)
        if entry is not None:
            self._by_name.pop(entry.environment.name, None)
        for name in [name for name, known in self._by_name.items() if known.environment.uid == uid]:
            del self._by_name[name]
        for key in [key for key, owner in self._owners.items() if owner.entry.environment.uid == uid]:
            del self._owners[key]

    def forget_name(self, name: str) -> None:
        """The name may mean another environment now."""
        entry = self._by_name.get(name)
        if entry is not None:
            self.forget(entry.environment.uid)
