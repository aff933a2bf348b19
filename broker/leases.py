"""What environments hold of real accounts: the account itself, out of a pool or alone, and what the provider makes for
one environment: a credential, a subaccount.

A lease is chosen when an environment first needs it, stays until it is revoked or its environment closes, and is
written down before anything is used. What the provider makes is a line of the ledger too, written before it is asked.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from broker.clock import Clock
from broker.errors import Conflict, NotFound
from broker.issuing import Driving, Issuing, Marking, Open, Party, Unusable, lacking
from broker.ledger import Ledger
from broker.policy import Policy, SandboxPolicy
from broker.storage.base import Environment, Storage
from broker.storage.external import AccountRow, Lease
from broker.vault import Vault
from mocks.base import Refusal
from sandboxes.base import Account, SandboxProvider

log = logging.getLogger("broker.leases")

#: Seconds for which what was found holds without another look: a new value of a variable or file counts after it.
LOOK_AGAIN = 1.0
#: Seconds between two attempts to renew what still lives.
_RETRY = 30.0


@dataclass(frozen=True, slots=True)
class _Held:
    """What an environment uses at a service, until ``until`` (monotonic seconds)."""

    account: Account
    until: float


def _no(message: str) -> Refusal:
    return Refusal("no_account", message)


class Leases:
    """See the module."""

    def __init__(
        self,
        *,
        clock: Clock,
        storage: Storage,
        vault: Vault,
        providers: Mapping[str, SandboxProvider],
        sending: Driving,
        ledger: Ledger,
        open_account: Open,
        marker: Marking,
    ) -> None:
        self._clock = clock
        self._external = storage.external
        self._registry = storage.registry
        self._providers = providers
        self._open = open_account
        self._issuing = Issuing(
            clock=clock,
            storage=storage,
            vault=vault,
            sending=sending,
            ledger=ledger,
            open_account=open_account,
            marker=marker,
        )
        self._held: dict[tuple[str, str], _Held] = {}
        self._locks: dict[tuple[str, str], asyncio.Lock] = {}

    # Using

    async def of(self, environment: Environment, service: str) -> Account:
        """The account of the environment's calls to the service. Raises Refusal."""
        key = (environment.uid, service)
        held = self._held.get(key)
        if held is not None and held.until > self._clock.monotonic():
            return held.account
        async with self._locks.setdefault(key, asyncio.Lock()):
            held = self._held.get(key)
            if held is None or held.until <= self._clock.monotonic():
                held = self._held[key] = await self._hold(environment, service)
            return held.account

    async def _hold(self, environment: Environment, service: str) -> _Held:
        # As it is now: a call that was under way when the policy changed must not bring the old one's leases back.
        environment = await self._registry.environment_by_uid(environment.uid) or environment
        policy = Policy.from_normalised(environment.policy).sandbox(service)
        provider = self._providers.get(service)
        if provider is None:
            raise _no(f"This server knows no real provider of {service}.")
        if environment.trust == "fork":
            raise _no(f"{environment.name} was opened for a fork, and forks get mocks only.")
        if words := lacking(provider, policy):
            raise _no(words)
        row = await self._choose(environment, service, policy)
        try:
            _, account = await self._open(row)
        except Unusable as wrong:
            raise _no(wrong.detail) from None
        if policy.isolation != "account" and not policy.scopes:
            return _Held(account, self._clock.monotonic() + LOOK_AGAIN)
        return await self._own(Party(environment, provider, account, policy))

    async def _own(self, party: Party) -> _Held:
        """With what the provider made for the environment. What still lives serves on while it cannot be renewed."""
        wait = LOOK_AGAIN
        found = await self._issuing.find(party)
        if found is None:
            found = await self._issuing.lease(party)
        elif self._issuing.is_due(*found):
            try:
                found = await self._issuing.renew(party, *found)
            except Refusal as refused:
                lease = found[0]
                log.warning("lease %s (%s) is not renewed yet: %s", lease.id, lease.account, refused.message)
                left = (lease.expires_at - self._clock.now()).total_seconds() if lease.expires_at else _RETRY
                wait = min(_RETRY, left)
        lease, own = found
        account = replace(party.account, secret=own.secret or party.account.secret, subaccount=lease.subaccount)
        return _Held(account, self._clock.monotonic() + wait)

    # Choosing an account

    async def _choose(self, environment: Environment, service: str, policy: SandboxPolicy) -> AccountRow:
        rows = await self._external.accounts(service=service)
        wanted = [row for row in rows if policy.account in (None, row.name, row.pool)]
        allowed = [row for row in wanted if may_use(row, environment.name)]
        leases = await self._external.leases(environment.uid, service=service)
        held = {lease.account for lease in leases if lease.kind == "account"}
        for row in allowed:
            if row.name in held:
                return row
        # The policy points elsewhere now, or the account's owner does. What was made there stays in the ledger.
        for lease in leases:
            if not await self._keeps(lease):
                await self._issuing.retire(lease)
        if not allowed:
            raise _no(_none_allowed(environment, service, policy, wanted, rows))
        if policy.account is None and len(allowed) > 1:
            choices = ", ".join(sorted({row.pool or row.name for row in allowed}))
            raise _no(
                f"There are several accounts of {service}, and the policy of {environment.name} names none: set "
                f"services.{service}.sandbox.account to one of {choices}."
            )
        return await self._lease(environment, service, allowed)

    async def _lease(self, environment: Environment, service: str, rows: Sequence[AccountRow]) -> AccountRow:
        await self._issuing.still_open(environment)
        users = {row.name: [lease.uid for lease in await self._users(row.name)] for row in rows}
        for row in sorted(rows, key=lambda row: (len(users[row.name]), row.name)):
            lease = self._lease_row(environment.uid, service, row.name)
            if await self._external.add_lease(lease):
                return row
        names = [f"{row.name} by {await self._name(users[row.name])}" for row in rows]
        raise _no(f"Every account of {service} that {environment.name} may use is leased: {', '.join(names)}.")

    async def _users(self, account: str) -> Sequence[Lease]:
        return [lease for lease in await self._external.leases(account=account) if lease.kind == "account"]

    def _lease_row(self, uid: str, service: str, account: str) -> Lease:
        return Lease(
            id="lease_" + self._clock.text(20),
            uid=uid,
            service=service,
            account=account,
            kind="account",
            issued_at=self._clock.now(),
        )

    async def _name(self, uids: Sequence[str]) -> str:
        found = [await self._registry.environment_by_uid(uid) for uid in uids[:1]]
        return next((environment.name for environment in found if environment), "nobody that is known")

    # Ending

    async def release(self, uid: str) -> None:
        """The environment is closed: every lease ends. What the provider made is the ledger's to take back."""
        for lease in await self._external.leases(uid):
            await self._external.update_lease(lease.id, revoked_at=self._clock.now())
        self.forget(uid)
        for key in [key for key in self._locks if key[0] == uid]:
            del self._locks[key]

    def forget(self, uid: str | None = None) -> None:
        """Something has changed: look again at the next call."""
        for key in [key for key in self._held if uid is None or key[0] == uid]:
            del self._held[key]

    # For people

    async def lease(self, lease_id: str) -> Lease:
        """One that lives or lived. Raises NotFound."""
        found = await self._external.lease(lease_id)
        if found is None:
            raise NotFound(f"no lease {lease_id[:80]}; `broker lease list ENVIRONMENT` shows an environment's")
        return found

    async def revoke_all(self, uid: str) -> Sequence[Lease]:
        """All that can end before the environment does; answers them. Its next calls lease anew."""
        alive = await self._external.leases(uid)
        # What was made through an account ends before the account.
        ending = [lease for lease in alive if lease.kind == "credential"]
        ending += [lease for lease in alive if lease.kind == "account" and not await self._keeps(lease)]
        return [await self.revoke(lease.id) for lease in ending]

    async def renew(self, lease_id: str) -> Lease:
        """A new life for what ends by itself; the others live as long as their environment. Raises NotFound, Conflict,
        Refusal."""
        lease = await self.lease(lease_id)
        environment = await self._registry.environment_by_uid(lease.uid)
        if lease.revoked_at is not None or environment is None or environment.status != "open":
            raise Conflict(f"lease {lease.id} is over; the next call of its environment leases anew")
        if lease.expires_at is None:
            return lease
        async with self._lock(lease):
            # Another call may have renewed it meanwhile.
            lease = await self.lease(lease_id)
            own, row = self._issuing.opened(lease), await self._external.account(lease.account)
            if own is None or row is None:
                raise Conflict(f"lease {lease.id} cannot be read; revoke it, and the next call leases anew")
            provider, account = await self._open(row)
            policy = Policy.from_normalised(environment.policy).sandbox(lease.service)
            renewed, _ = await self._issuing.renew(Party(environment, provider, account, policy), lease, own)
        self.forget(lease.uid)
        return renewed

    def _lock(self, lease: Lease) -> asyncio.Lock:
        return self._locks.setdefault((lease.uid, lease.service), asyncio.Lock())

    async def revoke(self, lease_id: str) -> Lease:
        """End one; the environment's next call leases anew. Idempotent. Raises NotFound, and Conflict for what holds
        the environment's own objects: that ends with it and not before."""
        lease = await self.lease(lease_id)
        async with self._lock(lease):
            if lease.revoked_at is None:
                if words := await self._keeps(lease):
                    raise Conflict(f"lease {lease.id} ends with its environment: {words}")
                await self._issuing.retire(lease)
        self.forget(lease.uid)
        return await self.lease(lease_id)

    async def _keeps(self, lease: Lease) -> str | None:
        """Why the lease must not end while its environment goes on, in words."""
        if lease.kind == "subaccount":
            return "what it made is in this subaccount"
        row = await self._external.account(lease.account)
        if lease.kind == "credential" or row is None or not row.exclusive:
            return None
        left = await self._external.ledger.entries(lease.uid, account=lease.account, left=True, limit=1)
        return f"what it made is still in {lease.account}, which nobody else may see" if left else None


def may_use(row: AccountRow, environment: str) -> bool:
    """Whether the account's owner lends it to an environment of that name."""
    return any(fnmatchcase(environment, pattern) for pattern in row.environments)


def _none_allowed(
    environment: Environment,
    service: str,
    policy: SandboxPolicy,
    wanted: Sequence[AccountRow],
    rows: Sequence[AccountRow],
) -> str:
    if wanted:
        names = ", ".join(row.name for row in wanted)
        return f"{environment.name} is not among the environments that may use {names} (see `broker account show`)."
    if policy.account is None or not rows:
        return f"No real account of {service} is configured. Add one: `broker account add NAME --service {service}`."
    names = ", ".join(sorted({row.pool or row.name for row in rows}))
    return f"The policy names the account {policy.account}, and there is none for {service}. There are: {names}."
