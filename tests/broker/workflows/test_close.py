"""The order of a close's steps and waits."""

from __future__ import annotations

from typing import Any

from broker.workflows.close import close
from tests.broker.workflows.durables import Noted


class Hindered:
    """A teardown whose deletion succeeds at the third time."""

    def __init__(self) -> None:
        self.deletions = 0

    async def attempt(self, phase: str, uid: str) -> float | None:
        assert uid == "uid-1"
        if phase != "delete":
            return None
        self.deletions += 1
        return None if self.deletions == 3 else float(self.deletions)


async def test_one_phase_after_another_each_until_it_is_done() -> None:
    teardown: Any = Hindered()
    durable = Noted()
    await close(lambda: teardown)(durable, "uid-1")
    assert durable.done == [
        ("disarm", None),
        ("revoke", None),
        ("count", None),
        ("delete", 1.0),
        1.0,
        ("delete", 2.0),
        2.0,
        ("delete", None),
        ("finish", None),
    ]
