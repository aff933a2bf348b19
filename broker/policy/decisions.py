"""What each service is to be for one environment, and which line of the policy says so.

A policy is parsed once, stored as its normalised JSON form with the environment, and asked on every
call. It names services only as its author did: which ones exist is the caller's to say.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal, cast

from broker.policy import document as documents
from broker.policy.injected import Injected
from broker.policy.rules import Rule, pause
from broker.settings import duration
from broker.storage.base import Mode

MODES: tuple[Mode, ...] = ("mock", "sandbox", "record", "replay", "refuse")

#: How long to wait before each further attempt of a delivery, unless the policy says otherwise: quick enough
#: for a review, patient enough for a deploy of the target.
DEFAULT_RETRIES = ("1s", "5s", "30s", "2m", "10m", "1h")

#: The modes in which calls go to the real provider.
REAL: frozenset[Mode] = frozenset({"sandbox", "record"})

#: Decisions that are kept per service; operations are bounded by the contract, this by memory.
_CACHED = 4096


@dataclass(frozen=True, slots=True)
class Decision:
    """The mode of a call. ``rule_index`` is the rule that decided (from 0), None when the service's mode or a
    default did; ``because`` says so in words, with the policy's own path."""

    mode: Mode
    rule_index: int | None
    because: str


@dataclass(frozen=True, slots=True)
class WebhookTarget:
    """Where events of a service go; ``events`` are type patterns."""

    url: str
    events: tuple[str, ...]


#: How long a call waits for its turn at the real provider, unless the policy says otherwise.
MAX_WAIT = timedelta(seconds=30)

Over = Literal["queue", "refuse", "mock"]


@dataclass(frozen=True, slots=True)
class SandboxPolicy:
    """How the real provider is used. ``account`` is an account's or a pool's name, None for the service's only one;
    ``budget`` are limits by what they count (calls, mails, amount), for ``per`` or for the environment's life."""

    account: str | None = None
    isolation: Literal["ledger", "account"] = "ledger"
    shared: Literal["none", "read"] = "none"
    scopes: tuple[str, ...] = ()
    over_rate: Over = "queue"
    max_wait: timedelta = MAX_WAIT
    budget: Mapping[str, int] = field(default_factory=dict)
    per: timedelta | None = None
    over_budget: Over = "refuse"

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> SandboxPolicy:
        """From its normalised form."""
        budget = body.get("budget") or {}
        wait, per = body.get("max_wait"), budget.get("per")
        return cls(
            account=body.get("account"),
            isolation=body.get("isolation") or "ledger",
            shared=body.get("shared") or "none",
            scopes=tuple(body.get("scopes") or ()),
            over_rate=body.get("over_rate") or "queue",
            max_wait=pause(wait) if wait else MAX_WAIT,
            budget={name: budget[name] for name in ("calls", "mails", "amount") if budget.get(name) is not None},
            per=duration(per) if per else None,
            over_budget=budget.get("over") or "refuse",
        )


@dataclass(frozen=True, slots=True)
class ServicePolicy:
    """What the policy says about one service."""

    name: str
    default: Decision
    rules: tuple[Rule, ...] = ()
    webhooks: tuple[WebhookTarget, ...] = ()
    retries: tuple[timedelta, ...] = ()
    seed: int | None = None
    sandbox: SandboxPolicy = field(default_factory=SandboxPolicy)
    options: Mapping[str, Any] = field(default_factory=dict)
    #: The version of a known service's contract, or where the document of another service is.
    contract: str | None = None
    #: Which one that was when the policy was applied: a version, or the compiled form of a document, by its exact name.
    document: str | None = None
    #: What is recorded or replayed; None for the cassette that is called as the environment is.
    cassette: str | None = None
    #: What goes wrong on purpose.
    faults: tuple[Injected, ...] = ()
    #: Decisions that depend on the operation alone.
    _by_operation: dict[str | None, Decision] = field(default_factory=dict, compare=False)

    @property
    def modes(self) -> frozenset[Mode]:
        """Every mode that some call may have."""
        return frozenset({self.default.mode, *(rule.mode for rule in self.rules)})

    @property
    def is_real(self) -> bool:
        """Whether some call may go to the real provider."""
        return not REAL.isdisjoint(self.modes)

    def decide(self, operation_id: str | None, method: str, path: str) -> Decision:
        """The first rule that matches, else the service's mode."""
        known = self._by_operation.get(operation_id)
        if known is not None:
            return known
        decided = self.default
        by_path = False
        for index, rule in enumerate(self.rules):
            by_path = by_path or rule.request is not None
            if rule.matches(operation_id, method, path):
                decided = Decision(
                    rule.mode, index, f"services.{self.name}.rules[{index}] ({rule.subject}) says {rule.mode}"
                )
                break
        if not by_path and len(self._by_operation) < _CACHED:
            self._by_operation[operation_id] = decided
        return decided


class Policy:
    """A validated policy. ``normalised`` is its JSON form with shorthands written out: what is stored, compared
    for idempotency, and read back by ``from_normalised``."""

    __slots__ = ("_services", "_unnamed", "normalised")

    def __init__(self, normalised: Mapping[str, Any]) -> None:
        self.normalised: Mapping[str, Any] = normalised
        services: Mapping[str, Any] = normalised.get("services") or {}
        self._services = {name: self._service(name, body) for name, body in services.items()}
        self._unnamed: dict[str, ServicePolicy] = {}

    @classmethod
    def parse(
        cls,
        document: str | bytes | Mapping[str, Any] | None,
        services: Collection[str],
        check_url: documents.CheckUrl | None = None,
    ) -> Policy:
        """From YAML or JSON text, or a mapping; None is the empty policy. Raises InvalidInput with every fault at
        once, each with its line and key. ``check_url`` refuses webhook targets that must not be called."""
        if document is None:
            return cls(normalise({"version": 1}))
        return cls(normalise(documents.read(document, services, check_url)))

    @classmethod
    def from_normalised(cls, document: Mapping[str, Any]) -> Policy:
        """From what ``normalised`` held."""
        return cls(document)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Policy) and self.normalised == other.normalised

    __hash__ = None  # type: ignore[assignment]  # mutable content: never a key

    @property
    def ttl(self) -> timedelta | None:
        """How long the environment lives, when the policy says."""
        text = self.normalised.get("ttl")
        return duration(text) if text else None

    @property
    def seed(self) -> int | None:
        """The environment's seed, when the policy says."""
        return self.normalised.get("seed")

    @property
    def default_mode(self) -> Mode:
        """The mode of services that the policy does not name."""
        return cast(Mode, self.normalised.get("default_mode") or "mock")

    def limit(self, name: str, server: int) -> int:
        """The lower of the policy's limit and the server's."""
        own = self.normalised.get("limits", {}).get(name)
        return server if own is None else min(server, int(own))

    def service(self, name: str) -> ServicePolicy:
        """What holds for a service, named in the policy or not."""
        found = self._services.get(name) or self._unnamed.get(name)
        if found is None:
            found = self._unnamed[name] = self._service(name, {})
        return found

    def decide(self, service: str, operation_id: str | None, method: str, path: str) -> Decision:
        """The mode of one call. ``path`` is relative to the service and without the query."""
        found = self._services.get(service) or self.service(service)
        if not found.rules:
            return found.default
        return found.decide(operation_id, method, path)

    def mode(self, service: str) -> Mode:
        """The service's own mode, rules aside."""
        return self.service(service).default.mode

    def webhooks(self, service: str) -> Sequence[WebhookTarget]:
        """Where the policy sends the service's events."""
        return self.service(service).webhooks

    def retry_schedule(self, service: str) -> Sequence[timedelta]:
        """The waits before the second, third, ... attempt of a delivery."""
        return self.service(service).retries

    def sandbox(self, service: str) -> SandboxPolicy:
        """How the real provider is used."""
        return self.service(service).sandbox

    def cassette(self, service: str) -> str | None:
        """The cassette's name, when the policy says."""
        return self.service(service).cassette

    def options(self, service: str) -> Mapping[str, Any]:
        """What the mock reads as ``call.options``."""
        return self.service(service).options

    def service_seed(self, service: str, environment_seed: int) -> int:
        """The seed of the service's generated answers."""
        own = self.service(service).seed
        return environment_seed if own is None else own

    def contracts(self) -> Mapping[str, str]:
        """The services whose contract the policy names: as it was written, by service."""
        return {name: service.contract for name, service in self._services.items() if service.contract is not None}

    def documents(self) -> Mapping[str, str]:
        """What ``contracts`` meant when the policy was applied, by service: exact versions, and compiled documents."""
        return {name: service.document for name, service in self._services.items() if service.document is not None}

    def with_documents(self, documents: Mapping[str, str]) -> Policy:
        """A copy in which services have these compiled documents."""
        if not documents:
            return self
        services = dict(self.normalised.get("services") or {})
        for name, document in documents.items():
            services[name] = {**services[name], "document": document}
        return Policy({**self.normalised, "services": services})

    def with_webhooks(self, targets: Mapping[str, Sequence[str]]) -> Policy:
        """A copy in which each service also delivers all its events to the given URLs, once each."""
        services = dict(self.normalised.get("services") or {})
        for name, urls in targets.items():
            body = dict(services.get(name) or _SERVICE_DEFAULTS)
            known = {target["url"] for target in body["webhooks"]}
            added = [{"url": url, "events": ["*"]} for url in dict.fromkeys(urls) if url not in known]
            services[name] = {**body, "webhooks": [*body["webhooks"], *added]}
        return Policy({**self.normalised, "services": dict(sorted(services.items()))})

    def _service(self, name: str, body: Mapping[str, Any]) -> ServicePolicy:
        mode = body.get("mode")
        if mode:
            default = Decision(mode, None, f"services.{name}.mode says {mode}")
        elif self.normalised.get("default_mode"):
            default = Decision(self.default_mode, None, f"default_mode says {self.default_mode}")
        else:
            default = Decision("mock", None, f"the policy says nothing about {name}, so it is a mock")
        retries = body.get("webhook_retries")
        return ServicePolicy(
            name=name,
            default=default,
            rules=tuple(Rule.of(rule) for rule in body.get("rules") or ()),
            webhooks=tuple(WebhookTarget(t["url"], tuple(t.get("events", ["*"]))) for t in body.get("webhooks") or ()),
            retries=tuple(pause(text) for text in (DEFAULT_RETRIES if retries is None else retries)),
            seed=body.get("seed"),
            sandbox=SandboxPolicy.of(body.get("sandbox") or {}),
            options=body.get("options") or {},
            contract=body.get("contract"),
            document=body.get("document"),
            cassette=body.get("cassette"),
            faults=tuple(Injected.of(name, at, one) for at, one in enumerate(body.get("faults") or ())),
        )


_SERVICE_DEFAULTS: Mapping[str, Any] = {
    "mode": None,
    "rules": [],
    "webhooks": [],
    "webhook_retries": None,
    "seed": None,
    "sandbox": {},
    "options": {},
}


def normalise(document: Mapping[str, Any]) -> dict[str, Any]:
    """A valid document with its shorthands written out and its defaults filled in, services by name."""
    services = {name: _normalised_service(body) for name, body in (document.get("services") or {}).items()}
    return {
        "version": 1,
        "ttl": document.get("ttl"),
        "default_mode": document.get("default_mode"),
        "seed": document.get("seed"),
        "limits": dict(document.get("limits") or {}),
        "services": dict(sorted(services.items())),
    }


def _normalised_service(body: Any) -> dict[str, Any]:
    if isinstance(body, str):
        return {**_SERVICE_DEFAULTS, "mode": body}
    found = {name: body.get(name, default) for name, default in _SERVICE_DEFAULTS.items()}
    found["webhooks"] = [{"url": t["url"], "events": list(t.get("events", ["*"]))} for t in found["webhooks"]]
    # Only where they are set: a policy that was stored before the key existed is still the same policy.
    return found | {name: body[name] for name in ("contract", "cassette", "faults") if body.get(name) is not None}
