"""Mode ``sandbox``: the call goes to the provider's real sandbox, with the real key that only the gateway holds.

rule or refuse -> admit (what the call mentions is the environment's own) -> budget -> turn -> ledger line, committed
-> outbound -> send -> ledger -> inbound. The answer passes as it came, but for what isolation needs.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from types import MappingProxyType

from broker.accounts import Accounts
from broker.backends.base import Backend
from broker.backends.isolation import Isolation, Learned
from broker.backends.passage import Observe, Passage
from broker.budgets import Budgets
from broker.clock import Clock
from broker.directory import Entry
from broker.ledger import Ledger
from broker.policy import SandboxPolicy
from broker.scheduler import Overload, Scheduler
from broker.sending import Sending
from broker.storage.base import Environment, Storage
from broker.visit import Visit
from contracts.contract import ContractViolation, Match, Params
from contracts.exchange import Response
from mocks.base import MockService, Refusal
from sandboxes.base import Outgoing, SandboxProvider

#: What is remembered of an environment's ledger; what was forgotten costs a look.
_LEARNED = 5000
_CLOSED = "This environment was closed while the call was on its way; nothing was sent."
#: The ``probed`` of who probes nothing.
NOBODY: Mapping[str, str] = MappingProxyType({})


def never(entry: Entry) -> bool:
    """The ``holds`` of who keeps no entries."""
    return False


class ProxyBackend:
    """Answers from real accounts. ``mock`` answers in its place where a policy says so."""

    def __init__(
        self,
        *,
        providers: Mapping[str, SandboxProvider],
        accounts: Accounts,
        sending: Sending,
        scheduler: Scheduler,
        budgets: Budgets,
        ledger: Ledger,
        storage: Storage,
        clock: Clock,
        mock: Backend,
        holds: Callable[[Entry], bool] = never,
        observe: Observe | None = None,
        probed: Mapping[str, str] = NOBODY,
    ) -> None:
        """``holds`` tells that an environment is as its entry says; where it does not, the registry is asked.
        ``observe`` hears of every real answer that is held whole. ``probed`` are the environments, by uid, in which the
        server itself finds out what the provider says to calls that its contract refuses and to ids that do not exist:
        those hold the random text that is named here."""
        self._providers = providers
        self._accounts = accounts
        self._sending = sending
        self._scheduler = scheduler
        self._budgets = budgets
        self._ledger = ledger
        self._storage = storage
        self._clock = clock
        self._mock = mock
        self._holds = holds
        self._observe = observe
        self._probed = probed
        self._running: Counter[str] = Counter()
        self._learned: dict[str, Learned] = {}
        #: Calls that the mock answered instead, by service and why.
        self.fallbacks: Counter[tuple[str, str]] = Counter()

    def running(self, uid: str) -> int:
        """Calls of an environment that are on their way to a provider, or may still set out."""
        return self._running[uid]

    def forget(self, uid: str) -> None:
        """The environment is over, and no call of it is under way."""
        self._learned.pop(uid, None)
        self._budgets.forget(uid)
        self._scheduler.forget(uid)

    async def answer(self, visit: Visit, service: MockService, match: Match) -> Response:
        provider = self._providers.get(service.name)
        if provider is None:
            raise Refusal("mode_unavailable", f"This server has no way to the real {service.name}.")
        rule = provider.rules.get(match.operation.id)
        if rule is None:
            raise Refusal("not_revocable", _UNLISTED.format(operation=match.operation.id))
        params, objection = self._read(visit, service, match)
        call = Outgoing(match.operation, rule, params, visit.request)
        try:
            return await self._passed(visit, service, match, provider, call)
        except (AttributeError, LookupError, TypeError, ValueError):
            # Where the driver cannot read what it has to know of a call, the contract has the last word.
            if objection is None:
                raise
            raise objection from None

    def _read(self, visit: Visit, service: MockService, match: Match) -> tuple[Params, ContractViolation | None]:
        """The parameters, and what the contract has against them where the provider is to say it itself. Raises
        ContractViolation."""
        try:
            return service.contract().read(match, visit.request), None
        except ContractViolation as objection:
            if objection.params is None or visit.entry.environment.uid not in self._probed:
                raise
            return objection.params, objection

    async def _passed(
        self, visit: Visit, service: MockService, match: Match, provider: SandboxProvider, call: Outgoing
    ) -> Response:
        objection = provider.forbids(call)
        if objection is not None:
            raise Refusal("not_revocable", objection)
        uid = visit.entry.environment.uid
        # Counted first, looked at then: a close that begins in between either sees this call or stops it.
        self._running[uid] += 1
        try:
            if not self._holds(visit.entry):
                await self._still_open(visit.entry.environment)
            return await self._answered(visit, service, match, provider, call)
        finally:
            self._running[uid] -= 1
            if not self._running[uid]:
                del self._running[uid]

    async def _still_open(self, environment: Environment) -> None:
        if await self._storage.registry.status(environment.uid) != "open":
            raise Refusal("closed_environment", _CLOSED)

    async def _answered(
        self, visit: Visit, service: MockService, match: Match, provider: SandboxProvider, call: Outgoing
    ) -> Response:
        environment = visit.entry.environment
        policy = visit.entry.policy.sandbox(service.name)
        account = await self._accounts.of(environment, service.name)
        marker = await self._accounts.marker(environment.uid)
        learned = self._learned_by(environment.uid)
        isolation = Isolation(
            visit, provider, account, policy, self._ledger, marker, unmade=self._probed.get(environment.uid, "")
        )
        admitted = await isolation.admit(call, learned)
        cost = {"calls": 1, **provider.cost(call)}
        spent, patience = await self._spend(environment, service.name, policy, cost)
        if not spent:
            return await self._fall_back(visit, service, match, "over_budget")
        passage = Passage(
            visit,
            provider,
            account,
            marker,
            sending=self._sending,
            scheduler=self._scheduler,
            ledger=self._ledger,
            clock=self._clock,
            patience=patience,
            learned=learned,
            observe=self._observe,
        )
        try:
            response = await passage.go(admitted, isolation)
        except Overload as busy:
            await self._budgets.refund(environment.uid, service.name, cost)
            if policy.over_rate == "mock":
                return await self._fall_back(visit, service, match, "over_rate")
            raise Refusal("over_rate", _OVER_RATE.format(account=account.name, wait=busy.wait)) from None
        visit.fidelity = "real"
        return response

    async def _spend(
        self, environment: Environment, service: str, policy: SandboxPolicy, cost: Mapping[str, int]
    ) -> tuple[bool, float]:
        """Whether the cost was counted (it does not fit otherwise, and the mock is to answer), and the seconds that the
        call may wait for its turn. Raises Refusal where it does not fit."""
        patience = policy.max_wait.total_seconds() if policy.over_rate == "queue" else 0.0
        over = await self._budgets.spend(environment.uid, service, cost, policy.budget, policy.per)
        if over is not None and policy.over_budget == "queue":
            wait = self._budgets.wait(environment.uid, service, policy.per)
            if wait <= policy.max_wait.total_seconds():
                await asyncio.sleep(wait)
            over = await self._budgets.spend(environment.uid, service, cost, policy.budget, policy.per)
        if over is None:
            return True, max(patience, 0.0)
        if policy.over_budget == "mock":
            return False, patience
        raise Refusal("over_budget", _OVER_BUDGET.format(what=over, limit=policy.budget[over], service=service))

    async def _fall_back(self, visit: Visit, service: MockService, match: Match, why: str) -> Response:
        """The mock's answer, marked as one."""
        visit.mode = "mock"
        self.fallbacks[service.name, why] += 1
        response = await self._mock.answer(visit, service, match)
        response.headers.append(("broker-fallback", why.replace("_", "-")))
        return response

    def _learned_by(self, uid: str) -> Learned:
        learned = self._learned.get(uid)
        if learned is None or len(learned.ids) > _LEARNED or len(learned.answers) > _LEARNED:
            learned = self._learned[uid] = Learned()
        return learned


_UNLISTED = (
    "{operation} does not pass to the real provider: teardown could not take back what it does there. Let the mock "
    "answer it, with a rule of the policy."
)
_OVER_RATE = (
    "The real account {account} is busy: the wait would be {wait:.1f} s, longer than the policy allows (over_rate, "
    "max_wait)."
)
_OVER_BUDGET = "The environment's budget of {limit} {what} at the real {service} is used up."
