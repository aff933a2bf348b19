"""The shapes of resources and sweeps name what the code says."""

from __future__ import annotations

from typing import get_args

from broker.control import openapi
from broker.control.revocation_shapes import COMPONENTS, STATUSES
from broker.storage.external import EntryStatus


def test_they_are_part_of_the_document() -> None:
    assert COMPONENTS.items() <= openapi.COMPONENTS.items()


def test_every_status_of_a_line_can_be_said() -> None:
    assert set(STATUSES["enum"]) == set(get_args(EntryStatus))
