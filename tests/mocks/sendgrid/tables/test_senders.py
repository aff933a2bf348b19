"""The table holds every operation on senders and their domains."""

from __future__ import annotations

from contracts import library
from mocks.sendgrid.tables.senders import OPERATIONS


def test_nothing_of_it_is_left_to_the_generic_engine() -> None:
    prefixes = ("/v3/verified_senders", "/v3/senders", "/v3/marketing/senders", "/v3/whitelabel", "/v3/ips")
    operations = library.load("sendgrid").operations().values()
    assert {operation.id for operation in operations if operation.path.startswith(prefixes)} == set(OPERATIONS)
