"""A Durable of the tests: keeps what was done, and sleeps not at all."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any


class Noted:
    def __init__(self) -> None:
        self.done: list[Any] = []

    async def step(self, name: str, work: Callable[[], Coroutine[Any, Any, float | None]]) -> float | None:
        answer = await work()
        self.done.append((name, answer))
        return answer

    async def sleep(self, seconds: float) -> None:
        self.done.append(seconds)
