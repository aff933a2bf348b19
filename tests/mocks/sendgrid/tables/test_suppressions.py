"""The table holds every operation on suppressions and unsubscribe groups."""

from __future__ import annotations

from contracts import library
from mocks.sendgrid.tables.suppressions import OPERATIONS


def test_nothing_of_it_is_left_to_the_generic_engine() -> None:
    operations = library.load("sendgrid").operations().values()
    prefixes = ("/v3/suppression/", "/v3/asm/")
    found = {operation.id for operation in operations if operation.path.startswith(prefixes)}
    assert found == set(OPERATIONS)
