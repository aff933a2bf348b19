"""The durable side of a sweep: begun again from its start when it was interrupted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from broker.sweep import Sweep
from broker.workflows.engine import Body, Durable

NAME = "sweep"


def sweep(sweeps: Callable[[], Sweep]) -> Body:
    """One step: what it did stands in the ledger."""

    async def body(durable: Durable, run: Mapping[str, Any]) -> None:
        while (wait := await durable.step("sweep", partial(sweeps().attempt, run))) is not None:
            await durable.sleep(wait)

    return body
