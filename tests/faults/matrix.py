"""One cell of the matrix: a step at which the broker is killed (or none) times a fault of the provider's (or none).

pr-1 makes a customer while the fault hits, or is closed while it hits; pr-2 has a customer of its own, and one was
made by hand. In the end pr-1 is closed: of its customers none may be left, and of the others none may be gone.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlencode

from demo.serving import Broker, CommandFailed
from tests.faults.victim import CLOSING, CREATING
from tests.standins.faulty import Fault, FaultName, Faulty

KEY = "sk_test_" + "51Faults" * 4
POLICY = {"version": 1, "services": {"stripe": {"mode": "sandbox", "sandbox": {"account": "main"}}}}
#: Seconds: the answer of a provider is waited for, a lost request is given up, a close may take.
PATIENCE, SETTLE, CLOSE = 1, 1, 60

FAULTS: tuple[FaultName | None, ...] = (
    None,
    "timeout before",
    "timeout after",
    "reset before",
    "reset after",
    "500 before",
    "500 after",
    "429",
    "garbage after",
    "drip",
)
KILLS: tuple[FaultName, ...] = ("kill before", "kill after")

Phase = Literal["create", "close"]


@dataclass(frozen=True)
class Cell:
    """``step`` is where the broker is killed: a step of the ledger's, or ``kill before`` and ``kill after`` for the
    provider's own effect. None: it is not killed."""

    phase: Phase
    step: str | None
    fault: FaultName | None

    def __str__(self) -> str:
        return f"{self.phase}, killed at {self.step or 'no step'}, {self.fault or 'no fault'}"


@dataclass(frozen=True)
class Verdict:
    """What was left of pr-1's and is gone of others', by id; ``trouble`` is what should not have happened besides."""

    cell: Cell
    leaked: tuple[str, ...]
    wrongly_deleted: tuple[str, ...]
    trouble: str
    seconds: float

    @property
    def good(self) -> bool:
        return not (self.leaked or self.wrongly_deleted or self.trouble)


def cells() -> Iterator[Cell]:
    """All of them."""
    for step, fault in itertools.product((None, *CREATING), FAULTS):
        yield Cell("create", step, fault)
    for step, fault in itertools.product((None, *CLOSING), FAULTS):
        yield Cell("close", step, fault)
    for phase in ("create", "close"):
        for kill in KILLS:
            yield Cell(phase, kill, None)  # type: ignore[arg-type]  # the loop's two words


def some() -> Iterator[Cell]:
    """A diagonal: every step and every fault once in each phase."""
    for phase, steps in (("create", (*CREATING, *KILLS)), ("close", (*CLOSING, *KILLS))):
        faults = itertools.cycle(FAULTS)
        for step in (*steps, *(None for _ in range(len(FAULTS) - 2))):
            yield Cell(phase, step, None if step in KILLS else next(faults))  # type: ignore[arg-type]  # as above


class Victim(Broker):
    """A server that dies at a step."""

    def __init__(self, folder: Path, variables: dict[str, str]) -> None:
        super().__init__(folder, variables)
        self.step: str | None = None

    def command(self) -> list[str]:
        if self.step is None:
            return super().command()
        return [sys.executable, "-m", "tests.faults.victim", self.step]

    def _environment(self) -> dict[str, str]:
        return {**super()._environment(), "PYTHONPATH": str(Path(__file__).resolve().parents[2])}

    def is_dead(self) -> bool:
        """Whether it has ended by itself."""
        return self.process is not None and self.process.poll() is not None

    def heal(self) -> None:
        """Start it again, whole, if it is dead."""
        if self.process is None or self.is_dead():
            self.process = None
            self.step = None
            self.start()


def run(cell: Cell, folder: Path) -> Verdict:
    """Carry a cell out."""
    begun = time.monotonic()
    with Faulty() as provider:
        hand = provider.put("customers", email="by-hand@example.com")
        broker = Victim(
            folder,
            {
                "BROKER_SANDBOX_TIMEOUT_SECONDS": str(PATIENCE),
                "BROKER_SANDBOX_SETTLE_SECONDS": str(SETTLE),
                "BROKER_LOG_LEVEL": "warning",
                "FAULTS_KEY": KEY,
            },
        )
        try:
            trouble, keep = _story(cell, provider, broker)
            leaked, gone = look(provider, "pr-1", hand, keep)
            with contextlib.suppress(CommandFailed):
                broker.control("DELETE", f"environments/pr-2?wait={CLOSE}")
            leaked += look(provider, "pr-2", hand, [])[0]
            gone += [key for key in look(provider, "pr-2", hand, [])[1] if key not in gone]
        finally:
            broker.kill()
    return Verdict(cell, tuple(dict.fromkeys(leaked)), tuple(gone), trouble, time.monotonic() - begun)


def look(provider: Faulty, closed: str, hand: str, keep: Sequence[str]) -> tuple[list[str], list[str]]:
    """What is left of a closed environment's, or was made without any marker and could never be found; and what is gone
    of others'. (The account's own webhook endpoint is no environment's.)"""
    customers = {key: one for key, one in provider.objects.items() if one["object"] == "customer"}
    leaked = [key for key, one in customers.items() if _owner(one).startswith(f"{closed}-")]
    leaked += [key for key, one in customers.items() if not _owner(one) and key != hand]
    return leaked, [key for key in (hand, *keep) if key not in customers]


def _owner(one: dict[str, dict[str, str]]) -> str:
    return one["metadata"].get("preview_broker", "").rpartition(":")[2]


def _story(cell: Cell, provider: Faulty, broker: Victim) -> tuple[str, list[str]]:
    broker.step = cell.step if cell.step and ":" in cell.step else None
    broker.start()
    account = {"service": "stripe", "secret": {"variable": "FAULTS_KEY"}, "endpoint": provider.url}
    broker.control("PUT", "accounts/main", account)
    bundles = {name: broker.control("PUT", f"environments/{name}", {"policy": POLICY}) for name in ("pr-1", "pr-2")}
    status, made = _create(bundles["pr-2"])
    if status != 200:
        return f"pr-2's customer was answered with {status}", []
    keep = [made]
    if cell.phase == "close":
        _create(bundles["pr-1"])
    _plan(cell, provider, broker)
    if cell.phase == "create":
        status, first = _create(bundles["pr-1"])
        broker.heal()
        # The application tries again, as SDKs do: with the key that it used before.
        if status != 200:
            status, again = _create(bundles["pr-1"])
            first = again or first
    trouble = _close(broker)
    return trouble or _untrue(cell, provider), keep


def _plan(cell: Cell, provider: Faulty, broker: Victim) -> None:
    method = "POST" if cell.phase == "create" else "DELETE"
    path = r"/v1/customers" if cell.phase == "create" else r"/v1/customers/[^/]+"
    assert broker.process
    if cell.step in KILLS:
        provider.faults.append(Fault(cell.step, method, path, pid=broker.process.pid))  # type: ignore[arg-type]  # one of them
    if cell.fault is not None:
        # Twice for answers that are sent again at once, so that the fault is what remains.
        provider.faults.append(Fault(cell.fault, method, path, times=3 if cell.phase == "create" else 1))


def _create(bundle: dict[str, dict[str, str]]) -> tuple[int, str]:
    """(0, "") where no answer came."""
    variables = bundle["variables"]
    request = urllib.request.Request(  # noqa: S310 - our own server on loopback
        variables["STRIPE_API_BASE"] + "/v1/customers",
        urlencode({"email": "jenny@example.com"}).encode(),
        {
            "Authorization": f"Bearer {variables['STRIPE_API_KEY']}",
            "Idempotency-Key": "one-try-after-another",
            "Content-Type": "application/x-www-form-urlencoded",
        },
        method="POST",
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - the same
            body = answer.read()
            return answer.status, json.loads(body)["id"] if body.startswith(b"{") else ""
    except urllib.error.HTTPError as refused:
        return refused.code, ""
    except (OSError, ValueError):
        return 0, ""


def _close(broker: Victim) -> str:
    """Until the receipt says that nothing is left; what went wrong, in words."""
    until = time.monotonic() + CLOSE
    words = "the close did not begin"
    while time.monotonic() < until:
        try:
            broker.heal()
            receipt = broker.control("DELETE", "environments/pr-1?wait=5")
        except (CommandFailed, OSError) as failed:
            words = str(failed)
            continue
        if receipt["status"] != "closed" or receipt["left"]:
            return f"the receipt says {receipt['status']}, left {receipt['left']}"
        return ""
    return f"not closed within {CLOSE} s: {words[-300:]}"


def _untrue(cell: Cell, provider: Faulty) -> str:
    """What makes the cell say nothing: a fault that hit nobody."""
    idle = [fault.name for fault in provider.faults if not fault.hits]
    if idle and not (cell.step and cell.step.startswith(("intend", "settle", "revoke", "deleting"))):
        return f"the fault {idle[0]} hit no request"
    if any(asked.key != KEY for asked in provider.asked):
        return "a request left without the real key"
    return ""
