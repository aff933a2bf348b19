"""What passive drift costs a call, and what it costs behind it: in this process, on payments as Stripe's contract has
them.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import orjson

from bench.results import Result
from broker.clock import SystemClock
from broker.fidelity import Fidelity
from broker.observing import Observer
from broker.storage.sqlite import SqliteStorage
from contracts.contract import Match, Params
from contracts.exchange import Response
from mocks.registry import SERVICES

if TYPE_CHECKING:
    from bench.measure import Bench

#: Answers of one round; fewer than those that may wait.
_ANSWERS = 1_500
_SERVICE, _OPERATION = "stripe", "payment_intents.retrieve"


@dataclass
class _Visit:
    """As much of a visit as is looked at."""

    service: Any
    match: Match
    now: datetime
    id: str = "0123456789abcdef"
    fidelity: str = "real"
    violations: tuple[()] = ()


def passing(bench: Bench) -> Iterator[Result]:
    """Microseconds of CPU time for a proxied answer."""
    with tempfile.TemporaryDirectory(prefix="broker-passing-") as folder:
        found = asyncio.run(_measured(Path(folder), bench.size.rounds))
    what = f"passive drift: a real answer of {found['bytes'] / 1024:.1f} KB"
    yield Result(name=f"{what}, on its way", unit="us", ours=found["new"], target=5, want="at most")
    yield Result(name=f"{what}, seen before, on its way", unit="us", ours=found["seen"], target=5, want="at most")
    yield Result(name=f"{what}, looked into behind it", unit="us", ours=found["looked"])
    yield Result(name=f"{what} and ten unknown fields, looked into behind it", unit="us", ours=found["differing"])


async def _measured(folder: Path, rounds: int) -> dict[str, float]:
    service = next(each for each in SERVICES if each.name == _SERVICE)
    contract, clock = service.contract(), SystemClock()
    storage = SqliteStorage(folder, lambda: clock.text(20))
    observer = Observer(storage.external.drift, clock)
    tally = Fidelity(storage.external, clock, {}).take
    operation = contract.operations()[_OPERATION]
    value = contract.example(operation, Params(path={"intent": "pi_1"}))
    visit: Any = _Visit(service, Match(operation, {}), datetime.now(UTC))  # noqa: TID251 - no clock of a server runs here
    odd = {**value, **{f"field_{number}": number for number in range(10)}}
    spent: dict[str, list[float]] = {name: [] for name in ("new", "seen", "looked", "again", "taken", "differing")}
    for turn in range(rounds + 1):
        plain, differing = _answers(value, turn), _answers(odd, turn)
        for answers, way, behind in (
            (plain, "new", "looked"),
            (plain, "seen", "again"),
            (differing, "taken", "differing"),
        ):
            begun = time.thread_time()
            for answer in answers:
                tally(visit)
                observer.take(visit, "account", operation, answer, ())
            on_its_way = time.thread_time()
            await observer.flush()
            spent[way].append((on_its_way - begun) / _ANSWERS * 1e6)
            spent[behind].append((time.thread_time() - on_its_way) / _ANSWERS * 1e6)
    await storage.close()
    return {"bytes": len(plain[0].body), **{name: median(found) for name, found in spent.items()}}


def _answers(value: dict[str, Any], turn: int) -> list[Response]:
    """Of different objects, as they are after their check."""
    answers = []
    for number in range(_ANSWERS):
        own = {**value, "id": f"pi_{turn}_{number}"}
        body = orjson.dumps(own)
        hash(body)  # the check has done so
        answers.append(Response(200, [], body, value=own))
    return answers
