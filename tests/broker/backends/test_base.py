"""The protocol of backends: what the mock backend is, others will be."""

from __future__ import annotations

import inspect

from broker.backends.base import Backend
from broker.backends.mock import MockBackend


def test_the_mock_backend_has_the_protocols_shape() -> None:
    wanted, found = inspect.signature(Backend.answer), inspect.signature(MockBackend.answer)
    assert list(wanted.parameters) == list(found.parameters)
    assert inspect.iscoroutinefunction(MockBackend.answer)
