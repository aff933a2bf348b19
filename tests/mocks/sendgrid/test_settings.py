"""The record of an account's settings."""

from __future__ import annotations

from mocks.sendgrid import settings
from tests.harness import Harness


async def test_an_account_has_those_settings_that_it_changed(sendgrid: Harness) -> None:
    state = (await sendgrid.store()).begin("sendgrid")
    assert await settings.read(state) == {}
    await settings.change(state, "footer", {"enabled": True})
    await settings.change(state, "open", {"enabled": False})
    found = await settings.read(state)
    await state.commit()
    assert found == {"footer": {"enabled": True}, "open": {"enabled": False}}
    assert settings.enabled(found, "footer") == {"enabled": True}
    assert settings.enabled(found, "open") is None
    assert settings.enabled(found, "click") is None
