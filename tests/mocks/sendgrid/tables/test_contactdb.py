"""The table holds every operation on the older contacts."""

from __future__ import annotations

from contracts import library
from mocks.sendgrid.tables.contactdb import OPERATIONS


def test_nothing_of_it_is_left_to_the_generic_engine() -> None:
    operations = library.load("sendgrid").operations().values()
    assert {each.id for each in operations if each.path.startswith("/v3/contactdb/")} == set(OPERATIONS)
