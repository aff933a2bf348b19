"""Settings for partners."""

from __future__ import annotations

from tests.harness import Harness, value

PATH = "/v3/partner_settings"


async def test_new_relic_is_off_until_it_is_on(sendgrid: Harness) -> None:
    usual = {"enabled": False, "license_key": "", "enable_subuser_statistics": False}
    assert value(await sendgrid.call("GET", f"{PATH}/new_relic")) == usual
    [listed] = value(await sendgrid.call("GET", PATH))["result"]
    assert (listed["name"], listed["title"], listed["enabled"]) == ("new_relic", "New Relic", False)
    sent = {"enabled": True, "license_key": "abc"}
    assert value(await sendgrid.call("PATCH", f"{PATH}/new_relic", json=sent)) == {**usual, **sent}
    assert value(await sendgrid.call("GET", PATH))["result"][0]["enabled"] is True
    assert (await sendgrid.call("PATCH", f"{PATH}/new_relic", json={"enabled": "yes"})).status == 400
