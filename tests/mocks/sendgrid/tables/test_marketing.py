"""The table holds every operation on contacts, lists, fields and segments."""

from __future__ import annotations

from contracts import library
from mocks.sendgrid.tables.marketing import OPERATIONS


def test_nothing_of_it_is_left_to_the_generic_engine() -> None:
    operations = library.load("sendgrid").operations().values()
    prefixes = tuple(
        f"/v3/marketing/{what}"
        for what in ("contacts", "lists", "field_definitions", "segments", "singlesends", "stats", "test")
    )
    assert {each.id for each in operations if each.path.startswith(prefixes)} == set(OPERATIONS)
