"""Configurations of buckets in the table of contents."""

from __future__ import annotations

from mocks.s3 import service
from mocks.s3.settings_operations import OPERATIONS


def test_they_are_part_of_the_whole() -> None:
    assert OPERATIONS.items() <= service.OPERATIONS.items()
