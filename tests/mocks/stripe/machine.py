"""What state machines about money share: an account of their own, and steps without waiting."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Coroutine, Iterable
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine

from contracts.exchange import Response
from mocks.stripe.service import SERVICE
from tests.harness import Harness, value
from tests.mocks.stripe.client import Stripe

#: Of a run in CI: a few seconds.
BOUNDED = settings(
    max_examples=20, stateful_step_count=25, deadline=None, derandomize=True, database=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip


class Machine(RuleBasedStateMachine):
    """One account, whose every answer is held against the contract; what is refused is refused in the 400s."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = Path(tempfile.mkdtemp())
        self._runner = asyncio.Runner()
        self.stripe = Stripe(Harness(SERVICE, self._folder), self._folder)

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self._runner.run(work)

    def post(self, path: str, account: str | None = None, **params: Any) -> Any:
        """What a call made, None when it was refused."""
        on = {"stripe-account": account} if account else {}
        answer: Response = self.run(self.stripe.send("POST", path, params, on))
        assert answer.status < 500, answer.body
        return value(answer) if answer.status < 400 else None

    def all(self, path: str, account: str | None = None, **params: Any) -> list[dict[str, Any]]:
        """A whole list, which is short."""
        on = {"stripe-account": account} if account else {}
        found = self.run(self.stripe.get(path, limit=100, headers=on, **params))
        assert not found["has_more"]
        return list(found["data"])

    def one(self, path: str, account: str | None = None) -> Any:
        return self.run(self.stripe.get(path, headers={"stripe-account": account} if account else {}))

    def teardown(self) -> None:
        self.run(self.stripe.harness.close())
        self._runner.close()
        shutil.rmtree(self._folder)


def total(members: Iterable[dict[str, Any]], name: str) -> int:
    """The sum of a member of each."""
    return sum(each[name] or 0 for each in members)
