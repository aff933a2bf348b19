"""What environments hold of real accounts: the account itself, out of a pool or alone, and what the provider makes for
one environment: a credential, a subaccount.

A lease is chosen when an environment first needs it, stays until it is revoked or its environment closes, and is
written down before anything is used. What the provider makes is a line of the ledger too, written before it is asked.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from typing import Protocol

import orjson

from broker.clock import Clock
from broker.errors import Conflict, NotFound
from broker.keyring import read, without
from broker.ledger import Ledger
from broker.policy import Policy, SandboxPolicy
from broker.storage.base import Environment, Storage
from broker.storage.external import AccountRow, Entry, Lease
from broker.vault import Unsealable, Vault
from mocks.base import Refusal
from sandboxes.base import (
    Account,
    Issued,
    Marker,
    Refused,
    Resource,
    SandboxProvider,
    Secret,
    Unreachable,
    Upstream,
    Wish,
)

log = logging.getLogger("broker.leases")

#: Seconds for which what was found holds without another look: a new value of a variable or file counts after it.
LOOK_AGAIN = 1.0
#: Seconds between two attempts to renew what still lives.
_RETRY = 30.0
#: What is left of a life when it is renewed: a fifth, but five minutes at least; of a short life a half at most.
_FIFTH, _MINUTES = 0.2, timedelta(minutes=5)
#: A provider that is asked for less gives more, or refuses.
_SHORTEST_LIFE = timedelta(minutes=15)


class Unusable(Conflict):
    """The account is there and cannot be used: its credential cannot be read, or must not be used."""


class Driving(Protocol):
    """broker.sending.Sending, as far as it is needed here."""

    def driver(self, provider: SandboxProvider, account: Account, *, environment: str = "") -> Upstream: ...


#: Opens an account's row; raises Unusable.
Open = Callable[[AccountRow], Awaitable[tuple[SandboxProvider, Account]]]


@dataclass(frozen=True, slots=True)
class _Held:
    """What an environment uses at a service, until ``until`` (monotonic seconds)."""

    account: Account
    until: float


@dataclass(frozen=True, slots=True)
class _Own:
    """What a lease of the provider's own making keeps sealed: the credential, what was asked for, the ledger's line,
    and since when it counts."""

    secret: Secret | None
    wish: str
    line: str
    since: datetime

    def text(self) -> str:
        parts = {} if self.secret is None else {n: getattr(self.secret, n) for n in ("key", "secret", "token")}
        return orjson.dumps({"of": parts, "wish": self.wish, "line": self.line, "since": self.since}).decode()

    @classmethod
    def of(cls, text: str) -> _Own:
        found = orjson.loads(text)
        parts = {name: value for name, value in found["of"].items() if value is not None}
        secret = read(orjson.dumps(parts).decode()) if parts else None
        return cls(secret, found["wish"], found["line"], datetime.fromisoformat(found["since"]).astimezone(UTC))


def _asked(policy: SandboxPolicy) -> str:
    return orjson.dumps([policy.isolation, sorted(policy.scopes)]).decode()


def _no(message: str) -> Refusal:
    return Refusal("no_account", message)


def lacking(provider: SandboxProvider, policy: SandboxPolicy) -> str | None:
    """What the policy asks for and the provider cannot do, in a sentence."""
    if policy.isolation in provider.isolations:
        return None
    able = ", ".join(sorted(provider.isolations))
    return f"The provider of {provider.name} cannot do isolation: {policy.isolation}; it can do {able}."


def tell_nobody(gone: Mapping[str, int]) -> None:
    """The ``tell`` of what nobody watches."""


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
        marker: Callable[[str], Awaitable[Marker]],
    ) -> None:
        self._clock = clock
        self._external = storage.external
        self._registry = storage.registry
        self._vault = vault
        self._providers = providers
        self._sending = sending
        self._ledger = ledger
        self._open = open_account
        self._marker = marker
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
        until = self._clock.monotonic() + LOOK_AGAIN
        if policy.isolation != "account" and not policy.scopes:
            return _Held(account, until)
        lease, own, until = await self._own(environment, provider, account, policy)
        return _Held(replace(account, secret=own.secret or account.secret, subaccount=lease.subaccount), until)

    # Choosing an account

    async def _choose(self, environment: Environment, service: str, policy: SandboxPolicy) -> AccountRow:
        rows = await self._external.accounts(service=service)
        wanted = [row for row in rows if policy.account in (None, row.name, row.pool)]
        allowed = [row for row in wanted if may_use(row, environment.name)]
        leases = await self._external.leases(environment.uid, service=service)
        held = next((lease for lease in leases if lease.kind == "account"), None)
        if held is not None:
            for row in allowed:
                if row.name == held.account:
                    return row
            # The policy points elsewhere now, or the account's owner does. What was made there stays in the ledger.
            for lease in leases:
                await self._retire(lease)
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
        await self._still_open(environment)
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

    async def _still_open(self, environment: Environment) -> None:
        """A call that was on its way when the environment closed must lease nothing that nobody would give back."""
        found = await self._registry.environment_by_uid(environment.uid)
        if found is None or found.status != "open":
            raise Refusal("closed_environment", f"{environment.name} is closed: it leases nothing any more.")

    async def _name(self, uids: Sequence[str]) -> str:
        found = [await self._registry.environment_by_uid(uid) for uid in uids[:1]]
        return next((environment.name for environment in found if environment), "nobody that is known")

    # What the provider makes for one environment

    async def _own(
        self, environment: Environment, provider: SandboxProvider, account: Account, policy: SandboxPolicy
    ) -> tuple[Lease, _Own, float]:
        """The lease, what it opens to, and until when that holds (monotonic seconds)."""
        asked = _asked(policy)
        soon = self._clock.monotonic() + LOOK_AGAIN
        for lease in reversed(await self._external.leases(environment.uid, account=account.name)):
            if lease.kind == "account":
                continue
            own = self._opened(lease)
            if own is None or own.wish != asked or (lease.expires_at and lease.expires_at <= self._clock.now()):
                await self._retire(lease)
            elif not self._is_due(lease, own):
                return lease, own, soon
            else:
                return await self._renewed(environment, provider, account, policy, lease, own)
        issued, own = await self._issue(environment, provider, account, policy)
        lease = replace(
            self._lease_row(environment.uid, provider.name, account.name),
            kind="subaccount" if issued.subaccount else "credential",
            expires_at=issued.expires_at,
            secret_sealed=self._vault.seal(own.text()),
            subaccount=issued.subaccount,
        )
        await self._external.add_lease(lease)
        return lease, own, soon

    async def _renewed(
        self,
        environment: Environment,
        provider: SandboxProvider,
        account: Account,
        policy: SandboxPolicy,
        lease: Lease,
        old: _Own,
    ) -> tuple[Lease, _Own, float]:
        """A new life under the same lease; what still lives serves on while the provider gives none."""
        try:
            issued, own = await self._issue(environment, provider, account, policy)
        except Refusal as refused:
            log.warning("lease %s (%s) could not be renewed: %s", lease.id, account.name, refused.message)
            left = (lease.expires_at - self._clock.now()).total_seconds() if lease.expires_at else _RETRY
            return lease, old, self._clock.monotonic() + min(_RETRY, left)
        sealed = self._vault.seal(own.text())
        await self._external.update_lease(lease.id, expires_at=issued.expires_at, secret_sealed=sealed)
        await self._take_back(lease, old)
        renewed = replace(lease, expires_at=issued.expires_at, secret_sealed=sealed)
        return renewed, own, self._clock.monotonic() + LOOK_AGAIN

    async def _issue(
        self, environment: Environment, provider: SandboxProvider, account: Account, policy: SandboxPolicy
    ) -> tuple[Issued, _Own]:
        """Ask the provider, with the ledger's line before. Raises Refusal."""
        await self._still_open(environment)
        now = self._clock.now()
        wish = Wish(
            marker=await self._marker(environment.uid),
            isolation=policy.isolation,
            scopes=policy.scopes,
            life=max(environment.expires_at - now, _SHORTEST_LIFE),
        )
        kind = provider.issued.get(policy.isolation)
        line = None
        if kind is not None:
            line = await self._ledger.intend(environment.uid, provider.name, account.name, Resource(kind, ""))
        send = self._sending.driver(provider, account, environment=environment.uid)
        try:
            issued = await provider.issue(wish, account, send)
        except Refused as refused:
            await self._never(line)
            words = without(str(refused), account.secret)
            raise _no(f"Account {account.name} gives {environment.name} nothing of its own: {words}") from None
        except Unreachable as lost:
            # What may have been made stays pending: its marker tells at the close whether it was.
            if not lost.sent:
                await self._never(line)
            words = without(str(lost), account.secret)
            raise Refusal("upstream_failed", f"Account {account.name} cannot be reached: {words}") from None
        if issued is None or (issued.secret is None and issued.subaccount is None):
            await self._never(line)
            raise _no(f"The provider of {provider.name} makes no credential of its own for {' '.join(policy.scopes)}.")
        made = await self._note(environment, provider, account, line, issued.resource)
        return issued, _Own(issued.secret, _asked(policy), made, now)

    async def _never(self, line: Entry | None) -> None:
        if line is not None:
            await self._ledger.never(line)

    async def _note(
        self,
        environment: Environment,
        provider: SandboxProvider,
        account: Account,
        line: Entry | None,
        resource: Resource | None,
    ) -> str:
        """What was made, in the ledger; answers the line's id, empty where it ends by itself."""
        if resource is None:
            await self._never(line)
            return ""
        if line is None:
            line = await self._ledger.intend(environment.uid, provider.name, account.name, resource)
        await self._ledger.made(line, resource)
        return line.id

    def _opened(self, lease: Lease) -> _Own | None:
        if lease.secret_sealed is None:
            return None
        try:
            return _Own.of(self._vault.unseal(lease.secret_sealed))
        except (Unsealable, ValueError, KeyError, TypeError):
            log.warning("lease %s cannot be read, and is given up", lease.id)
            return None

    def _is_due(self, lease: Lease, own: _Own) -> bool:
        if lease.expires_at is None:
            return False
        life = lease.expires_at - own.since
        return lease.expires_at - self._clock.now() <= min(max(life * _FIFTH, _MINUTES), life / 2)

    # Ending

    async def _retire(self, lease: Lease) -> None:
        """End a lease while its environment goes on. A credential dies at the provider too; a subaccount, which holds
        what was made in it, goes when the environment closes."""
        own = self._opened(lease) if lease.kind != "account" else None
        await self._external.update_lease(lease.id, revoked_at=self._clock.now())
        if own is not None and lease.kind == "credential":
            await self._take_back(lease, own)

    async def _take_back(self, lease: Lease, own: _Own) -> None:
        """A credential that is no longer used; what the provider holds on to stays in the ledger, for the close."""
        entry = await self._external.ledger.entry(own.line) if own.line else None
        row = await self._external.account(lease.account)
        if entry is None or row is None or entry.status == "gone" or not entry.external_id:
            return
        secret = own.secret
        try:
            provider, account = await self._open(row)
            secret = account.secret
            resource = Resource(entry.kind, entry.external_id, alias=entry.alias, parent=entry.parent)
            send = self._sending.driver(provider, account)
            await self._ledger.ended(entry, await provider.revoke(resource, send, tell_nobody))
        except (Refused, Unreachable, Unusable) as stuck:
            await self._ledger.hindered(entry, without(str(stuck), secret, own.secret))

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

    async def renew(self, lease_id: str) -> Lease:
        """A new life for what ends by itself; the others live as long as their environment. Raises NotFound, Conflict,
        Refusal."""
        lease = await self.lease(lease_id)
        environment = await self._registry.environment_by_uid(lease.uid)
        if lease.revoked_at is not None or environment is None or environment.status != "open":
            raise Conflict(f"lease {lease.id} is over; the next call of its environment leases anew")
        if lease.expires_at is None:
            return lease
        own, row = self._opened(lease), await self._external.account(lease.account)
        if own is None or row is None:
            raise Conflict(f"lease {lease.id} cannot be read; revoke it, and the next call leases anew")
        async with self._locks.setdefault((lease.uid, lease.service), asyncio.Lock()):
            provider, account = await self._open(row)
            policy = Policy.from_normalised(environment.policy).sandbox(lease.service)
            renewed, _, _ = await self._renewed(environment, provider, account, policy, lease, own)
        self.forget(lease.uid)
        return renewed

    async def revoke(self, lease_id: str) -> Lease:
        """End one; the environment's next call leases anew. Idempotent. Raises NotFound."""
        lease = await self.lease(lease_id)
        async with self._locks.setdefault((lease.uid, lease.service), asyncio.Lock()):
            if lease.revoked_at is None:
                await self._retire(lease)
        self.forget(lease.uid)
        return await self.lease(lease_id)


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
