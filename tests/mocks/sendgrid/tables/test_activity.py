"""The table holds every operation on Email Activity and on addresses."""

from __future__ import annotations

from contracts import library
from mocks.sendgrid.tables.activity import OPERATIONS


def test_nothing_of_it_is_left_to_the_generic_engine() -> None:
    operations = library.load("sendgrid").operations().values()
    prefixes = ("/v3/messages", "/v3/logs", "/v3/validations")
    assert {each.id for each in operations if each.path.startswith(prefixes)} == set(OPERATIONS)
