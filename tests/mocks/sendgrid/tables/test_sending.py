"""The table holds every operation on mail and its settings."""

from __future__ import annotations

from contracts import library
from mocks.sendgrid.tables.sending import OPERATIONS


def test_nothing_of_it_is_left_to_the_generic_engine() -> None:
    operations = library.load("sendgrid").operations().values()
    prefixes = ("/v3/mail/", "/v3/mail_settings", "/v3/tracking_settings", "/v3/user/scheduled_sends")
    assert set(OPERATIONS) == {operation.id for operation in operations if operation.path.startswith(prefixes)}
