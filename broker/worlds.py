"""The world of a service in an environment, where several accounts can meet: each has a credential of its own.

An account is known by a name of the caller's choice, or by the id that the provider knows it by; a service says what it
tells of one. The environment's own account is there from the beginning.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from broker import bindings
from broker.clock import Clock
from broker.environments import Environments
from broker.errors import Conflict, InvalidInput, NotFound
from broker.policy import Policy
from broker.storage.base import Credential, Environment, Storage
from broker.vault import Vault
from mocks.base import Accounts, MockService

#: Accounts of one service in one environment.
MOST = 100


@dataclass(frozen=True, slots=True)
class Known:
    """An account of a service: what it is called, what the provider tells of it, and its credential."""

    service: str
    name: str
    details: Mapping[str, str]
    credential: Credential


class Worlds:
    """See the module. All of it raises NotFound, EnvironmentClosed, Conflict and InvalidInput."""

    def __init__(self, *, environments: Environments, storage: Storage, vault: Vault, clock: Clock) -> None:
        self._environments = environments
        self._storage = storage
        self._vault = vault
        self._clock = clock

    async def add(self, name: str, service: str, account: str) -> Mapping[str, Any]:
        """The account's details and the variables of its credential. Asking again answers the same, as long as the
        credential is not rotated."""
        environment, accounts = await self._held(name, service)
        known = await self._of(environment, service, accounts)
        found = _named(known, accounts, environment, account)
        if found is None:
            if len(known) >= MOST:
                raise Conflict(f"{service} has {MOST} accounts in {name} already: remove one first")
            found = await self._made(environment, service, accounts, account)
        secret = found.credential.secret_sealed
        pair = (
            self._vault.unseal(found.credential.key_sealed),
            None if secret is None else self._vault.unseal(secret),
        )
        return {**found.details, "variables": dict(accounts.variables(pair))}

    async def _made(self, environment: Environment, service: str, accounts: Accounts, account: str) -> Known:
        spec = accounts.credential(account)
        made = bindings.sealed(environment.uid, service, spec, accounts.spec, self._vault, self._clock)
        # Nothing that has this name lives: nothing is rotated.
        await self._storage.registry.rotate_credentials(environment.uid, [made], self._clock.now())
        self._environments.tell(environment)
        return Known(service, account, accounts.describe(environment.realm, account), made)

    async def remove(self, name: str, service: str, account: str) -> Mapping[str, Any]:
        """The account's credential opens nothing any more; what it owns stays. Answers its details."""
        environment, accounts = await self._held(name, service)
        found = _named(await self._of(environment, service, accounts), accounts, environment, account)
        if found is None:
            raise NotFound(f"no account of {service} in {name} is called {account[:80]}")
        if found.name == accounts.primary:
            raise InvalidInput(f"account: {accounts.primary} is the environment's own; `broker env rotate` changes it")
        await self._storage.registry.end_credential(environment.uid, service, found.credential.spec, self._clock.now())
        self._environments.tell(environment)
        return {"name": found.name, **found.details}

    async def list(self, environment: Environment, service: str | None = None) -> Sequence[Mapping[str, str]]:
        """The accounts of the services that can have several, the environment's own first."""
        found: list[Mapping[str, str]] = []
        for each in self._services(environment).values():
            if each.accounts is not None and service in (None, each.name):
                known = await self._of(environment, each.name, each.accounts)
                found += [{"service": each.name, "name": one.name, **one.details} for one in known]
        return found

    async def _held(self, name: str, service: str) -> tuple[Environment, Accounts]:
        environment = await self._environments.get_open(name)
        services = self._services(environment)
        known = services.get(service)
        if known is None:
            raise InvalidInput(f"service: {service[:80]!r} is none of {', '.join(services)}")
        if known.accounts is None:
            able = ", ".join(each.name for each in services.values() if each.accounts) or "none"
            raise InvalidInput(f"service: {service} has one account in an environment; services with several: {able}")
        return environment, known.accounts

    def _services(self, environment: Environment) -> Mapping[str, MockService]:
        return self._environments.services_of(Policy.from_normalised(environment.policy))

    async def _of(self, environment: Environment, service: str, accounts: Accounts) -> Sequence[Known]:
        held = await self._storage.registry.credentials(environment.uid)
        known = []
        for each in held:
            if each.service == service and accounts.holds(each.spec):
                name = accounts.account(each.spec)
                known.append(Known(service, name, accounts.describe(environment.realm, name), each))
        return sorted(known, key=lambda one: (one.name != accounts.primary, one.name))


def _named(known: Sequence[Known], accounts: Accounts, environment: Environment, account: str) -> Known | None:
    """The account of that name or id, if it is there. Raises InvalidInput."""
    if not accounts.allowed(account):
        raise InvalidInput(
            f"account: {account[:80]!r} cannot name one: use the id of an account, or 1 to 64 letters, digits, dots, "
            "underscores, @ and -, beginning with a letter or digit"
        )
    id_ = accounts.describe(environment.realm, account)["account"]
    return next((one for one in known if one.details["account"] == id_), None)
