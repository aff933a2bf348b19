"""Checks of drift: a service's probes, asked of our mock and of a real account, and what differs kept as a run.

Both sides are environments of this server that live for one check: called through the gateway with their own virtual
keys, and closed as every other one, so that the ledger takes back whatever a probe made.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Protocol

from broker.clock import Clock
from broker.environments import Environments
from broker.errors import BrokerError, Conflict, InvalidInput
from broker.probing import PATIENCE, Outcome, Probing, Unusable
from broker.sides import EnvironmentSide, Sides
from broker.storage.base import Environment, Storage
from broker.storage.drift import Run
from broker.storage.external import AccountRow
from broker.tasks import Keeper
from broker.vault import Vault
from contracts import probes
from contracts.drift import ranked
from contracts.exchange import Request, Response
from contracts.probes import ProbeFault, Scenario
from mocks.base import MockService, Refusal
from sandboxes.base import Account, SandboxProvider

log = logging.getLogger("broker.checks")

#: What names of environments that belong to a check begin with.
PREFIX = "drift-"
_SIDES = ("mock", "real")
_LOWER = "0123456789abcdefghijklmnopqrstuvwxyz"
#: Seconds that a check may take, the life of its environments, and seconds that closing them may take.
_LONGEST, _LIFE, _CLOSE = 2700.0, timedelta(hours=1), 300.0
INTERRUPTED = "the server ended before the check did"


class Lenders(Protocol):
    """As much of broker.accounts.Accounts as checks need."""

    async def row(self, name: str) -> AccountRow: ...

    async def of(self, environment: Environment, service: str) -> Account: ...

    def bears(self, row: AccountRow) -> Any: ...


class Close(Protocol):
    """Workflows.close."""

    async def __call__(self, name: str, *, wait: float | None = None) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What is checked, looked up."""

    service: MockService
    provider: SandboxProvider
    scenarios: Sequence[Scenario]


class Checks:
    """See the module. One check of a service at a time."""

    def __init__(
        self,
        *,
        clock: Clock,
        storage: Storage,
        vault: Vault,
        services: Mapping[str, MockService],
        providers: Mapping[str, SandboxProvider],
        environments: Environments,
        accounts: Lenders,
        probed: MutableMapping[str, str],
        answer: Callable[[Request], Awaitable[Response]],
        close: Close,
        hears: Callable[[str], Awaitable[str | None]],
        load: Callable[[str, str], Sequence[Scenario]] = probes.load,
    ) -> None:
        """``probed`` is that of Outside, ``answer`` the gateway's. ``hears`` tells why events of an account do not
        come, None where they do; ``load`` finds a service's scenarios."""
        self._clock = clock
        self._storage = storage
        self._store = storage.external.drift
        self._services = services
        self._providers = providers
        self._environments = environments
        self._accounts = accounts
        self._probed = probed
        self._sides = Sides(environments=environments, storage=storage, vault=vault, clock=clock, answer=answer)
        self._close = close
        self._hears = hears
        self.load = load
        #: Seconds that events of the real side may take to come.
        self.patience = PATIENCE
        #: Services of which a check begins or runs, and those that run.
        self._busy: set[str] = set()
        self._running: dict[str, asyncio.Task[Run]] = {}
        self._keeper = Keeper()

    async def start(self) -> None:
        """What an earlier process left is failed, and its environments are closed."""
        left = [run for run in await self._store.runs() if run.status == "running"]
        for run in left:
            for side in _SIDES:
                try:
                    await self._close(_name(run, side), wait=0)
                except BrokerError:
                    pass  # it is being closed, or was never opened
        await self._store.interrupted(self._clock.now(), INTERRUPTED)

    async def stop(self) -> None:
        """What is under way ends here, and is told at the next start."""
        await self._keeper.stop()

    async def service_of(self, account: str) -> str:
        """Raises NotFound."""
        return (await self._accounts.row(account)).service

    async def check(self, service: str, account: str, pattern: str = "*") -> Run:
        """Run to the end. Raises as ``begin``."""
        run = await self.begin(service, account, pattern)
        # Who waits may be gone before the check is over; its environments must be closed all the same.
        return await asyncio.shield(self._running[run.service])

    async def begin(self, service: str, account: str, pattern: str = "*") -> Run:
        """Start a check of the service whose scenarios the pattern fits; it goes on in the background. Raises NotFound,
        InvalidInput, and Conflict while another one of the service runs."""
        row = await self._accounts.row(account)
        if row.service != service:
            raise InvalidInput(f"account {row.name} is of {row.service}, not of {service[:80]}")
        checked = self._looked_up(service, pattern)
        if service in self._busy:
            raise Conflict(f"a check of {service} is running; wait for its end")
        self._busy.add(service)
        run = Run(
            id="run_" + self._clock.text(16, _LOWER),
            service=service,
            account=row.name,
            endpoint=self._accounts.bears(row).endpoint,
            contract=checked.service.contract().version,
            probes=pattern,
            status="running",
            started_at=self._clock.now(),
            scenarios=len(checked.scenarios),
        )
        try:
            await self._store.put_run(run)
        except BaseException:
            self._busy.discard(service)
            raise
        task = self._running[service] = self._keeper.start(self._carried_out(run, checked), f"checks: {service}")
        task.add_done_callback(lambda _: self._ended(service))
        return run

    def _ended(self, service: str) -> None:
        del self._running[service]
        self._busy.discard(service)

    def _looked_up(self, service: str, pattern: str) -> Checked:
        mock, provider = self._services.get(service), self._providers.get(service)
        if mock is None or provider is None:
            raise InvalidInput(f"service: {service[:80]!r} has no real side that could be asked")
        try:
            scenarios = self.load(service, pattern)
        except ProbeFault as wrong:
            raise InvalidInput(f"probes: {wrong}") from None
        if not scenarios:
            raise InvalidInput(f"probes: no probe of {service} is called {pattern[:80]}")
        # Those about the whole account last: the real side is opened wider for them.
        return Checked(service=mock, provider=provider, scenarios=sorted(scenarios, key=lambda each: each.shared))

    # -- under way ---------------------------------------------------------------------------------------

    async def _carried_out(self, run: Run, checked: Checked) -> Run:
        """The run at its end, stored."""
        outcome = Outcome()
        errors: list[str] = []
        try:
            async with asyncio.timeout(_LONGEST):
                await self._ask(run, checked, outcome)
        except TimeoutError:
            errors.append(f"the check was given up after {_LONGEST:g} s")
        except (BrokerError, Refusal, Unusable) as wrong:
            errors.append(_sentence(wrong))
        except Exception as failed:
            log.exception("check %s of %s failed", run.id, run.service)
            errors.append(f"the check failed: {type(failed).__name__}; the server's log tells more")
        for side in _SIDES:
            words = await self._closed(_name(run, side))
            errors += [words] if words else []
        run = _with(run, outcome)
        errors += _doubts(outcome)
        run = replace(
            run,
            status="failed" if errors or run.errors else "done",
            ended_at=self._clock.now(),
            errors=[*run.errors, *errors],
        )
        await self._store.put_run(run)
        return run

    async def _ask(self, run: Run, checked: Checked, outcome: Outcome) -> None:
        """Both sides opened and every scenario asked; what came of each is stored at once."""
        service, text = checked.service, self._clock.text(12, _LOWER)
        mock = await self._opened(run, "mock", service, {"mode": "mock"})
        real = await self._opened(run, "real", service, _real(run, "none"))
        environment = await self._environments.get_open(_name(run, "real"))
        # Now, and in its own words: every call would fail at it.
        await self._accounts.of(environment, service.name)
        why = await self._hears(run.account)
        if why is not None:
            real.hears = False
            outcome.skip("*", 0, "", f"events were not compared: {why}")
        probing = Probing(
            service.name,
            service.contract(),
            mock,
            real,
            run=text,
            ruled=checked.provider.rules.keys(),
            outcome=outcome,
            patience=self.patience,
        )
        self._probed[environment.uid] = text
        shared = False
        try:
            for scenario in checked.scenarios:
                if scenario.shared and not shared:
                    shared = True
                    await self._opened(run, "real", service, _real(run, "read"))
                await probing.go(scenario)
                await self._store.put_run(_with(run, outcome))
        finally:
            del self._probed[environment.uid]

    async def _opened(self, run: Run, side: str, service: MockService, body: Mapping[str, Any]) -> EnvironmentSide:
        policy = self._environments.parse_policy({"version": 1, "services": {service.name: body}})
        opened = await self._environments.open(_name(run, side), policy, ttl=_LIFE)
        return await self._sides.of(opened.environment, service)

    async def _closed(self, name: str) -> str | None:
        """Why it is not, in words."""
        if await self._storage.registry.environment(name) is None:
            return None
        try:
            await self._close(name, wait=_CLOSE)
        except BrokerError as left:
            stuck = left.members.get("stuck") or {}
            return f"{left.detail}" + (f": {stuck.get('reason')}" if stuck.get("reason") else "")
        return None


def _name(run: Run, side: str) -> str:
    """Of a side's environment: nobody guesses it."""
    return f"{PREFIX}{run.id.removeprefix('run_')}-{side}"


def _real(run: Run, shared: str) -> Mapping[str, Any]:
    return {"mode": "sandbox", "sandbox": {"account": run.account, "shared": shared, "max_wait": "60s"}}


def _with(run: Run, outcome: Outcome) -> Run:
    return replace(
        run,
        finished=outcome.finished,
        findings=ranked(outcome.findings.values()),
        operations=dict(sorted(outcome.operations.items())),
        skipped=list(outcome.skipped),
        errors=list(outcome.errors),
    )


def _doubts(outcome: Outcome) -> list[str]:
    """What makes a run without a finding worthless."""
    if not outcome.compared:
        return ["no call was compared"]
    if outcome.succeeded and not outcome.carried_out:
        return ["the real side carried out none of the calls"]
    return []


def _sentence(wrong: Exception) -> str:
    return wrong.detail if isinstance(wrong, BrokerError) else str(wrong)
