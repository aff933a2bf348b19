"""A sweep is one step."""

from __future__ import annotations

from typing import Any

from broker.workflows.sweep import sweep
from tests.broker.workflows.durables import Noted


class Plain:
    async def attempt(self, run: dict[str, Any]) -> float | None:
        assert run == {"id": "swp_1"}


async def test_it_is_one_step() -> None:
    sweeps: Any = Plain()
    durable = Noted()
    await sweep(lambda: sweeps)(durable, {"id": "swp_1"})
    assert durable.done == [("sweep", None)]
