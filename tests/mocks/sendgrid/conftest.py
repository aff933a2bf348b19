"""A SendGrid mock in one environment, and a message that it accepts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from mocks.sendgrid.service import SERVICE
from tests.harness import Harness


@pytest.fixture
async def sendgrid(tmp_path: Path) -> AsyncIterator[Harness]:
    """The mock; a reply that breaks SendGrid's contract raises."""
    made = Harness(SERVICE, tmp_path, strict_errors=False)  # its document knows other errors than its own pages
    yield made
    await made.close()


@pytest.fixture
def message() -> Callable[..., dict[str, Any]]:
    """A plain message; keyword arguments replace members, None takes one away."""

    def make(**changes: Any) -> dict[str, Any]:
        whole = {
            "personalizations": [{"to": [{"email": "ada@example.com", "name": "Ada"}]}],
            "from": {"email": "shop@example.com", "name": "Shop"},
            "subject": "Your order",
            "content": [{"type": "text/plain", "value": "Thank you."}],
            **changes,
        }
        return {name: value for name, value in whole.items() if value is not None}

    return make
