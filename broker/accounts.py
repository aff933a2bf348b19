"""Real accounts: configured once, each with a credential that only this server holds, and lent to environments.

Whoever asks for an account gets it opened, with its credential checked anew; what is shown of it never holds one.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from broker.clock import Clock
from broker.concealing import without
from broker.destinations import check_endpoint
from broker.errors import BrokerError, Conflict, InvalidInput, NotFound
from broker.issuing import Driving, Unusable, lacking
from broker.keyring import Keyring, Locked, given
from broker.leases import Leases
from broker.ledger import Ledger
from broker.policy import REAL, Policy
from broker.scheduler import Scheduler
from broker.settings import Settings
from broker.storage.base import Environment, Incident, Storage
from broker.storage.external import AccountRow, Lease
from broker.vault import Vault
from mocks.base import Refusal
from sandboxes.base import Account, Marker, Refused, SandboxProvider, Secret, Unreachable, Upstream

__all__ = ["Accounts", "Unusable", "Wanted"]

log = logging.getLogger("broker.accounts")

#: A DNS label, as names of environments: it stands in addresses and in policies.
NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
#: Options with this ending are addresses, checked as the account's own.
_ADDRESS = "_endpoint"
#: Seconds that the provider may take to answer a check.
_CHECK_SECONDS = 30.0
_INSTANCE = "0123456789abcdefghijklmnopqrstuvwxyz"

#: Told of an account by its name.
Watcher = Callable[[str], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """An account as its owner wants it. ``secret`` is ``{"variable": NAME}``, ``{"file": PATH}``, ``{"value": ...}``,
    or None for the one that is there. Its repr shows no credential."""

    name: str
    service: str
    secret: Mapping[str, Any] | None = field(default=None, repr=False)
    endpoint: str | None = None
    pool: str | None = None
    exclusive: bool = False
    environments: Sequence[str] = ("*",)
    rate: float | None = None
    concurrency: int | None = None
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Bears:
    """Where an account is reached, and what it bears: calls a second, and at once."""

    endpoint: str
    rate: float
    concurrency: int


class Accounts:
    """See the module. Leases are in broker/leases.py and offered here."""

    def __init__(
        self,
        *,
        settings: Settings,
        clock: Clock,
        storage: Storage,
        vault: Vault,
        providers: Mapping[str, SandboxProvider],
        sending: Driving,
        scheduler: Scheduler,
        ledger: Ledger,
    ) -> None:
        self._clock = clock
        self._external = storage.external
        self._registry = storage.registry
        self._providers = providers
        self._sending = sending
        self._scheduler = scheduler
        self._keyring = Keyring(vault, settings.data)
        self._instance = ""
        self._reported: set[tuple[str, str]] = set()
        self._put: list[Watcher] = []
        self._removed: list[Watcher] = []
        self.leases = Leases(
            clock=clock,
            storage=storage,
            vault=vault,
            providers=providers,
            sending=sending,
            ledger=ledger,
            open_account=self._open,
            marker=self.marker,
        )

    async def start(self) -> None:
        """Tell the scheduler what each account bears."""
        for row in await self._external.accounts():
            if row.service in self._providers:
                self._configure(row)

    def watch(self, *, put: Watcher | None = None, removed: Watcher | None = None) -> None:
        """Call ``put`` after an account was added or changed, ``removed`` before it goes, while it still opens."""
        self._put += [put] if put else []
        self._removed += [removed] if removed else []

    async def marker(self, uid: str = "") -> Marker:
        """What marks everything made for the environment; without a uid, for all of this server's."""
        if not self._instance:
            known = await self._external.fact("instance")
            self._instance = known or await self._external.put_fact("instance", self._clock.text(6, _INSTANCE))
        return Marker(self._instance, uid)

    # For calls

    async def of(self, environment: Environment, service: str) -> Account:
        """The account of the environment's calls, leased when it is not yet. Raises mocks.base.Refusal, most often
        with the reason ``no_account``."""
        return await self.leases.of(environment, service)

    async def lend(self, environment: Environment) -> Mapping[str, str]:
        """Lease at once for every service whose mode is the real one; answers why not, by service, for the others."""
        policy = Policy.from_normalised(environment.policy)
        words = {}
        for service in self._providers:
            if policy.mode(service) in REAL:
                try:
                    await self.leases.of(environment, service)
                except Refusal as refused:
                    words[service] = refused.message
        return words

    async def named(self, name: str, uid: str = "") -> tuple[SandboxProvider, Account]:
        """An account by itself, with its own credential; with a uid, in that environment's subaccount where it has one.
        Raises NotFound, Unusable."""
        provider, account = await self._open(await self.row(name))
        if uid:
            for lease in await self._external.leases(uid, account=name):
                if lease.subaccount is not None:
                    account = replace(account, subaccount=lease.subaccount)
        return provider, account

    def send(self, provider: SandboxProvider, account: Account, environment: str = "") -> Upstream:
        """The way to the account for what drivers send."""
        return self._sending.driver(provider, account, environment=environment)

    async def release(self, uid: str) -> None:
        """The environment is closed: all its leases end. Idempotent."""
        await self.leases.release(uid)

    def forget(self, uid: str | None = None) -> None:
        """The environment, or an account, has changed."""
        self.leases.forget(uid)

    # For people

    async def row(self, name: str) -> AccountRow:
        """Raises NotFound."""
        found = await self._external.account(name)
        if found is None:
            raise NotFound(f"no account is called {name[:80]}; `broker account list` shows them")
        return found

    async def rows(self) -> Sequence[AccountRow]:
        """By name."""
        return await self._external.accounts()

    async def put(self, wanted: Wanted) -> tuple[AccountRow, bool]:
        """Add an account, or change it; answers whether it is new. Raises InvalidInput, Conflict."""
        if not NAME.fullmatch(wanted.name):
            raise InvalidInput(f"{wanted.name[:80]!r} cannot name an account: use 1 to 63 of a-z, 0-9 and -")
        provider = self._providers.get(wanted.service)
        if provider is None:
            known = ", ".join(self._providers) or "none"
            raise InvalidInput(f"service: no real provider is called {wanted.service[:80]!r}; there are: {known}")
        present = await self._external.account(wanted.name)
        row = AccountRow(
            name=wanted.name,
            service=wanted.service,
            secret={} if present is None else present.secret,
            created_at=self._clock.now() if present is None else present.created_at,
            endpoint=None if wanted.endpoint is None else check_endpoint("endpoint", wanted.endpoint),
            pool=await self._pool(wanted),
            exclusive=wanted.exclusive,
            environments=tuple(wanted.environments),
            rate=wanted.rate,
            concurrency=wanted.concurrency,
            options=_options(provider, wanted.options),
            hook_id=None if present is None else present.hook_id,
            hook_secret_sealed=None if present is None else present.hook_secret_sealed,
            hook_path=None if present is None else present.hook_path,
        )
        if present is not None and _reach(present) != _reach(row):
            await self._unused(present, "changed to another service or address")
            if wanted.secret is None:
                raise InvalidInput("secret: say it again where the service or an address changes: it would go there")
        row = replace(row, secret=await self._secret(provider, wanted, present))
        self._configure(row)
        await self._external.put_account(row)
        self.forget()
        await _tell(self._put, row.name)
        return row, present is None

    async def _pool(self, wanted: Wanted) -> str | None:
        """The name of a pool stands where that of an account may, so that no two are the same."""
        rows = [row for row in await self._external.accounts() if row.name != wanted.name]
        if any(row.pool == wanted.name for row in rows):
            raise InvalidInput(f"{wanted.name} is the name of a pool: choose another one for the account")
        if wanted.pool is not None and wanted.pool in {wanted.name, *(row.name for row in rows)}:
            raise InvalidInput(f"pool: {wanted.pool[:80]} is the name of an account: choose another one for the pool")
        return wanted.pool

    async def _secret(self, provider: SandboxProvider, wanted: Wanted, present: AccountRow | None) -> Mapping[str, str]:
        """Where the credential is, after a look at it: what must not be an account's is never stored."""
        place = dict(wanted.secret or (present.secret if present else {}))
        if not place:
            raise InvalidInput("secret: say where the account's credential is: variable, file or value")
        try:
            secret = given(place["value"]) if "value" in place else self._keyring.open(place)
        except (Locked, ValueError) as wrong:
            raise InvalidInput(f"secret: {wrong}") from None
        words = await self._objection(provider, wanted.name, secret)
        if words is not None:
            raise InvalidInput(f"secret: {words}")
        return {"sealed": self._keyring.seal(secret)} if "value" in place else place

    async def _objection(self, provider: SandboxProvider, name: str, secret: Secret) -> str | None:
        """Why the credential must not be an account's. That somebody tried is an incident, once for a credential."""
        words = provider.check_secret(secret)
        if words is None:
            return None
        words = without(words, secret)
        seen = (name, self._keyring.fingerprint(secret))
        if seen not in self._reported:
            self._reported.add(seen)
            await self._registry.add_incident(
                Incident(
                    id="inc_" + self._clock.text(16),
                    at=self._clock.now(),
                    kind="live_credential",
                    environment=None,
                    uid=None,
                    service=provider.name,
                    message=f"account {name} was given a credential that must not be one: {words}",
                    details={"account": name, "fingerprint": seen[1]},
                )
            )
        return words

    def _configure(self, row: AccountRow) -> None:
        bears = self.bears(row)
        try:
            self._scheduler.configure(row.name, rate=bears.rate, concurrency=bears.concurrency)
        except ValueError as wrong:
            raise InvalidInput(f"rate, concurrency: {wrong}") from wrong

    async def remove(self, name: str) -> AccountRow:
        """Raises NotFound, and Conflict while an environment uses it or something is left in it."""
        row = await self.row(name)
        await self._unused(row, "removed")
        await _tell(self._removed, name)
        await self._external.delete_account(name)
        self.forget()
        return row

    async def _unused(self, row: AccountRow, become: str) -> None:
        users = await self.users(row.name)
        if users:
            raise Conflict(f"account {row.name} cannot be {become}: {', '.join(users)} lease it. Close them first")
        left = await self._external.ledger.entries(account=row.name, left=True, limit=1)
        if left:
            raise Conflict(f"account {row.name} cannot be {become}: something of {left[0].uid} is left in it")

    async def users(self, name: str) -> Sequence[str]:
        """The names of the environments that lease the account."""
        uids = dict.fromkeys(lease.uid for lease in await self._external.leases(account=name))
        found = [await self._registry.environment_by_uid(uid) for uid in uids]
        return sorted(environment.name for environment in found if environment is not None)

    async def held(self, uid: str) -> Sequence[Lease]:
        """The environment's leases that live, oldest first."""
        return await self._external.leases(uid)

    async def by_name(self, counted: Mapping[str, Any]) -> Mapping[str, Any]:
        """What is counted by uid, by the names of environments; what the server itself does under its own."""
        found = {}
        for uid, value in counted.items():
            environment = await self._registry.environment_by_uid(uid) if uid else None
            found[environment.name if environment else uid or "broker"] = value
        return found

    def bears(self, row: AccountRow) -> Bears:
        """Where it is reached and what it bears, the provider's own values filled in."""
        provider = self._providers.get(row.service)
        rate, concurrency = (provider.limits.rate, provider.limits.concurrency) if provider else (0.0, 0)
        endpoint = row.endpoint or (provider.endpoint if provider else "")
        return Bears(endpoint, row.rate or rate, row.concurrency or concurrency)

    def usage(self, name: str) -> Mapping[str, Any]:
        """As the scheduler counts it."""
        return self._scheduler.usage(name)

    async def state(self, row: AccountRow) -> tuple[str | None, str | None]:
        """The fingerprint of its credential and why the account cannot be used; one of the two, or both."""
        try:
            _, account = await self._open(row)
        except Unusable as wrong:
            return None, wrong.detail
        return self._keyring.fingerprint(account.secret), None

    async def check(self, name: str) -> tuple[str | None, str | None]:
        """As ``state``, after a look into the account that changes nothing: what of this server's is there."""
        row = await self.row(name)
        fingerprint, words = await self.state(row)
        if words is not None:
            return fingerprint, words
        provider, account = await self._open(row)
        try:
            async with asyncio.timeout(_CHECK_SECONDS):
                async for _ in provider.find(await self.marker(), self._clock.now(), self.send(provider, account)):
                    break
        except TimeoutError:
            return fingerprint, f"the provider did not answer within {_CHECK_SECONDS:g} s"
        except (Refused, Unreachable) as refused:
            return fingerprint, without(str(refused), account.secret)
        return fingerprint, None

    async def _open(self, row: AccountRow) -> tuple[SandboxProvider, Account]:
        provider = self._providers.get(row.service)
        if provider is None:
            raise Unusable(f"account {row.name}: this server knows no real provider of {row.service}")
        try:
            secret = self._keyring.open(row.secret)
        except Locked as wrong:
            raise Unusable(f"account {row.name} cannot be used now: {wrong}") from None
        words = await self._objection(provider, row.name, secret)
        if words is not None:
            raise Unusable(f"account {row.name} must not be used: {words}")
        return provider, Account(row.name, row.endpoint or provider.endpoint, secret, row.options)

    async def warnings(self, policy: Policy) -> Sequence[str]:
        """What a policy asks of real providers and would not get."""
        found = []
        for service, provider in self._providers.items():
            ruled = policy.service(service)
            if not ruled.is_real:
                continue
            wanted = ruled.sandbox.account
            rows = await self._external.accounts(service=service)
            if words := lacking(provider, ruled.sandbox):
                found.append(f"services.{service}.sandbox.isolation: {words}")
            if not any(wanted in (None, row.name, row.pool) for row in rows):
                named = f"called {wanted}" if wanted else f"of {service}"
                found.append(f"services.{service}.sandbox.account: no real account {named} is configured")
        return found


async def _tell(watchers: Sequence[Watcher], name: str) -> None:
    """What goes wrong there is said, and keeps no account from coming or going."""
    for told in watchers:
        try:
            await told(name)
        except BrokerError as failed:
            log.warning("account %s: %s", name, failed.detail)
        except (Refused, Unreachable) as failed:
            # Without the provider's words, which may quote a credential.
            log.warning("account %s: the provider did not do what was asked (%s)", name, type(failed).__name__)


def _options(provider: SandboxProvider, options: Mapping[str, Any]) -> Mapping[str, Any]:
    for name, value in options.items():
        if name not in provider.options:
            known = ", ".join(provider.options) or "none"
            raise InvalidInput(f"options: accounts of {provider.name} have no {name[:80]!r}; there are: {known}")
        if name.endswith(_ADDRESS):
            check_endpoint(f"options.{name}", str(value))
    if (words := provider.check_options(options)) is not None:
        raise InvalidInput(f"options: {words}")
    return dict(options)


def _reach(row: AccountRow) -> tuple[Any, ...]:
    """Where the account's credential goes."""
    addresses = {name: value for name, value in row.options.items() if name.endswith(_ADDRESS)}
    return row.service, row.endpoint, addresses
