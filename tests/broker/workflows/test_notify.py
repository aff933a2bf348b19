"""The attempts and waits of a notice."""

from __future__ import annotations

from typing import Any

from broker.workflows.notify import notify
from tests.broker.workflows.durables import Noted


class Deaf:
    """Is heard at the third attempt."""

    def __init__(self) -> None:
        self.attempts = 0

    async def attempt(self, notice_id: str) -> float | None:
        assert notice_id == "ntc_1"
        self.attempts += 1
        return None if self.attempts == 3 else float(self.attempts)


async def test_attempts_until_it_is_heard() -> None:
    notices: Any = Deaf()
    durable = Noted()
    await notify(lambda: notices)(durable, "ntc_1")
    assert durable.done == [("attempt", 1.0), 1.0, ("attempt", 2.0), 2.0, ("attempt", None)]
