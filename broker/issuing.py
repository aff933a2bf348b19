"""What a provider makes for one environment alone: a credential of its own, a subaccount.

The provider is asked under a line of the ledger that was written before, so that what it made can be taken back even
if its answer never came. What ends by itself is renewed in time, under the same lease.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

import orjson

from broker.clock import Clock
from broker.concealing import without
from broker.errors import Conflict
from broker.keyring import given
from broker.ledger import Ledger
from broker.policy import SandboxPolicy
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
#: What marks everything made for the environment of this uid.
Marking = Callable[[str], Awaitable[Marker]]


@dataclass(frozen=True, slots=True)
class Party:
    """Who asks, of whom, for what."""

    environment: Environment
    provider: SandboxProvider
    account: Account
    policy: SandboxPolicy

    @property
    def asked(self) -> str:
        """What decides whether an earlier issue still fits."""
        return orjson.dumps([self.policy.isolation, sorted(self.policy.scopes)]).decode()


@dataclass(frozen=True, slots=True)
class Own:
    """What a lease of the provider's own making keeps sealed: the credential, what was asked for, the ledger's line,
    and since when it counts."""

    secret: Secret | None
    asked: str
    line: str
    since: datetime

    def text(self) -> str:
        """What ``of`` reads."""
        parts = {} if self.secret is None else {n: getattr(self.secret, n) for n in ("key", "secret", "token")}
        return orjson.dumps({"of": parts, "asked": self.asked, "line": self.line, "since": self.since}).decode()

    @classmethod
    def of(cls, text: str) -> Own:
        """Raises ValueError, KeyError."""
        found = orjson.loads(text)
        secret = given(found["of"]) if found["of"] else None
        return cls(secret, found["asked"], found["line"], datetime.fromisoformat(found["since"]))


def lacking(provider: SandboxProvider, policy: SandboxPolicy) -> str | None:
    """What the policy asks for and the provider cannot do, in a sentence."""
    if policy.isolation in provider.isolations:
        return None
    able = ", ".join(sorted(provider.isolations))
    return f"The provider of {provider.name} cannot do isolation: {policy.isolation}; it can do {able}."


def _fits(lease: Lease, own: Own, party: Party) -> bool:
    """A subaccount is where the environment's objects are: it stays for as long as the policy asks for one."""
    return own.asked == party.asked or (lease.kind == "subaccount" and party.policy.isolation == "account")


def _tell_nobody(gone: Mapping[str, int]) -> None:
    """The ``tell`` of what nobody watches."""


class Issuing:
    """See the module."""

    def __init__(
        self,
        *,
        clock: Clock,
        storage: Storage,
        vault: Vault,
        sending: Driving,
        ledger: Ledger,
        open_account: Open,
        marker: Marking,
    ) -> None:
        self._clock = clock
        self._external = storage.external
        self._registry = storage.registry
        self._vault = vault
        self._sending = sending
        self._ledger = ledger
        self._open = open_account
        self._marker = marker

    async def find(self, party: Party) -> tuple[Lease, Own] | None:
        """The lease that fits what the policy asks for today; those that do not are ended."""
        found = None
        for lease in await self._external.leases(party.environment.uid, account=party.account.name):
            if lease.kind == "account":
                continue
            own = self.opened(lease)
            over = lease.expires_at is not None and lease.expires_at <= self._clock.now()
            if own is None or over or not _fits(lease, own, party):
                await self.retire(lease)
            else:
                found = lease, own
        return found

    async def lease(self, party: Party) -> tuple[Lease, Own]:
        """Something new. Raises Refusal."""
        issued, own = await self._issue(party)
        lease = Lease(
            id="lease_" + self._clock.text(20),
            uid=party.environment.uid,
            service=party.provider.name,
            account=party.account.name,
            kind="subaccount" if issued.subaccount else "credential",
            issued_at=self._clock.now(),
            expires_at=issued.expires_at,
            secret_sealed=self._vault.seal(own.text()),
            subaccount=issued.subaccount,
        )
        await self._external.add_lease(lease)
        return lease, own

    async def renew(self, party: Party, lease: Lease, old: Own) -> tuple[Lease, Own]:
        """A new life under the same lease. Raises Refusal, and then the old one is as it was."""
        issued, own = await self._issue(party)
        sealed = self._vault.seal(own.text())
        expires_at = issued.expires_at or party.environment.expires_at
        await self._external.update_lease(lease.id, expires_at=expires_at, secret_sealed=sealed)
        await self._take_back(lease, old)
        return replace(lease, expires_at=expires_at, secret_sealed=sealed), own

    def is_due(self, lease: Lease, own: Own) -> bool:
        """Whether it is time to renew it."""
        if lease.expires_at is None:
            return False
        life = lease.expires_at - own.since
        return lease.expires_at - self._clock.now() <= min(max(life * _FIFTH, _MINUTES), life / 2)

    def opened(self, lease: Lease) -> Own | None:
        """What the lease keeps; None when it keeps nothing that can be read."""
        if lease.secret_sealed is None:
            return None
        try:
            return Own.of(self._vault.unseal(lease.secret_sealed))
        except (Unsealable, ValueError, KeyError):
            log.warning("lease %s cannot be read, and is given up", lease.id)
            return None

    async def still_open(self, environment: Environment) -> None:
        """A call that was on its way when the environment closed must get nothing that nobody would give back. Raises
        Refusal."""
        found = await self._registry.environment_by_uid(environment.uid)
        if found is None or found.status != "open":
            raise Refusal("closed_environment", f"{environment.name} is closed: it leases nothing any more.")

    async def _issue(self, party: Party) -> tuple[Issued, Own]:
        """Ask the provider, with the ledger's line before."""
        environment, provider, account = party.environment, party.provider, party.account
        await self.still_open(environment)
        now = self._clock.now()
        wish = Wish(
            marker=await self._marker(environment.uid),
            isolation=party.policy.isolation,
            scopes=party.policy.scopes,
            life=max(environment.expires_at - now, _SHORTEST_LIFE),
        )
        kind = provider.issued.get(wish.isolation)
        line = None
        if kind is not None:
            line = await self._ledger.intend(environment.uid, provider.name, account.name, Resource(kind, ""))
        send = self._sending.driver(provider, account, environment=environment.uid)
        try:
            issued = await provider.issue(wish, account, send)
        except Refused as refused:
            # After a failure, or an answer that nobody can read, it may have been made.
            if 400 <= refused.status < 500:
                await self._never(line)
            words = without(str(refused), account.secret)
            raise Refusal(
                "no_account", f"Account {account.name} gives {environment.name} nothing of its own: {words}"
            ) from None
        except Unreachable as lost:
            # What may have been made stays pending: its marker tells at the close whether it was.
            if not lost.sent:
                await self._never(line)
            words = without(str(lost), account.secret)
            raise Refusal("upstream_failed", f"Account {account.name} cannot be reached: {words}") from None
        if issued is None or (issued.secret is None and issued.subaccount is None):
            await self._never(line)
            asked = "scopes of an environment's own" if wish.scopes else "an account of an environment's own"
            raise Refusal("no_account", f"The provider of {provider.name} gives no {asked} through {account.name}.")
        return issued, Own(issued.secret, party.asked, await self._note(party, line, issued.resource), now)

    async def _never(self, line: Entry | None) -> None:
        if line is not None:
            await self._ledger.never(line)

    async def _note(self, party: Party, line: Entry | None, resource: Resource | None) -> str:
        """What was made, in the ledger; answers the line's id, empty for what ends by itself."""
        if resource is None:
            await self._never(line)
            return ""
        if line is None:
            line = await self._ledger.intend(party.environment.uid, party.provider.name, party.account.name, resource)
        await self._ledger.made(line, resource)
        return line.id

    async def retire(self, lease: Lease) -> None:
        """End a lease while its environment goes on. A credential dies at the provider too; a subaccount goes when the
        environment closes."""
        own = self.opened(lease) if lease.kind != "account" else None
        await self._external.update_lease(lease.id, revoked_at=self._clock.now())
        if own is not None and lease.kind == "credential":
            await self._take_back(lease, own)

    async def _take_back(self, lease: Lease, own: Own) -> None:
        """What is no longer used; where the provider does not let go of it, the ledger has it for the close."""
        entry = await self._external.ledger.entry(own.line) if own.line else None
        row = await self._external.account(lease.account)
        if entry is None or row is None or entry.status == "gone" or not entry.external_id:
            return
        secret = own.secret
        try:
            provider, account = await self._open(row)
            secret = account.secret
            resource = Resource(entry.kind, entry.external_id, alias=entry.alias, parent=entry.parent)
            outcome = await provider.revoke(resource, self._sending.driver(provider, account), _tell_nobody)
            await self._ledger.ended(entry, outcome)
        except (Refused, Unreachable, Unusable) as stuck:
            await self._ledger.hindered(entry, without(str(stuck), secret, own.secret))
