"""Environments: open, show, renew, reset, and the bundle that each hands out.

Closing is durable work and lives in broker/workflows; what a closed environment leaves behind, its
tombstone, is respected here. An opening survives a crash at any point: asking again completes it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from broker import attestation, bindings
from broker.bundle import Bundle
from broker.clock import Clock
from broker.destinations import allowance, check_target
from broker.errors import Conflict, EnvironmentClosed, InvalidInput, NotFound
from broker.own_services import OwnServices
from broker.policy import REAL, Policy
from broker.settings import Settings, duration
from broker.storage.base import Environment, EnvironmentStore, NameTaken, Status, Storage, Trust
from broker.vault import Vault
from mocks.base import MockService, Target

#: A DNS label (RFC 1123 section 2.1), since the name is part of a host name.
NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
TAG_LENGTH = 5
#: How long the credentials before a rotation go on opening their environment, unless it is said.
OVERLAP = timedelta(hours=1)
_LOWER = "0123456789abcdefghijklmnopqrstuvwxyz"
#: A tag is one of 62**5: even with a million tombstones a draw is free with more than 99.8 %.
_DRAWS = 50

Outcome = Literal["created", "unchanged", "policy_changed"]


#: (environment, service) -> variables of its account at the real provider.
Variables = Callable[[Environment, str], Awaitable[Mapping[str, str]]]


@dataclass(frozen=True, slots=True)
class Opened:
    """What ``open`` found or made."""

    environment: Environment
    outcome: Outcome


def check_name(name: str) -> str:
    """The name, when it is a DNS label; raises InvalidInput."""
    if not NAME.fullmatch(name):
        shown = name if len(name) <= 80 else name[:80] + "..."
        raise InvalidInput(
            f"{shown!r} cannot name an environment: use 1 to 63 of a-z, 0-9 and -, beginning and ending with a "
            "letter or digit, for instance pr-142"
        )
    return name


def parse_ttl(text: str) -> timedelta:
    """``7d``, ``12h``; raises InvalidInput."""
    try:
        return duration(text)
    except ValueError as wrong:
        raise InvalidInput(f"ttl: {wrong}") from wrong


def parse_overlap(text: str) -> timedelta:
    """As a ttl, or ``0`` for none; raises InvalidInput."""
    if text.strip() in ("0", "0s"):
        return timedelta()
    try:
        return duration(text)
    except ValueError as wrong:
        raise InvalidInput(f"overlap: {wrong}, or 0 for none") from wrong


def iso(moment: datetime) -> str:
    """``2026-11-21T22:00:00Z``, to the second."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


class Environments:
    """The environments of this server. ``watch`` tells whoever keeps a copy about changes."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        storage: Storage,
        vault: Vault,
        services: Mapping[str, MockService],
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._storage = storage
        self._vault = vault
        self._services = services
        self._allowed = allowance(settings)
        self._watchers: list[Callable[[Environment], None]] = []
        self._real: Variables | None = None
        self._emptied: Callable[[str], None] = lambda uid: None
        #: Makes the services that only a policy knows; None where policies can name none.
        self.own_services: OwnServices | None = None

    def real(self, variables: Variables) -> None:
        """Ask ``variables`` for those of a service whose mode is the real one: they take the mocks' place."""
        self._real = variables

    def emptied(self, told: Callable[[str], None]) -> None:
        """``told`` hears the uid of an environment that was reset."""
        self._emptied = told

    def own(self, services: OwnServices) -> None:
        """Let policies name services of their own, made by ``services``."""
        self.own_services = services

    def services_of(self, policy: Policy) -> Mapping[str, MockService]:
        """The server's, and those that only this policy knows."""
        return self._services if self.own_services is None else {**self.own_services.of(policy), **self._services}

    async def _applied(self, policy: Policy | None, present: Policy | None) -> Policy | None:
        return policy if policy is None or self.own_services is None else await self.own_services.apply(policy, present)

    def watch(self, changed: Callable[[Environment], None]) -> None:
        """Call ``changed`` after each opening, change of policy, renewal and rotation, with the new state."""
        self._watchers.append(changed)

    def tell(self, environment: Environment) -> Environment:  # whoever watches
        for changed in self._watchers:
            changed(environment)
        return environment

    def parse_policy(self, document: str | Mapping[str, Any] | None, also: Collection[str] = ()) -> Policy:
        """A policy against the services (``also``: more of them) and the allowed targets of this server; raises
        InvalidInput."""
        return Policy.parse(document, [*self._services, *also], lambda url: check_target(url, self._allowed))

    async def wanted_policy(
        self, name: str, document: str | Mapping[str, Any] | None, webhooks: Mapping[str, Sequence[str]]
    ) -> Policy | None:
        """What an opening asks for: the document, else what the environment has, with the webhook targets added.
        None when neither is given. Raises InvalidInput."""
        policy = None if document is None else self.parse_policy(document)
        if not webhooks:
            return policy
        if policy is None:
            found = await self._storage.registry.environment(check_name(name))
            present = found is not None and found.status != "closed"
            policy = Policy.from_normalised(found.policy) if found and present else self.parse_policy(None)
        body = {service: {"webhooks": [{"url": url} for url in urls]} for service, urls in webhooks.items()}
        self.parse_policy({"version": 1, "services": body}, also=policy.contracts())
        return policy.with_webhooks(webhooks)

    async def open(
        self,
        name: str,
        policy: Policy | None = None,
        *,
        ttl: timedelta | None = None,
        reopen: bool = False,
        trust: Trust | None = None,
    ) -> Opened:
        """Make the environment, or find it: the same name and policy give the same answer, expiry included.

        Another policy or trust is applied in place, None keeps what it has; a new one is a member's unless it is said
        to be a fork's. A closed environment opens again, as a new one, only with ``reopen``. Raises InvalidInput,
        EnvironmentClosed, Conflict.
        """
        check_name(name)
        for _ in range(_DRAWS):
            found = await self._storage.registry.environment(name)
            if found is not None and found.status != "closed":
                return await self._again(found, policy, trust)
            if found is not None and not reopen:
                raise _closed(found)
            made = await self._make(name, policy or Policy.parse(None, ()), ttl, trust or "member")
            if made is not None:
                return Opened(self.tell(made), "created")
        raise Conflict(f"environment {name} could not be made: no free tag was found; try again")

    async def _again(self, found: Environment, policy: Policy | None, trust: Trust | None) -> Opened:
        self._still_open(found)
        # A kill between the registry's commit and the store's creation leaves this half to us.
        await self._storage.create(found)
        policy = await self._applied(policy, Policy.from_normalised(found.policy))
        wanted = found.policy if policy is None else policy.normalised
        if (wanted, trust or found.trust) == (found.policy, found.trust):
            return Opened(found, "unchanged")
        # Before the policy: after a kill between the two, asking again finds both.
        await self._credentials_for(found.uid, Policy.from_normalised(wanted), found.expires_at)
        changed = await self._storage.registry.update_environment(found.uid, policy=wanted, trust=trust)
        return Opened(self.tell(changed), "policy_changed")

    async def _credentials_for(self, uid: str, policy: Policy, expires_at: datetime) -> None:
        """Those of services that the policy has gained."""
        own = [service for name, service in self.services_of(policy).items() if name not in self._services]
        known = {one.service for one in await self._storage.registry.credentials(uid)} if own else frozenset()
        gained = [service for service in own if service.name not in known]
        if gained:
            fresh = bindings.issue(uid, gained, self._vault, self._clock)
            await self._storage.registry.rotate_credentials(uid, fresh, expires_at)

    async def _make(self, name: str, policy: Policy, ttl: timedelta | None, trust: Trust) -> Environment | None:
        """None when the name or the drawn tag was taken meanwhile."""
        policy = await self._applied(policy, None) or policy
        now = self._clock.now()
        environment = Environment(
            name=name,
            uid=f"{name}-{self._clock.text(10, _LOWER)}",
            tag=self._clock.text(TAG_LENGTH),
            status="open",
            policy=policy.normalised,
            seed=derived_seed(name) if policy.seed is None else policy.seed,
            created_at=now,
            expires_at=now + self._life(policy, ttl),
            trust=trust,
        )
        credentials = bindings.issue(environment.uid, self.services_of(policy).values(), self._vault, self._clock)
        try:
            await self._storage.registry.add_environment(environment, credentials)
        except NameTaken:
            return None
        await self._storage.create(environment)
        return environment

    def _life(self, policy: Policy, ttl: timedelta | None) -> timedelta:
        return ttl or policy.ttl or self._settings.default_ttl

    def _still_open(self, found: Environment) -> None:
        if found.status == "closed":
            raise _closed(found)
        if found.status == "closing":
            raise _closing(found)
        if found.expires_at <= self._clock.now():
            raise Conflict(
                f"environment {found.name} expired at {iso(found.expires_at)} and is about to be closed; "
                "wait until it is, then open it with reopen"
            )

    async def get(self, name: str) -> Environment:
        """The newest environment of that name, tombstones included; raises InvalidInput, NotFound."""
        found = await self._storage.registry.environment(check_name(name))
        if found is None:
            raise NotFound(f"no environment is called {name}; `broker env list` shows the open ones")
        return found

    async def get_open(self, name: str) -> Environment:
        """The open environment of that name; raises also EnvironmentClosed and Conflict."""
        found = await self.get(name)
        self._still_open(found)
        return found

    async def store(self, environment: Environment) -> EnvironmentStore:
        """The store of an open environment; made when a crash left it out. Raises EnvironmentClosed, Conflict:
        opening what is being deleted would leave an empty store behind."""
        if environment.status == "closed":
            raise _closed(environment)
        if environment.status == "closing":
            raise _closing(environment)
        return await self._storage.create(environment)

    async def list(
        self, *, status: Status | None = None, text: str = "", after: str | None = None, limit: int = 100
    ) -> Sequence[Environment]:
        """By name; those whose name contains ``text``."""
        return await self._storage.registry.environments(status=status, text=text, after=after, limit=limit)

    async def renew(self, name: str, ttl: timedelta | None = None) -> Environment:
        """Let it live for ``ttl`` from now, or for what its policy or the server says."""
        found = await self.get_open(name)
        expires_at = self._clock.now() + self._life(Policy.from_normalised(found.policy), ttl)
        return self.tell(await self._storage.registry.update_environment(found.uid, expires_at=expires_at))

    async def rotate(
        self, name: str, service: str | None = None, overlap: timedelta = OVERLAP, spec: str | None = None
    ) -> tuple[Environment, Sequence[str], datetime]:
        """Fresh virtual credentials, for one service (and ``spec``, where it is said) or for all. Until ``overlap`` is
        over, the old ones open the environment too, and sign its events beside the new ones. Answers the services and
        until when. Raises InvalidInput, NotFound, EnvironmentClosed, Conflict."""
        found = await self.get_open(name)
        known = self.services_of(Policy.from_normalised(found.policy))
        if service is not None and service not in known:
            raise InvalidInput(f"service: {service[:80]!r} is none of {', '.join(known)}")
        services = [each for each in known.values() if service in (None, each.name)]
        now = self._clock.now()
        dies_at = min(now + overlap, found.expires_at)
        old = await self._storage.registry.credentials(found.uid)
        issued = bindings.issue(found.uid, services, self._vault, self._clock, old)
        fresh = bindings.overlapping(issued, old, self._vault, now, dies_at)
        fresh = [each for each in fresh if spec in (None, each.spec)]
        await self._storage.registry.rotate_credentials(found.uid, fresh, dies_at)
        self.tell(found)
        return found, [each.name for each in services], dies_at

    async def set_clock(self, name: str, frozen_at: datetime | None, ahead: timedelta) -> Environment:
        """What its mocks take for the time from now on."""
        found = await self.get_open(name)
        return self.tell(await self._storage.registry.update_environment(found.uid, clock=(frozen_at, ahead)))

    async def reset(self, name: str) -> Mapping[str, Any]:
        """Empty the mocks, mails and events; answers what there was. Credentials, policy and journal stay."""
        found = await self.get_open(name)
        store = await self.store(found)
        before = await store.inventory()
        await store.reset()
        self._emptied(found.uid)
        return before

    async def webhook_targets(self, environment: Environment, service: str) -> Sequence[Target]:
        """Where the policy sends the service's events, with the secrets that sign them."""
        wanted = Policy.from_normalised(environment.policy).webhooks(service)
        if not wanted:
            return ()
        found = (await self.listeners(environment, (service,), "")).get(service)
        return [] if found is None else [replace(found, url=target.url, events=target.events) for target in wanted]

    async def listeners(
        self, environment: Environment, services: Iterable[str], url: str, events: Sequence[str] = ("*",)
    ) -> Mapping[str, Target]:
        """By service, of those that sign events: a target at ``url``, with the secrets of the environment."""
        known = self.services_of(Policy.from_normalised(environment.policy))
        credentials = await self._storage.registry.credentials(environment.uid)
        signing = [name for name in services if name in known]
        secrets = {name: bindings.signing(known[name], credentials, self._vault) for name in signing}
        return {name: Target(url, s.present, events, also=s.earlier) for name, s in secrets.items() if s is not None}

    def describe(self, environment: Environment) -> dict[str, Any]:
        """An environment for people and machines, without its secrets."""
        policy = Policy.from_normalised(environment.policy)
        found: dict[str, Any] = {
            "name": environment.name,
            "status": environment.status,
            "trust": environment.trust,
            "endpoint": self.addresses(environment).endpoint,
            "created_at": iso(environment.created_at),
            "expires_at": iso(environment.expires_at),
            "closed_at": None if environment.closed_at is None else iso(environment.closed_at),
            "tag": environment.tag,
            "seed": environment.seed,
            "services": {name: policy.mode(name) for name in (*self._services, *policy.documents())},
        }
        return found

    def addresses(self, environment: Environment) -> bindings.Addresses:
        """Where the environment is reached."""
        return bindings.Addresses(self._settings, environment.name)

    async def bundle(self, environment: Environment) -> Bundle:
        """What an orchestrator injects: addresses, virtual credentials, and the variables that SDKs read."""
        policy = Policy.from_normalised(environment.policy)
        addresses = self.addresses(environment)
        credentials = bindings.by_service(await self._storage.registry.credentials(environment.uid))
        variables = {
            "EXTERNAL_API_ENDPOINT": addresses.endpoint,
            "BROKER_ENVIRONMENT": environment.name,
            **attestation.variables(self._vault, environment),
        }
        bound: dict[str, Any] = {}
        for name, service in self.services_of(policy).items():
            view = bindings.view(name, credentials.get(name, ()), addresses, self._vault)
            variables.update(service.variables(view))
            if self._real is not None and policy.mode(name) in REAL:
                variables.update(await self._real(environment, name))
            bound[name] = {
                "mode": policy.mode(name),
                "base_url": view.base_url,
                "host_url": addresses.by_host(name),
                "webhooks": [target.url for target in policy.webhooks(name)],
            }
        return {
            "name": environment.name,
            "status": environment.status,
            "endpoint": addresses.endpoint,
            "expires_at": iso(environment.expires_at),
            "variables": variables,
            "bindings": bound,
        }


def derived_seed(name: str) -> int:
    """The same for the same name, so that a reopened environment answers as before."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big") & 0x7FFFFFFF


def _closing(environment: Environment) -> Conflict:
    return Conflict(f"environment {environment.name} is being closed; wait until it is, then open it with reopen")


def _closed(environment: Environment) -> EnvironmentClosed:
    moment = environment.closed_at or environment.expires_at
    return EnvironmentClosed(
        f"environment {environment.name} was closed at {iso(moment)}; to open it again, as a new and empty one, "
        f"say so: `broker env open {environment.name} --reopen`",
        closed_at=iso(moment),
    )
