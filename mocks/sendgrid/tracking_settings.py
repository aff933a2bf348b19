"""Tracking settings of the account: which of its mails tell that they were opened, clicked or unsubscribed from.

https://www.twilio.com/docs/sendgrid/api-reference/settings-tracking (2026-11). Unlike a new account's at SendGrid
they are all off until they are switched on: an application's mails arrive as it wrote them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from mocks.base import Call, Handler, Record
from mocks.sendgrid import settings
from mocks.sendgrid.errors import Fault
from mocks.sendgrid.mail_settings import Setting, changing, retrieving, shown


def _subscription(sent: Mapping[str, Any]) -> Iterator[Fault]:
    if sent.get("url") and not sent["url"].startswith(("http://", "https://")):
        yield Fault("url must be a web address", "url")  # wording ours


#: The members of analytics and of subscription tracking are as Mail Send has them, the latter's under other names.
SETTINGS: Final[Mapping[str, Setting]] = {
    "click": Setting(
        "Click Tracking",
        "Overwrites every link to track every click in your emails.",
        {"enabled": False, "enable_text": False},
    ),
    "google_analytics": Setting(
        "Google Analytics",
        "Tracks your conversion rates and ROI with Google Analytics.",
        {
            "enabled": False,
            "utm_source": "",
            "utm_medium": "",
            "utm_term": "",
            "utm_content": "",
            "utm_campaign": "",
        },
    ),
    "open": Setting(
        "Open Tracking",
        "Appends an invisible image to HTML emails to track emails that have been opened.",
        {"enabled": False},
    ),
    "subscription": Setting(
        "Subscription Tracking",
        "Adds unsubscribe links to the bottom of the text and HTML emails.",
        {"enabled": False, "html_content": "", "plain_content": "", "landing": "", "replace": ""},
        _subscription,
        ("url",),
    ),
}


async def list_all(call: Call) -> Record:
    """All settings by name, and whether each is on."""
    return {"result": shown(await settings.read(call.state), SETTINGS)}


OPERATIONS: Final[Mapping[str, Handler]] = {
    "GET_tracking_settings": list_all,
    **{f"GET_tracking_settings-{name}": retrieving(name, one) for name, one in SETTINGS.items()},
    **{f"PATCH_tracking_settings-{name}": changing(name, one) for name, one in SETTINGS.items()},
}
