"""A gateway with two small services behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.broker.tiny import Gate
from tests.clocks import HeldClock


@pytest.fixture
async def gate(tmp_path: Path, clock: HeldClock) -> AsyncIterator[Gate]:
    opened = Gate(tmp_path / "gate", clock)
    yield opened
    await opened.close()
