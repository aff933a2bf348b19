"""The table holds every operation on statistics of mail."""

from __future__ import annotations

from contracts import library
from mocks.sendgrid.tables.stats import OPERATIONS


def test_nothing_of_it_is_left_to_the_generic_engine() -> None:
    operations = library.load("sendgrid").operations().values()
    found = {operation.id for operation in operations if "/stats" in operation.path}
    elsewhere = {name for name in found if "automation" in name or "singlesend" in name or "parse" in name}
    assert found - elsewhere == set(OPERATIONS) - {"GET_categories"}
