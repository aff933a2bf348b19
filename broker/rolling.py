"""Rolls a secret that signs events: a fresh one in its place, and the earlier one beside it for a while.

Of the environment's own targets, which listeners share, or of an endpoint that was made through a provider's API.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from broker import bindings
from broker.clock import Clock
from broker.environments import Environments
from broker.errors import InvalidInput, NotFound
from broker.policy import Policy
from broker.signing import Secrets
from broker.storage.base import Environment, Storage
from broker.vault import Vault
from mocks.base import MockService

#: As providers have it.
LONGEST = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Rolled:
    """The fresh secret, and until when the one before signs too; None where it does no longer."""

    service: str
    endpoint: str | None
    secret: str
    until: datetime | None


class Rolling:
    """See the module."""

    def __init__(self, *, environments: Environments, storage: Storage, vault: Vault, clock: Clock) -> None:
        self._environments = environments
        self._storage = storage
        self._vault = vault
        self._clock = clock

    async def roll(
        self, name: str, service: str, *, endpoint: str | None = None, overlap: timedelta = timedelta()
    ) -> Rolled:
        """What waits to be delivered is signed with the fresh one too. Raises InvalidInput, NotFound,
        EnvironmentClosed, Conflict."""
        if overlap > LONGEST:
            raise InvalidInput(f"overlap: {LONGEST // timedelta(hours=1)}h at the most")
        environment = await self._environments.get_open(name)
        known = self._environments.services_of(Policy.from_normalised(environment.policy)).get(service)
        if known is None:
            raise NotFound(f"no service is called {service[:80]}")
        if known.webhook_credential is None:
            raise InvalidInput(f"service: {service} signs no events")
        now = self._clock.now()
        until = now + overlap
        if endpoint is None:
            secrets = await self._of_environment(environment, known, now, until)
        else:
            secrets = await self._of_endpoint(environment, known, endpoint, now, until)
        store = await self._environments.store(environment)
        await store.outbox.seal_again(known.name, endpoint, self._vault.seal(secrets.text()))
        return Rolled(service, endpoint, secrets.present, until if secrets.earlier else None)

    async def _of_environment(
        self, environment: Environment, service: MockService, now: datetime, until: datetime
    ) -> Secrets:
        spec = service.webhook_credential
        await self._environments.rotate(environment.name, service.name, until - now, spec)
        found = bindings.signing(service, await self._storage.registry.credentials(environment.uid), self._vault)
        if found is None:
            raise InvalidInput(f"service: {service.name} signs no events")
        return found

    async def _of_endpoint(
        self, environment: Environment, service: MockService, endpoint: str, now: datetime, until: datetime
    ) -> Secrets:
        spec = next(each for each in service.credentials if each.name == service.webhook_credential)
        fresh, _ = spec.make(self._clock.text)
        state = (await self._environments.store(environment)).begin(service.name, service.events_kind)
        try:
            await state.start()
            targets = await service.targets(state, self._vault.unseal)
            before = next((target for target in targets if target.endpoint == endpoint), None)
            if before is None or service.roll is None:
                raise NotFound(f"no enabled endpoint of {service.name} is called {endpoint[:80]}")
            secrets = Secrets.of(before).rolled(fresh, now, until)
            earlier = [(self._vault.seal(secret), ends) for secret, ends in secrets.earlier]
            await service.roll(state, endpoint, self._vault.seal(fresh), earlier)
            await state.commit()
        except BaseException:
            await state.rollback()
            raise
        return secrets
