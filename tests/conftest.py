"""Fixtures of every test: the clean room, and a clock that only tests move."""

from __future__ import annotations

import os

import pytest

from tests import cleanroom
from tests.clocks import HeldClock


def pytest_configure() -> None:
    cleanroom.build()


@pytest.fixture(autouse=True)
def clean_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting, credential or proxy of the machine reaches a test."""
    for name in cleanroom.inherited(os.environ):  # noqa: TID251 - emptied here so that nothing else reads it
        monkeypatch.delenv(name)
    for name, value in cleanroom.CALM.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def clock() -> HeldClock:
    """Time stands still until the test advances it; text comes from a counter."""
    return HeldClock()
