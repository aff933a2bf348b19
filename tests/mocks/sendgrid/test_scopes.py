"""The scopes of the key that asks."""

from __future__ import annotations

from mocks.sendgrid.scopes import FULL_ACCESS
from tests.harness import Harness, value
from tests.mocks.sendgrid.test_subusers import behalf, subuser


async def test_the_brokers_key_may_do_everything(sendgrid: Harness) -> None:
    assert value(await sendgrid.call("GET", "/v3/scopes")) == {"scopes": list(FULL_ACCESS)}


async def test_a_subuser_has_none_that_are_its_parents(sendgrid: Harness) -> None:
    await subuser(sendgrid)
    found = value(await sendgrid.call("GET", "/v3/scopes", headers=behalf("ada")))["scopes"]
    assert "mail.send" in found
    assert not [scope for scope in found if scope.startswith(("subusers.", "teammates.", "sso."))]


def test_scopes_are_distinct_and_leave_billing_out() -> None:
    assert len(set(FULL_ACCESS)) == len(FULL_ACCESS)
    assert {"mail.send", "templates.versions.activate.create", "user.profile.read"} <= set(FULL_ACCESS)
    assert not any(scope.startswith("billing") for scope in FULL_ACCESS)
