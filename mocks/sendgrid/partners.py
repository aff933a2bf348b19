"""Settings for partners of SendGrid's, of which there is one: New Relic. They are kept, and nothing is sent there.

https://www.twilio.com/docs/sendgrid/api-reference/settings-partner (2026-11).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from mocks.base import Call, Handler, Record
from mocks.sendgrid import settings
from mocks.sendgrid.mail_settings import Setting, changing, retrieving, shown

SETTINGS: Final[Mapping[str, Setting]] = {
    "new_relic": Setting(
        "New Relic",
        "Sends your email statistics to your New Relic Dashboard.",
        {"enabled": False, "license_key": "", "enable_subuser_statistics": False},
    ),
}


async def list_all(call: Call) -> Record:
    """All partners, and whether each is on."""
    return {"result": shown(await settings.read(call.state), SETTINGS)}


OPERATIONS: Final[Mapping[str, Handler]] = {
    "GET_partner_settings": list_all,
    **{f"GET_partner_settings-{name}": retrieving(name, one) for name, one in SETTINGS.items()},
    **{f"PATCH_partner_settings-{name}": changing(name, one) for name, one in SETTINGS.items()},
}
