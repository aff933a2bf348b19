"""The durable side of a notice: one attempt after another, until it was heard."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from broker.notices import Notices
from broker.workflows.engine import Body, Durable

NAME = "notify"


def notify(notices: Callable[[], Notices]) -> Body:
    """Never given up."""

    async def body(durable: Durable, notice_id: str) -> None:
        while (wait := await durable.step("attempt", partial(notices().attempt, notice_id))) is not None:
            await durable.sleep(wait)

    return body
