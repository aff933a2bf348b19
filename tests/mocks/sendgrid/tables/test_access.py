"""The table holds every operation on who may do what."""

from __future__ import annotations

from contracts import library
from mocks.sendgrid.tables.access import OPERATIONS

PREFIXES = (
    "/v3/access_settings",
    "/v3/alerts",
    "/v3/api_keys",
    "/v3/partner_settings",
    "/v3/scopes",
    "/v3/sso",
    "/v3/subusers",
    "/v3/teammates",
    "/v3/user/account",
    "/v3/user/credits",
    "/v3/user/email",
    "/v3/user/password",
    "/v3/user/profile",
    "/v3/user/settings",
    "/v3/user/username",
)


def test_nothing_of_it_is_left_to_the_generic_engine() -> None:
    operations = library.load("sendgrid").operations()
    found = {operation.id for operation in operations.values() if operation.path.startswith(PREFIXES)}
    assert {operation for operation in found if "stats" not in operation} <= set(OPERATIONS)
    assert set(OPERATIONS) <= set(operations)
