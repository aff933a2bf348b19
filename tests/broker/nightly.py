"""Nights for tests: checks whose runs a test says, contracts whose newest ones it says, and findings."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any, Protocol

from broker.measuring import Measuring
from broker.nights import Nights
from broker.notices import Notices
from broker.storage.drift import Observed, Run, Skipped, Tally
from broker.storage.external import AccountRow
from contracts.drift import Finding


class Ground(Protocol):
    """Where nights are: a World, or a Bench."""

    storage: Any
    clock: Any


def finding(place: str = "response.200.body.name", **changes: Any) -> Finding:
    values: dict[str, Any] = {
        "service": "tiny",
        "operation": "things.create",
        "rule": "field-missing",
        "place": place,
        "severity": "breaking",
        "message": "name is only in the real answer",
    }
    return Finding(**{**values, **changes})


class PlainChecks:
    """Runs that a test says. ``asked`` are service and account of each that was begun."""

    def __init__(self, world: Ground, *findings: Finding) -> None:
        self._world = world
        self.findings: Sequence[Finding] = findings
        self.changes: dict[str, Any] = {}
        #: Raised by the next ones, one after the other; None: nothing.
        self.errors: list[BaseException | None] = []
        self.asked: list[tuple[str, str]] = []
        #: Accounts whose checks do not end before ``go``; ``held``: one of them has begun.
        self.holding: set[str] = set()
        self.held, self.go = asyncio.Event(), asyncio.Event()

    async def check(self, service: str, account: str, pattern: str = "*") -> Run:
        self.asked.append((service, account))
        if account in self.holding:
            self.held.set()
            await self.go.wait()
        if self.errors and (error := self.errors.pop(0)) is not None:
            raise error
        now = self._world.clock.now()
        values: dict[str, Any] = {
            "id": f"run_{len(self.asked)}",
            "service": service,
            "account": account,
            "endpoint": "https://api.tiny.test",
            "contract": "1",
            "probes": pattern,
            "status": "done",
            "started_at": now,
            "ended_at": now,
            "scenarios": 2,
            "finished": 2,
            "findings": [each for each in self.findings if each.service == service],
            "operations": {"things.create": Tally(passed=3, failed=1), "things.list": Tally(skipped=1)},
            "skipped": [Skipped("listing", 1, "things.list", "no page")],
        }
        return Run(**{**values, **self.changes})


class PlainContracts:
    """Newest contracts that a test says: findings by service, or what hinders it."""

    def __init__(self, **found: Any) -> None:
        self.found = found

    @property
    def services(self) -> Collection[str]:
        return self.found.keys()

    async def newest(self, service: str) -> Sequence[Finding]:
        answer = self.found[service]
        if isinstance(answer, Exception):
            raise answer
        found: Sequence[Finding] = answer
        return found


async def account(world: Ground, name: str, service: str = "tiny", **changes: Any) -> None:
    row = AccountRow(name=name, service=service, secret={"variable": "TINY"}, created_at=world.clock.now(), **changes)
    await world.storage.external.put_account(row)


async def observe(world: Ground, found: Finding, **changes: Any) -> None:
    now = world.clock.now()
    values: dict[str, Any] = {"count": 3, "first_at": now, "last_at": now, "example": {"account": "one"}}
    await world.storage.external.drift.add_observed([Observed(finding=found, **{**values, **changes})])


def measuring(world: Ground, checks: PlainChecks, contracts: PlainContracts | None = None) -> Measuring:
    return Measuring(storage=world.storage, clock=world.clock, checks=checks, contracts=contracts)


def nights(
    world: Ground,
    checks: PlainChecks,
    contracts: PlainContracts | None = None,
    *,
    at: str = "off",
    path: Path | None = None,
    told: str | None = None,
) -> Nights:
    """As broker.drift makes them; nobody carries them."""
    return Nights(
        external=world.storage.external,
        clock=world.clock,
        measuring=measuring(world, checks, contracts),
        notices=Notices(
            external=world.storage.external,
            clock=world.clock,
            upstream=getattr(world, "upstream", None),
            url=told,
            secret="the secret of the orchestrator",
        ),
        at=at,
        path=path,
    )
