"""What a night does for one of its parts: fetch and compare a contract, run probes, or look at what was observed.

It is handed what can do that, and knows no service by name. What cannot be found out comes back as a part that failed,
with the words of what hindered it.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Protocol

from broker.clock import Clock
from broker.contract_news import Unfetched
from broker.errors import BrokerError, Conflict
from broker.reports.night import Part, Row, Source
from broker.storage.base import Storage, StoreGone
from broker.storage.drift import Run
from broker.storage.external import AccountRow
from contracts.drift import Finding, ranked

log = logging.getLogger("broker.nights")

#: Seconds after which a part that is not over has failed.
_LONGEST = 2 * 3600.0
#: What was observed counts until it was not seen for so long.
_SEEN = timedelta(days=30)
#: Rows that are kept of one part, and observations that are looked at of one service.
_ROWS, _OBSERVED = 5000, 10_000
#: Words that are kept of a part that failed, and the length of each.
_WORDS, _LENGTH = 20, 500
#: Environments of checks are no applications.
OURS = "drift-"
#: Seconds of pause after each environment that is looked at: calls come first.
_PAUSE = 0.005


class Checks(Protocol):
    """Runs of probes, as broker.checks does them."""

    async def check(self, service: str, account: str, pattern: str = "*") -> Run:
        """To its end. Raises Conflict while another check of the service is at work."""
        ...


class Contracts(Protocol):
    """Newest official contracts, against those in use."""

    @property
    def services(self) -> Collection[str]:
        """Those of which it is known where the newest one is."""
        ...

    async def newest(self, service: str) -> Sequence[Finding]:
        """What the newest one changed. Raises what hinders it, in words."""
        ...


class Uncompared(Exception):
    """Nothing stands for a comparison: says why."""


async def settled() -> None:
    """Where nothing waits to be written down."""


class Measuring:
    """Parts of nights. Without ``contracts`` no documents are fetched; ``settle`` writes down what was observed."""

    def __init__(
        self,
        *,
        storage: Storage,
        clock: Clock,
        checks: Checks,
        contracts: Contracts | None = None,
        settle: Callable[[], Awaitable[None]] = settled,
    ) -> None:
        self._storage = storage
        self._clock = clock
        self._checks = checks
        self._settle = settle
        self.contracts = contracts
        self._by: Mapping[Source, Callable[[Part], Awaitable[Part]]] = {
            "contract": self._contract,
            "probes": self._probes,
            "observed": self._observed,
        }

    async def plan(self) -> Sequence[Part]:
        """What there is to find out now: by service, each source once, probes for each account or pool of accounts.
        Contracts are fetched of services that have an account, or are called."""
        external = self._storage.external
        accounts: dict[str, list[AccountRow]] = defaultdict(list)
        for row in await external.accounts():
            accounts[row.service].append(row)
        seen = {each.finding.service for each in await external.drift.observed(limit=_OBSERVED)}
        fetched = set() if self.contracts is None else set(self.contracts.services)
        if unused := fetched - accounts.keys():
            fetched -= unused - (await self.callers(unused)).keys()
        parts: list[Part] = []
        for service in sorted({*accounts, *seen, *fetched}):
            if service in fetched:
                parts.append(Part(service=service, source="contract"))
            chosen = await self._chosen(accounts.get(service, ()))
            parts += [Part(service=service, source="probes", account=name) for name in chosen]
            if service in accounts or service in seen:
                parts.append(Part(service=service, source="observed"))
        return parts

    async def _chosen(self, accounts: Iterable[AccountRow]) -> Sequence[str]:
        """Every account, and one of each pool: the first that nobody holds."""
        pools: dict[str, list[AccountRow]] = {}
        for row in accounts:
            pools.setdefault(row.pool or f"={row.name}", []).append(row)
        chosen = []
        for rows in pools.values():
            free = [row for row in rows if not (row.exclusive and await self._leased(row))]
            chosen.append((free or rows)[0].name)
        return chosen

    async def _leased(self, row: AccountRow) -> bool:
        return bool(await self._storage.external.leases(account=row.name))

    async def measure(self, part: Part) -> Part:
        """The part at its end: done, or failed. Raises Conflict when it has to wait for another check."""
        try:
            async with asyncio.timeout(_LONGEST) as limit:
                found = await self._by[part.source](part)
        except Conflict:
            raise
        except Exception as error:
            late = isinstance(error, TimeoutError) and limit.expired()
            words = f"it was not over within {_LONGEST / 3600:g} hours" if late else worded(error)
            log.warning("drift of %s is not known: %s", part.name, words)
            found = replace(part, words=[words])
        now = self._clock.now().isoformat()
        if not found.words:
            return replace(found, status="done", ended_at=now)
        short = [each[:_LENGTH] for each in found.words[:_WORDS]]
        return replace(found, status="failed", words=short, ended_at=now)

    async def _contract(self, part: Part) -> Part:
        if self.contracts is None:
            raise Uncompared("it is not known where its newest contract is")
        return self._found(part, await self.contracts.newest(part.service))

    async def _probes(self, part: Part) -> Part:
        run = await self._checks.check(part.service, part.account)
        tallies = list(run.operations.values())
        part = replace(
            self._found(part, run.findings),
            run=run.id,
            passed=sum(each.passed for each in tallies),
            failed=sum(each.failed for each in tallies),
            skipped=sum(each.skipped for each in tallies),
            compared=sorted(name for name, each in run.operations.items() if each.passed + each.failed),
        )
        words = list(run.errors)
        if not words and run.status != "done":
            words = ["the check did not come to its end"]
        elif not words and not part.passed + part.failed:
            why = next((each.why for each in run.skipped), "there are no probes of it")
            words = [f"nothing was compared: {why}"]
        return replace(part, words=words)

    async def _observed(self, part: Part) -> Part:
        await self._settle()
        after = self._clock.now() - _SEEN
        seen = await self._storage.external.drift.observed(service=part.service, limit=_OBSERVED)
        where = {each.finding.key: str(each.example.get("account", "")) for each in seen}
        found = self._found(part, [each.finding for each in seen if each.last_at >= after])
        return replace(found, rows=[replace(row, account=where[row.key]) for row in found.rows])

    def _found(self, part: Part, findings: Iterable[Finding]) -> Part:
        once = ranked({finding.key: finding for finding in findings}.values())
        rows = [Row(finding=each, source=part.source, account=part.account) for each in once[:_ROWS]]
        return replace(part, rows=rows, more=len(once) - len(rows))

    async def callers(self, wanted: Collection[str] = ()) -> Mapping[str, int]:
        """The open environments whose journal shows calls of it, by an operation's id and by a service's name. With
        ``wanted`` it ends as soon as each of them was found."""
        found: dict[str, int] = defaultdict(int)
        after: str | None = None
        while page := await self._storage.registry.environments(status="open", after=after):
            after = page[-1].name
            for environment in page:
                if environment.name.startswith(OURS):
                    continue
                try:
                    called = await (await self._storage.open(environment)).journal.called()
                except StoreGone:
                    continue  # closed meanwhile
                for each in called:
                    found[each] += 1
                if wanted and found.keys() >= set(wanted):
                    return found
                await asyncio.sleep(_PAUSE)
        return found


def worded(error: Exception) -> str:
    """What hindered something, for people: our own refusals speak for themselves."""
    text = str(error).strip()
    if isinstance(error, BrokerError | Uncompared | Unfetched) and text:
        return text
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
