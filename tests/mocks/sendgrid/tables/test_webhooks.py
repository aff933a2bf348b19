"""The table of webhooks."""

from __future__ import annotations

from mocks.sendgrid.service import SERVICE
from mocks.sendgrid.tables import webhooks


def test_every_operation_of_a_webhook_lives() -> None:
    known = {each.id for each in SERVICE.contract().operations().values() if each.path.startswith("/v3/user/webhooks/")}
    assert set(webhooks.OPERATIONS) == known
    assert webhooks.OPERATIONS.items() <= dict(SERVICE.operations).items()
