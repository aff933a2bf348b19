"""The Stripe mock over real storage, without a socket."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from mocks.stripe.service import SERVICE
from tests.harness import Harness
from tests.mocks.stripe.client import Stripe


@pytest.fixture
async def stripe(tmp_path: Path) -> AsyncIterator[Stripe]:
    """A fresh account."""
    harness = Harness(SERVICE, tmp_path)
    yield Stripe(harness, tmp_path)
    await harness.close()
